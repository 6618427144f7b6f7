/// A compiled regular expression over UTF-8, with Oniguruma's leftmost, first-branch semantics.
///
/// Tokenizers split text by a handful of such expressions. Only single scalars repeat, so matching
/// is a walk over a graph without cycles; the cost of an adversarial expression is bounded
/// by a count of steps.
struct RegularExpression: Sendable {
  private enum Kind: Sendable { case accept, run, choice, lookahead }

  private struct Node: Sendable {
    var kind: Kind
    /// The index of a run's set, of a choice's first branch, or of a lookahead's content.
    var operand = 0
    /// Choice: the number of branches.
    var count = 0
    var minimum = 0
    var maximum = 0
    var isNegative = false
    /// The node that follows; unused by choices, whose branches know what follows.
    var next = 0
  }

  private var nodes = [Node(kind: .accept)]
  private var branches: [Int] = []
  private var sets: [ScalarSet] = []
  private var start = 0

  init(_ pattern: String) throws(RegularExpressionError) {
    var parser = RegularExpressionParser(pattern)
    start = compile(try parser.tree(), next: 0)
    guard nodes.count <= Self.maximumNodes else {
      throw RegularExpressionError(part: "more than \(Self.maximumNodes) elements")
    }
  }

  /// Bounds the stack, as matching recurses over nodes; real expressions have under 50.
  private static let maximumNodes = 500

  private mutating func compile(_ tree: RegularExpressionTree, next: Int) -> Int {
    switch tree {
    case .run(let set, let minimum, let maximum):
      sets.append(set)
      return append(
        Node(
          kind: .run, operand: sets.count - 1, minimum: minimum, maximum: maximum, next: next))
    case .sequence(let parts):
      return parts.reversed().reduce(next) { compile($1, next: $0) }
    case .choice(let trees):
      return choice(of: trees.map { compile($0, next: next) })
    case .optional(let content):
      return choice(of: [compile(content, next: next), next])
    case .lookahead(let content, let isNegative):
      let inner = compile(content, next: 0)
      return append(
        Node(kind: .lookahead, operand: inner, isNegative: isNegative, next: next))
    }
  }

  private mutating func choice(of targets: [Int]) -> Int {
    branches += targets
    return append(
      Node(kind: .choice, operand: branches.count - targets.count, count: targets.count))
  }

  private mutating func append(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  /// Calls `body` with every match in the range, from left to right, none overlapping.
  ///
  /// - Parameters:
  ///   - text: Valid UTF-8.
  ///   - range: Where to look, on scalar boundaries; lookaheads see nothing beyond it.
  ///   - body: Takes one match, never empty.
  /// - Returns: False where the expression was abandoned because it backtracks too much.
  func forEachMatch(
    in text: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) -> Bool {
    var budget = Self.steps(forBytes: range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      if let end = match(start, at: position, before: range.upperBound, text, &budget) {
        body(position..<end)
        position = end
      } else {
        guard budget > 0 else { return false }
        position += UTF8Scalar.length(atLead: text[position])
      }
    }
    return budget > 0
  }

  /// Real expressions take under ten steps a byte, hostile ones any power of the length.
  private static func steps(forBytes count: Int) -> Int { 65_536 + 256 * count }

  private func match(
    _ node: Int, at start: Int, before end: Int, _ text: Span<UInt8>, _ budget: inout Int
  ) -> Int? {
    var node = nodes[node]
    var position = start
    while true {
      budget -= 1
      guard budget > 0 else { return nil }
      switch node.kind {
      case .accept:
        return position
      case .run:
        var count = 0
        let lower = position
        while count < node.maximum, position < end {
          let scalar = UTF8Scalar(text, at: position)
          guard sets[node.operand].contains(scalar.value) else { break }
          position += scalar.length
          count += 1
        }
        budget -= count
        guard count >= node.minimum else { return nil }
        if count > node.minimum, node.next != 0 {
          while count > node.minimum {
            if let found = match(node.next, at: position, before: end, text, &budget) {
              return found
            }
            repeat { position -= 1 } while position > lower && text[position] & 0xc0 == 0x80
            count -= 1
          }
        }
        node = nodes[node.next]
      case .choice:
        for branch in branches[node.operand..<node.operand + node.count - 1] {
          if let found = match(branch, at: position, before: end, text, &budget) { return found }
        }
        node = nodes[branches[node.operand + node.count - 1]]
      case .lookahead:
        let isMatch = match(node.operand, at: position, before: end, text, &budget) != nil
        guard isMatch != node.isNegative else { return nil }
        node = nodes[node.next]
      }
    }
  }
}

/// One scalar of valid UTF-8.
struct UTF8Scalar {
  let value: UInt32
  let length: Int

  /// The scalar whose first byte is at that position.
  init(_ text: Span<UInt8>, at position: Int) {
    let lead = text[position]
    if lead < 0x80 {
      value = UInt32(lead)
      length = 1
      return
    }
    length = Self.length(atLead: lead)
    precondition(position + length <= text.count, "text is cut within a scalar")
    var value = UInt32(lead) & (0x7f >> UInt32(length))
    for offset in 1..<length { value = value << 6 | UInt32(text[position + offset] & 0x3f) }
    self.value = value
  }

  static func length(atLead lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  }
}
