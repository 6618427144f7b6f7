/// Which directions of a corpus carry the words of a list, more than chance does.
///
/// A direction is a singular vector of a token's map, decoded to a few tokens. Its count is the number of these tokens
/// that are words of the list. Chance is measured twice: by random directions, decoded in the same way, and by shuffled
/// lists, in which each word is replaced by another one of its kind.
package struct AuditReport: Report {
  /// Version 1 of "secant.audit".
  package static let schema = ReportSchema(name: "secant.audit", version: 1)

  /// The folder as the user named it.
  package let run: String
  /// The model of the run.
  package let model: ModelIdentity
  /// The version of Secant.
  package let secantVersion: String
  /// The command's arguments; nil where the library was called.
  package let commandLine: [String]?
  /// The words.
  package let list: List
  /// "left" for what maps write, "right" for what they read.
  package let side: String
  /// The items that have directions.
  package let items: Int
  /// The directions that were tested.
  package let directionCount: Int
  /// The tokens that each direction is decoded to.
  package let decodedCount: Int
  /// Random directions, and shuffled lists as many.
  package let samples: Int
  /// The seed of both.
  package let seed: UInt64
  /// The false discovery rate below which a direction is found.
  package let level: Double
  /// q of a single direction that no sample reaches; where it is not below `level`, one alone cannot be found.
  package let smallestQ: Double
  /// The directions that have any of the words, beside chance.
  package let overall: Overall
  /// The directions with q below `level`.
  package let foundCount: Int
  /// The directions that have any of the words, smallest p first.
  package let directions: [Direction]
  /// Caveats about the numbers, one sentence each.
  package let notes: [String]

  /// Gathers the parts of an audit.
  package init(
    run: String, model: ModelIdentity, secantVersion: String, commandLine: [String]?, list: List,
    side: String, items: Int, directionCount: Int, decodedCount: Int, samples: Int, seed: UInt64,
    level: Double, smallestQ: Double, overall: Overall, directions: [Direction], notes: [String]
  ) {
    self.run = run
    self.model = model
    self.secantVersion = secantVersion
    self.commandLine = commandLine
    self.list = list
    self.side = side
    self.items = items
    self.directionCount = directionCount
    self.decodedCount = decodedCount
    self.samples = samples
    self.seed = seed
    self.level = level
    self.smallestQ = smallestQ
    self.overall = overall
    foundCount = directions.count { $0.q < level }
    self.directions = directions
    self.notes = notes
  }

  /// The directions with q below `level`, smallest p first.
  package var found: [Direction] { directions.filter { $0.q < level } }

  /// The found directions whose item's prompt and predictions have none of the words.
  package var hiddenCount: Int {
    found.count { $0.prompted.isEmpty && $0.predicted.isEmpty }
  }

  /// A list of words.
  package struct List: Codable, Hashable, Sendable {
    /// Its name, or the file as the user named it.
    package let name: String
    /// Its words in lower case, in the order of the list.
    package let words: [String]
    /// Those that no token of the model spells: no direction can decode to them.
    package let unknown: [String]
    /// The tokens that spell the others.
    package let tokenCount: Int

    /// Describes a list.
    package init(name: String, words: [String], unknown: [String], tokenCount: Int) {
      (self.name, self.words, self.unknown) = (name, words, unknown)
      self.tokenCount = tokenCount
    }
  }

  /// Directions with at least one word of the list.
  package struct Overall: Codable, Hashable, Sendable {
    /// Their number.
    package let count: Int
    /// The mean number with at least one word of a shuffled list.
    package let shuffledMean: Double
    /// The number that 95 % of shuffled lists do not exceed.
    package let shuffledHigh: Int
    /// (1 + shuffled lists that reach the number) / (1 + shuffled lists).
    package let p: Double
    /// The number that is expected of as many random directions.
    package let randomMean: Double

    /// Sets a number beside chance.
    package init(
      count: Int, shuffledMean: Double, shuffledHigh: Int, p: Double, randomMean: Double
    ) {
      self.count = count
      self.shuffledMean = shuffledMean
      self.shuffledHigh = shuffledHigh
      self.p = p
      self.randomMean = randomMean
    }
  }

  /// A token that a direction decodes to.
  package struct Word: Codable, Hashable, Sendable {
    /// Its text.
    package let text: String
    /// Whether it is a word of the list.
    package let isListed: Bool

    /// Names a token.
    package init(text: String, isListed: Bool) { (self.text, self.isListed) = (text, isListed) }
  }

  /// One direction with words of the list.
  package struct Direction: Codable, Hashable, Sendable {
    /// The item's number, from 0.
    package let item: Int
    /// The item's prompt.
    package let text: String
    /// The position of the token whose map has the direction.
    package let position: Int
    /// The token's text.
    package let token: String
    /// The direction's place among those of the map, from 0.
    package let rank: Int
    /// Its singular value.
    package let sigma: Double
    /// The tokens that it decodes to, best first.
    package let words: [Word]
    /// The number of them that are words of the list.
    package let count: Int
    /// (1 + random directions that reach the count) / (1 + random directions).
    package let pRandom: Double
    /// (1 + shuffled lists that reach the count) / (1 + shuffled lists).
    package let pShuffled: Double
    /// The larger of both: what it takes to differ from either.
    package let p: Double
    /// The false discovery rate by Benjamini and Hochberg, over all directions that were tested.
    package let q: Double
    /// Words of the list among the prompt's tokens.
    package let prompted: [String]
    /// Words of the list among the item's ten likeliest next tokens.
    package let predicted: [String]
    /// What the model says without the direction; nil where that was not measured.
    package var ablation: Ablation?

    /// Describes a direction.
    package init(
      item: Int, text: String, position: Int, token: String, rank: Int, sigma: Double,
      words: [Word], pRandom: Double, pShuffled: Double, q: Double, prompted: [String],
      predicted: [String], ablation: Ablation? = nil
    ) {
      self.item = item
      self.text = text
      self.position = position
      self.token = token
      self.rank = rank
      self.sigma = sigma
      self.words = words
      count = words.count { $0.isListed }
      self.pRandom = pRandom
      self.pShuffled = pShuffled
      p = max(pRandom, pShuffled)
      self.q = q
      self.prompted = prompted
      self.predicted = predicted
      self.ablation = ablation
    }

    /// The name by which `secant search --like` takes it.
    package var name: String { "\(item):\(position):\(rank)" }
  }

  /// What the model says where the token's vector has no part along the direction v_k that its map reads.
  package struct Ablation: Codable, Hashable, Sendable {
    /// The length of the part over that of the token's vector, from 0 to 1.
    package let part: Double
    /// The probability that the next token is a word of the list.
    package let probability: Change
    /// The largest change of that probability, in magnitude, where as long a part along a random direction is taken
    /// away.
    package let control: Double
    /// The number of these random directions.
    package let controls: Int
    /// The target of the item, such as " Paris - the".
    package let target: String
    /// The target, in logits.
    package let targetLogit: Change
    /// The likeliest next token with the direction.
    package let prediction: String
    /// The likeliest next token without it.
    package let predictionWithout: String

    /// Gathers what was measured.
    package init(
      part: Double, probability: Change, control: Double, controls: Int, target: String,
      targetLogit: Change, prediction: String, predictionWithout: String
    ) {
      self.part = part
      self.probability = probability
      self.control = control
      self.controls = controls
      self.target = target
      self.targetLogit = targetLogit
      self.prediction = prediction
      self.predictionWithout = predictionWithout
    }

    /// Whether the words' probability changes by more than by any of the random directions.
    package var isBeyondControl: Bool {
      abs(probability.measured - probability.before) > control
    }
  }

  /// A quantity with the direction, and without it.
  package struct Change: Codable, Hashable, Sendable {
    /// With it.
    package let before: Double
    /// Without it, as the frozen map predicts.
    package let predicted: Double
    /// Without it, in a forward pass with nothing frozen.
    package let measured: Double

    /// Sets a measurement beside its prediction.
    package init(before: Double, predicted: Double, measured: Double) {
      (self.before, self.predicted, self.measured) = (before, predicted, measured)
    }
  }
}
