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
    /// The space of a token's directions; nil where none was asked for.
    package var subspace: Subspace?
    /// What the item's ledger gives to the head, in logits; nil where no head was asked for.
    package var value: Double?

    /// An item, as a place that matches.
    package init(item: Int, source: String, line: Int, text: String?, prediction: String?) {
      self.item = item
      self.source = source
      self.line = line
      self.text = text
      self.prediction = prediction
    }
  }

  /// The space that the leading directions of a token's map span, beside the space that was asked for.
  package struct Subspace: Codable, Hashable, Sendable {
    /// "left" for what the map writes, "right" for what it reads.
    package let side: String
    /// The token's position.
    package let position: Int
    /// The token's text.
    package let token: String
    /// The number of directions.
    package let dimension: Int
    /// The mean cos² of the principal angles, from 0 to 1.
    package let overlap: Double
    /// The same of two random spaces of these dimensions, on average.
    package let randomOverlap: Double
    /// The principal angles in degrees, smallest first; as many as the smaller space has dimensions.
    package let angles: [Double]
    /// The tokens that the first direction decodes to, best first.
    package let words: [String]

    /// Describes a space.
    package init(
      side: String, position: Int, token: String, dimension: Int, overlap: Double,
      randomOverlap: Double, angles: [Double], words: [String]
    ) {
      self.side = side
      self.position = position
      self.token = token
      self.dimension = dimension
      self.overlap = overlap
      self.randomOverlap = randomOverlap
      self.angles = angles
      self.words = words
    }

    /// The name by which `--like` takes it.
    package func name(of item: Int) -> String { "\(item):\(position)" }
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

    /// Describes a direction.
    package init(
      side: String, position: Int, token: String, rank: Int, sigma: Double, words: [String],
      cosine: Double?
    ) {
      self.side = side
      self.position = position
      self.token = token
      self.rank = rank
      self.sigma = sigma
      self.words = words
      self.cosine = cosine
    }

    /// The name by which `--like` takes it.
    package func name(of item: Int) -> String { "\(item):\(position):\(rank)" }
  }
}
