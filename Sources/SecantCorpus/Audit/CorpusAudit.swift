import Foundation
import GRDB
package import SecantAnalysis
package import SecantCheckpoints
import SecantDecoders
package import SecantOperators
package import SecantReports

/// A merged corpus whose directions are tested for the words of a list.
package struct CorpusAudit {
  private let folder: RunFolder
  private let name: String
  private let store: CorpusStore
  /// What the run is of.
  package let manifest: RunManifest

  /// Opens the database of a run, which is only read.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - name: What the user calls it.
  /// - Throws: `InputError` where there is no run, or it has not been merged.
  package init(of folder: RunFolder, name: String) throws(InputError) {
    self.folder = folder
    self.name = name
    manifest = try folder.manifest()
    store = try CorpusStore(of: folder, name: name)
  }

  /// What the work does at the moment.
  package enum Stage: Sendable {
    /// Random directions are decoded.
    case randomDirections
    /// Directions are taken away.
    case ablation
  }

  /// Tests every direction of a side.
  ///
  /// Costs 2·samples·V·d operations for random directions, and for each item with ablated directions the frozen map
  /// and some forward passes.
  ///
  /// - Parameters:
  ///   - model: The model of the run.
  ///   - options: The list and the samples.
  ///   - progress: Told what is being done, and how much of it is done, from 0 to 1.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: `InputError` where the model is another one, the run has no directions, or the model has none of the
  ///   words.
  package func report<S: Scalar>(
    _ model: Model<S>, _ options: AuditOptions,
    progress: (Stage, _ fraction: Double) -> Void = { _, _ in }
  ) throws(InputError) -> AuditReport {
    guard model.identity.fingerprint == manifest.modelFingerprint else {
      throw InputError(
        .mismatched, file: name, subject: "the model",
        expected:
          "that of the run, \(manifest.modelName) (\(manifest.modelFingerprint.prefix(19)))",
        found: "\(model.name) (\(model.identity.fingerprint.prefix(19)))",
        remedy: "name the model of the run with --model")
    }
    let vocabulary = Vocabulary(model)
    let known = options.list.words.compactMap { vocabulary.number(of: $0) }
    guard !known.isEmpty else {
      throw InputError(
        .invalid, file: options.list.name, subject: "the list of words",
        expected: "a word that one token of the model spells",
        found: "none among \(options.list.words.count)", remedy: "give words that are more usual")
    }
    let directions = try store.read { try Self.directions($0, options.side) }
    guard let first = directions.first else {
      throw InputError(
        .invalid, file: name, subject: "the run", expected: "directions that are decoded",
        found: "none", remedy: "scan with --ask spectra, and merge")
    }
    let decodedCount = directions.reduce(first.tokens.count) { max($0, $1.tokens.count) }
    let samples = options.settledSamples(for: directions.count)
    progress(.randomDirections, 0)
    let random = model.decodedRandomDirections(
      samples, isWritten: options.side == .left, decodedCount: decodedCount,
      seed: options.seed
    ) { progress(.randomDirections, Double($0) / Double(samples)) }
    func words(_ tokens: [Int]) -> [Int] { tokens.compactMap { vocabulary.wordOfToken[$0] } }
    let test = ListTest(
      directions.map { words($0.tokens) }, known, random: random.map(words), vocabulary,
      samples: samples, seed: options.seed &+ 1)

    let listed = Set(known)
    let tokens = Set(
      vocabulary.wordOfToken.indices.filter { token in
        vocabulary.wordOfToken[token].map(listed.contains) == true
      })
    let order = directions.indices.filter { test.outcomes[$0].count > 0 }.sorted {
      Self.precedes(
        (test.outcomes[$0], directions[$0].sigma, $0),
        (test.outcomes[$1], directions[$1].sigma, $1))
    }
    var described = try store.read { database in
      try order.map { try describe(database, directions[$0], test.outcomes[$0], tokens) }
    }
    let chosen = Array(
      order.indices.filter { described[$0].q < options.level }.prefix(options.ablations))
    let ablations = try ablations(
      of: chosen.map { directions[order[$0]] }, model, tokens.sorted(), options
    ) {
      progress(.ablation, $0)
    }
    for (index, ablation) in zip(chosen, ablations) { described[index].ablation = ablation }
    return report(
      model, options, vocabulary, tokens, directions, described, test, decodedCount, samples)
  }

  /// Smaller p first, then more words, then the larger singular value.
  private static func precedes(
    _ a: (outcome: ListTest.Outcome, sigma: Double, index: Int),
    _ b: (outcome: ListTest.Outcome, sigma: Double, index: Int)
  ) -> Bool {
    let p = (
      max(a.outcome.pRandom, a.outcome.pShuffled), max(b.outcome.pRandom, b.outcome.pShuffled)
    )
    if p.0 != p.1 { return p.0 < p.1 }
    if a.outcome.count != b.outcome.count { return a.outcome.count > b.outcome.count }
    return a.sigma != b.sigma ? a.sigma > b.sigma : a.index < b.index
  }

  private func report<S: Scalar>(
    _ model: Model<S>, _ options: AuditOptions, _ vocabulary: Vocabulary, _ tokens: Set<Int>,
    _ directions: [StoredDirection], _ described: [AuditReport.Direction], _ test: ListTest,
    _ decodedCount: Int, _ samples: Int
  ) -> AuditReport {
    let counts = test.shuffledCounts
    let smallestQ = min(1, Double(directions.count) / Double(1 + samples))
    var notes: [String] = []
    if smallestQ >= options.level {
      notes.append(
        "With \(samples) samples q of a single direction is "
          + String(format: "%.2g", smallestQ)
          + " at least: only several directions together can be found. More --samples find one.")
    }
    return AuditReport(
      run: name, model: model.identity, secantVersion: SecantVersion.current,
      commandLine: options.commandLine,
      list: .init(
        name: options.list.name, words: options.list.words,
        unknown: options.list.words.filter { vocabulary.number(of: $0) == nil },
        tokenCount: tokens.count), side: options.side.rawValue,
      items: Set(directions.map(\.item)).count, directionCount: directions.count,
      decodedCount: decodedCount, samples: samples, seed: options.seed,
      level: options.level, smallestQ: smallestQ,
      overall: .init(
        count: described.count,
        shuffledMean: Double(counts.reduce(0, +)) / Double(max(1, counts.count)),
        shuffledHigh: counts.isEmpty ? 0 : counts[(counts.count * 19 - 1) / 20],
        p: Double(1 + counts.count { $0 >= described.count }) / Double(1 + samples),
        randomMean: test.randomFraction * Double(directions.count)),
      directions: described, notes: notes)
  }

  // MARK: - The store

  /// A direction as the store has it.
  struct StoredDirection {
    let triplet: Int
    let item: Int
    let position: Int
    let rank: Int
    let sigma: Double
    /// The row of v_k, which the map reads.
    let rightRow: Int
    /// What the direction decodes to, best first.
    var tokens: [Int] = []
    var texts: [String] = []
  }

  private static func directions(
    _ database: Database, _ side: CorpusQuery.Side
  ) throws -> [StoredDirection] {
    var directions: [StoredDirection] = []
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT words.triplet, item, position, triplets.rank, sigma, right_row, token, text
        FROM words JOIN triplets ON triplets.triplet = words.triplet
        WHERE side = ? ORDER BY words.triplet, words.rank
        """, arguments: [side.rawValue])
    while let row = try rows.next() {
      let triplet: Int = row["triplet"]
      if directions.last?.triplet != triplet {
        directions.append(
          StoredDirection(
            triplet: triplet, item: row["item"], position: row["position"], rank: row["rank"],
            sigma: row["sigma"], rightRow: row["right_row"]))
      }
      directions[directions.count - 1].tokens.append(row["token"])
      directions[directions.count - 1].texts.append(row["text"])
    }
    return directions
  }

  private func describe(
    _ database: Database, _ direction: StoredDirection, _ outcome: ListTest.Outcome,
    _ listed: Set<Int>
  ) throws -> AuditReport.Direction {
    /// The words of the list in a table of tokens, each once, in its order.
    func found(_ table: String, _ order: String) throws -> [String] {
      let rows = try Row.fetchAll(
        database, sql: "SELECT token, text FROM \(table) WHERE item = ? ORDER BY \(order)",
        arguments: [direction.item])
      return rows.filter { listed.contains($0["token"]) }.map { ($0["text"] as String).word }
        .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    let item = try Row.fetchOne(
      database,
      sql: """
        SELECT items.text, shares.text AS token FROM items
        LEFT JOIN shares ON shares.item = items.item AND position = ? WHERE items.item = ?
        """, arguments: [direction.position, direction.item])
    return AuditReport.Direction(
      item: direction.item, text: item?["text"] ?? "", position: direction.position,
      token: item?["token"] ?? "", rank: direction.rank, sigma: direction.sigma,
      words: zip(direction.tokens, direction.texts).map {
        .init(text: $1, isListed: listed.contains($0))
      }, pRandom: outcome.pRandom, pShuffled: outcome.pShuffled, q: outcome.q,
      prompted: try found("shares", "position"), predicted: try found("predictions", "rank"))
  }

  // MARK: - Ablations

  /// What the model says without each of some directions, in order.
  private func ablations<S: Scalar>(
    of directions: [StoredDirection], _ model: Model<S>, _ words: [Int],
    _ options: AuditOptions, progress: (Double) -> Void
  ) throws(InputError) -> [AuditReport.Ablation] {
    if directions.isEmpty { return [] }
    let vectors = try VectorFile(at: folder.vectorsURL)
    var found: [Int: AuditReport.Ablation] = [:]
    let items = Set(directions.map(\.item)).sorted()
    for (done, item) in items.enumerated() {
      progress(Double(done) / Double(items.count))
      let own = directions.filter { $0.item == item }
      let (text, explanation) = try question(of: item, options)
      let outcomes = try model.removing(
        own.map { direction in
          VectorPart(
            position: direction.position,
            along: vectors.values(direction.rightRow..<direction.rightRow + 1).map { S($0) })
        }, from: .text(text), words: words, controls: options.controls, explanation)
      for (direction, outcome) in zip(own, outcomes) {
        found[direction.triplet] = AuditReport.Ablation(outcome)
      }
    }
    return directions.compactMap { found[$0.triplet] }
  }

  /// The prompt of an item, and its target and gate rule as the run has them.
  private func question(
    of item: Int, _ options: AuditOptions
  ) throws(InputError) -> (text: String, ExplanationOptions) {
    let (text, fields) = try store.read { database in
      let row = try Row.fetchOne(
        database, sql: "SELECT text, fields FROM items WHERE item = ?", arguments: [item])
      return (row?["text"] as String? ?? "", row?["fields"] as String? ?? "{}")
    }
    var explanation = ExplanationOptions()
    explanation.seed = options.seed
    if let gate = manifest.options["--gate"].flatMap({ GateRule(rawValue: $0) }) {
      explanation.gate = gate
    }
    if let field = manifest.options["--target-field"],
      case .string(let target)? = try JSON(parsing: Array(fields.utf8), file: name)[field]
    {
      explanation.target = .init(target)
    }
    return (text, explanation)
  }
}

extension AuditReport.Ablation {
  /// What was measured, as reports have it.
  fileprivate init(_ outcome: RemovalOutcome) {
    func change(_ change: RemovalOutcome.Change) -> AuditReport.Change {
      .init(before: change.before, predicted: change.predicted, measured: change.measured)
    }
    self.init(
      part: outcome.part, probability: change(outcome.probability),
      control: outcome.controls.map { abs($0 - outcome.probability.before) }.max() ?? 0,
      controls: outcome.controls.count, target: outcome.targetLabel,
      targetLogit: change(outcome.target), prediction: outcome.prediction.before.text,
      predictionWithout: outcome.prediction.after.text)
  }
}
