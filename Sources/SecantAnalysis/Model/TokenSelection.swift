import SecantCheckpoints

/// The tokens of a prompt to which a costly question applies.
public enum TokenSelection: Hashable, Sendable {
  /// As many as fit the time that a person waits, largest shares first.
  case auto
  /// None.
  case none
  /// Every token up to the analyzed position.
  case all
  /// A number of tokens, those with the largest shares.
  case top(Int)
  /// The tokens at these positions.
  case positions([Int])

  /// A selection from its spelling on the command line: `auto`, `none`, `all`, `top:3` or `0,5,9`.
  public init?(_ spelling: String) {
    switch spelling {
    case "auto": self = .auto
    case "none": self = .none
    case "all": self = .all
    default:
      if spelling.hasPrefix("top:") {
        guard let count = Int(spelling.dropFirst(4)), count >= 0 else { return nil }
        self = .top(count)
      } else {
        let parts = spelling.split(separator: ",", omittingEmptySubsequences: false)
        let positions = parts.compactMap { Int($0) }
        guard positions.count == parts.count, positions.allSatisfy({ $0 >= 0 }) else { return nil }
        self = .positions(positions)
      }
    }
  }

  /// The chosen positions, ascending.
  ///
  /// - Parameters:
  ///   - shares: Each token's share; its magnitude counts.
  ///   - automatic: The choice of `auto` among the positions, which come in order of their shares,
  ///     largest first.
  /// - Returns: Positions without repetition.
  /// - Throws: A selected position without a share.
  func chosen(
    by shares: [Double], automatic: (_ byShare: [Int]) -> [Int]
  ) throws(InputError) -> [Int] {
    let byShare = shares.indices.sorted {
      let (a, b) = (abs(shares[$0]), abs(shares[$1]))
      return a != b ? a > b : $0 < $1
    }
    switch self {
    case .auto: return automatic(byShare).sorted()
    case .none: return []
    case .all: return Array(shares.indices)
    case .top(let count): return byShare.prefix(count).sorted()
    case .positions(let positions):
      if let wrong = positions.first(where: { !shares.indices.contains($0) }) {
        throw InputError(
          .invalid, subject: "the selected position \(wrong)",
          expected: "one up to the analyzed position, 0...\(shares.count - 1)",
          found: "\(wrong)", remedy: "choose tokens that reach the analyzed position")
      }
      return Set(positions).sorted()
    }
  }
}
