/// What is looked for in a merged corpus.
package enum CorpusQuery: Hashable, Sendable {
  /// Directions that decode to all of these words.
  case words(String, Side?)
  /// Directions that decode to a token: its text, with or without a space before it, or `#id`.
  case token(String, Side?)
  /// The directions that are nearest to one by |cos|.
  case like(DirectionName, Side)
  /// The tokens whose leading directions span the nearest space to that of a token's, by principal angles.
  case subspace(TokenName, Side)
  /// Prompts with all of these words.
  case prompts(String)
  /// Items whose ledger gives at least so much, in either direction, to the pattern of a head.
  case head(block: Int, head: Int, above: Double)

  /// A side of a singular triplet.
  package enum Side: String, CaseIterable, Sendable {
    /// What the map writes.
    case left
    /// What the map reads.
    case right
  }

  /// A direction: `item:position:rank`.
  package struct DirectionName: Hashable, Sendable {
    /// The item's number.
    package let item: Int
    /// The token's position.
    package let position: Int
    /// The direction's place among those of the map, from 0.
    package let rank: Int

    /// Reads a name such as `17:4:0`; nil where the text is none.
    package init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 3, let item = parts[0], let position = parts[1], let rank = parts[2],
        item >= 0, position >= 0, rank >= 0
      else { return nil }
      (self.item, self.position, self.rank) = (item, position, rank)
    }

    /// The name.
    package var description: String { "\(item):\(position):\(rank)" }
  }

  /// A token of an item: `item:position`.
  package struct TokenName: Hashable, Sendable {
    /// The item's number.
    package let item: Int
    /// The token's position.
    package let position: Int

    /// Reads a name such as `17:4`; nil where the text is none.
    package init?(_ text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.count == 2, let item = parts[0], let position = parts[1], item >= 0,
        position >= 0
      else { return nil }
      (self.item, self.position) = (item, position)
    }

    /// The name.
    package var description: String { "\(item):\(position)" }
  }

  /// The query in words.
  var description: String {
    func of(_ side: Side?) -> String { side.map { "\($0.rawValue) directions" } ?? "directions" }
    return switch self {
    case .words(let words, let side): "\(of(side)) that decode to \(words)"
    case .token(let token, let side): "\(of(side)) that decode to the token \(token)"
    case .like(let name, let side): "\(of(side)) like \(name.description)"
    case .subspace(let name, let side):
      "tokens whose \(side.rawValue) directions span a space like that of \(name.description)"
    case .prompts(let words): "prompts with \(words)"
    case .head(let block, let head, let above):
      "items whose ledger gives head \(block).\(head) at least \(above)"
    }
  }
}
