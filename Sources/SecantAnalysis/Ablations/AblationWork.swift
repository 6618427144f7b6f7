import SecantCheckpoints
import SecantDecoders

/// What an ablation does, and its expected cost.
struct AblationWork: Sendable {
  let cost: CostModel
  let options: AblationOptions
  /// The named parts, with positions counted from 0.
  let named: [AblatedPart]

  /// The largest number of parts without a request.
  static let usualCount = 12
  /// The smallest number of parts, however long each takes.
  static let leastCount = 3

  /// The parts that are scaled.
  ///
  /// - Parameter wanted: All parts, the most wanted first.
  /// - Returns: The named parts; or the first of the others: as many as are asked for, or up to 12 whose runs
  ///   take some ten seconds, and at least 3.
  func chosen(among wanted: [AblatedPart]) -> [AblatedPart] {
    if !named.isEmpty { return named }
    if let count = options.count { return Array(wanted.prefix(count)) }
    var (chosen, left): ([AblatedPart], Double) = ([], Patience.long)
    for part in wanted.prefix(Self.usualCount) {
      left -= cost.passes(of: part) * pass
      if left < 0, chosen.count >= Self.leastCount { break }
      chosen.append(part)
    }
    return chosen
  }

  /// Whether fewer parts were chosen than there are, for the time that they take.
  func isCutShort(_ count: Int, of all: Int) -> Bool {
    named.isEmpty && options.count == nil && count < min(Self.usualCount, all)
  }

  /// The operations of a run of each factor from the beginning on.
  private var pass: Double {
    cost.forward.operations * Double(cost.positions) / Double(cost.scope.tokens)
      * Double(max(1, options.settledKeeps.count { $0 != 1 }))
  }

  /// The number of parts that are scaled; of those chosen by their shares, if each takes a whole pass.
  var expectedCount: Int {
    let fitting = Int(min(Patience.long / pass, Double(Self.usualCount)))
    return named.isEmpty ? options.count ?? max(Self.leastCount, fitting) : named.count
  }

  /// The tokens whose maps are decomposed, ascending.
  var decomposed: [Int] {
    Set(
      named.compactMap { part -> Int? in
        if case .direction(let token, _) = part { token } else { nil }
      }
    ).sorted()
  }

  /// The steps: two passes and an adjoint one, maps of named directions, and the changed runs.
  func steps(_ cost: CostModel) -> Steps {
    var components = cost.sweeps(2, .contributions)
    components.peakBytes += cost.componentBytes
    let decomposition = decomposed.isEmpty ? [] : [spectra(cost)]
    return Steps([cost.forward, components] + decomposition + [runs(cost)])
  }

  private func spectra(_ cost: CostModel) -> Step {
    cost.spectra(of: decomposed, cost.settled(options.explanation.method, of: decomposed))
  }

  /// The changed runs: one of each part and factor that is not 1.
  private func runs(_ cost: CostModel) -> Step {
    let factors = options.settledKeeps.count { $0 != 1 }
    let passes =
      named.isEmpty ? Double(expectedCount) : named.reduce(0) { $0 + cost.passes(of: $1) }
    let rows = passes * Double(factors * cost.positions)
    let batches = (rows / Double(cost.ablationRows)).rounded(.up)
    var step = cost.runs(in: 2 * batches, .ablation)
    step.products = expectedCount * factors
    step.operations =
      (rows + batches * Double(cost.positions)) * cost.forward.operations
      / Double(cost.scope.tokens)
    step.peakBytes =
      cost.memory.heldFrozenBytes + cost.memory.sweepBytes(rows: cost.ablationRows)
    return step
  }
}

extension CostModel {
  /// The forward passes up to the position that a part's changed run takes, from 0 to 1.
  func passes(of part: AblatedPart) -> Double {
    switch part {
    case .token(let token), .direction(let token, _):
      Double(positions - token) / Double(positions)
    case .head(let block, _), .feedForward(let block), .block(let block):
      Double(scope.lastBlock + 1 - block) / Double(scope.lastBlock + 1)
    }
  }

