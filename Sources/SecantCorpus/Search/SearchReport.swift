package import SecantReports

/// What a search of a merged corpus found.
package struct SearchReport: Report {
  /// Version 1 of "secant.search".
  package static let schema = ReportSchema(name: "secant.search", version: 1)

  /// The folder as the user named it.
  package let run: String
  /// What was looked for, in words.
  package let query: String
  /// The number of places that match, those that are not listed included.
  package let count: Int
  /// The best of them, best first.
  package let matches: [Match]

  package init(run: String, query: String, count: Int, matches: [Match]) {
    (self.run, self.query, self.count, self.matches) = (run, query, count, matches)
  }

  /// One place.
  package struct Match: Codable, Hashable, Sendable {
    /// The item's number, from 0.
    package let item: Int
    /// The name of its file.
    package let source: String
    /// The line on which it begins, from 1.
    package let line: Int
    /// Its prompt.
    package let text: String?
    /// The likeliest next token after the prompt.
    package let prediction: String?
    /// The direction; nil where the whole item matches.
    package var direction: Direction?
    /// What the item's ledger gives to the head, in logits; nil where no head was asked for.
    package var value: Double?
  }

  /// A singular direction of a token's map.
  package struct Direction: Codable, Hashable, Sendable {
    /// "left" for what the map writes, "right" for what it reads.
    package let side: String
    /// The token's position.
    package let position: Int
    /// The token's text.
    package let token: String
    /// k: the direction's place among those of the map, from 0.
    package let rank: Int
    /// Its singular value.
    package let sigma: Double
    /// The tokens that it decodes to, best first.
    package let words: [String]
    /// |cos| with the direction that was asked for; nil where none was.
    package let cosine: Double?

    /// The name by which `--like` takes it.
    package func name(of item: Int) -> String { "\(item):\(position):\(rank)" }
  }
}
