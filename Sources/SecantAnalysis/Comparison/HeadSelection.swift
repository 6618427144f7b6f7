import SecantCheckpoints
import SecantDecoders

/// Attention heads that a question which costs more for each is asked of.
public enum HeadSelection: Hashable, Sendable {
  /// So many, those whose patterns' change gave most.
  case top(Int)
  /// These.
  case heads([Head])

  /// A head by its numbers.
  public struct Head: Hashable, Sendable {
    /// The block's number, from 0.
    public let block: Int
    /// The head's number in the block, from 0.
    public let head: Int

    /// Names a head.
    public init(block: Int, head: Int) { (self.block, self.head) = (block, head) }
  }

  /// A selection from its spelling on the command line: `top:3`, or `23.0,24.4`; nil where it is none.
  public init?(_ spelling: String) {
    if spelling.hasPrefix("top:") {
      guard let count = Int(spelling.dropFirst(4)), count > 0 else { return nil }
      self = .top(count)
      return
    }
    let parts = spelling.split(separator: ",", omittingEmptySubsequences: false)
    let heads = parts.compactMap { part -> Head? in
      let numbers = part.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      guard numbers.count == 2, let block = numbers[0], let head = numbers[1], block >= 0, head >= 0
      else { return nil }
      return Head(block: block, head: head)
    }
    guard heads.count == parts.count, !heads.isEmpty else { return nil }
    self = .heads(heads)
  }

  /// The heads by which an account is divided before it is known which gave most: none for `top`.
  var named: Set<Difference.Detail.Head> {
    guard case .heads(let heads) = self else { return [] }
    return Set(heads.map { .init(block: $0.block, head: $0.head) })
  }

  /// The heads of `top`, by the magnitude of what their patterns gave in the mean of both orders.
  ///
  /// - Parameters:
  ///   - account: The account.
  ///   - deltaBlocks: The blocks with delta networks, whose heads are not divided.
  /// - Returns: As many heads as were asked for, or all that count.
  func leading(
    in account: Difference, without deltaBlocks: Set<Int>
  ) -> Set<Difference.Detail.Head> {
    guard case .top(let count) = self else { return named }
    let heads = account.parts.filter { part in
      part.component.kind == .pattern && part.sum != 0
        && !(part.component.block.map(deltaBlocks.contains) ?? false)
    }
    let order = heads.indices.sorted {
      let (a, b) = (abs(heads[$0].sum), abs(heads[$1].sum))
      return a != b ? a > b : $0 < $1
    }
    return Set(
      order.prefix(count).compactMap { index -> Difference.Detail.Head? in
        guard case .head(let block, let head) = heads[index].component else { return nil }
        return .init(block: block, head: head)
      })
  }

  /// Refuses heads that a model does not have.
  ///
  /// - Throws: `InputError` with those that it has.
  func require(_ configuration: DecoderConfiguration) throws(InputError) {
    guard case .heads(let heads) = self else { return }
    let blocks = configuration.blockCount
    for head in heads {
      let name = "\(head.block).\(head.head)"
      let count =
        (0..<blocks).contains(head.block) ? configuration.headCount(ofBlock: head.block) : 0
      guard (0..<count).contains(head.head) else {
        let known = count == 0 ? "" : " and a head in 0...\(count - 1)"
        throw InputError(
          .invalid, subject: "head \(name)", expected: "a block in 0...\(blocks - 1)\(known)",
          found: name, remedy: "blocks and heads are counted from 0")
      }
      if configuration.blocks[head.block].delta != nil {
        throw InputError(
          .unsupported, subject: "the division of head \(name) into keys and queries",
          expected: "a head of attention", found: "one of a delta network",
          remedy: "name heads of other blocks; what the head gave as a whole is in the account")
      }
    }
  }
}