  /// The positions of changed runs that pass a block together.
  ///
  /// A batch carries the prompt's own run too, so that a batch of few runs wastes passes.
  var ablationRows: Int {
    max(2 * positions, min(max(4096, 5 * positions), memory.rows(within: memory.available / 2)))
  }

  /// The bytes of the outputs of all components and of their cotangents, up to the position.
  var componentBytes: Int {
    let heads = configuration.blocks.reduce(0) { $0 + configuration.headOutputWidth(of: $1) }
    let streams = (configuration.blockCount + 1) * configuration.width
    return 2 * positions * (heads + streams) * memory.scalarBytes
  }
}

extension Model {
  /// What an ablation is expected to do, whether it fits into the memory or not.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option or the part that cannot be satisfied.
  func ablationWork(
    tokens: Int, _ options: AblationOptions
  ) throws(InputError) -> AblationWork {
    var options = options
    let wanted = options.parts.compactMap { part -> Int? in
      if case .direction(_, let k) = part { k } else { nil }
    }
    // Of equal ranks, an explanation and an ablation find the same vectors.
    options.explanation.rank = max(ExplanationOptions().rank, wanted.max() ?? 0)
    let scope = try scope(tokens: tokens, options.explanation)
    try requireStream(options.explanation.site)
    for keep in options.settledKeeps where !keep.isFinite {
      throw InputError(
        .invalid, subject: "the factor \(keep)", expected: "a finite number", found: "\(keep)",
        remedy: "use numbers from 0 (taken away) to 1 (as it is)")
    }
    if let count = options.count, count < 1 {
      throw InputError(
        .invalid, subject: "the number of parts", expected: "at least 1", found: "\(count)",
        remedy: "give a positive number")
    }
    let named = try options.parts.map { part throws(InputError) in
      try self.named(part, scope)
    }
    return AblationWork(
      cost: cost(scope, memory: options.explanation.memory), options: options, named: named)
  }

  /// A part with its position counted from 0.
  ///
  /// - Throws: That there is no such part up to the site and the position.
  private func named(
    _ part: AblatedPart, _ scope: ExplanationScope
  ) throws(InputError) -> AblatedPart {
    func position(_ given: Int) throws(InputError) -> Int {
      let position = given < 0 ? scope.tokens + given : given
      guard (0...scope.position).contains(position) else {
        throw InputError(
          .invalid, subject: "the ablated token", expected: "a position in 0...\(scope.position)",
          found: "\(given)", remedy: "choose a token that reaches the analyzed position")
      }
      return position
    }
    func check(_ block: Int) throws(InputError) {
      guard (0...scope.lastBlock).contains(block) else {
        throw InputError(
          .invalid, subject: "the ablated block",
          expected: "a block in 0...\(scope.lastBlock)", found: "\(block)",
          remedy: "count blocks from 0, up to the site that is explained")
      }
    }
    switch part {
    case .token(let given): return .token(try position(given))
    case .head(let block, let head):
      try check(block)
      let heads = decoder.configuration.headCount(ofBlock: block)
      guard (0..<heads).contains(head) else {
        throw InputError(
          .invalid, subject: "the ablated head", expected: "a head in 0...\(heads - 1)",
          found: "\(head)", remedy: "count heads from 0, as in 23.3 for head 3 of block 23")
      }
    case .feedForward(let block), .block(let block): try check(block)
    case .direction(let given, let k):
      guard (1...decoder.configuration.width).contains(k) else {
        throw InputError(
          .invalid, subject: "the ablated direction",
          expected: "a number in 1...\(decoder.configuration.width)", found: "\(k)",
          remedy: "count directions from 1, the largest singular value first")
      }
      return .direction(token: try position(given), k)
    }
    return part
  }
}
