package import SecantCheckpoints
package import SecantDecoders
import SecantOperators

/// The memory of one run of a decoder whose blocks are frozen or differentiated.
package struct RunMemory: Sendable {
  /// The model.
  package let configuration: DecoderConfiguration
  /// T: tokens of the prompt.
  package let tokens: Int
  /// Bytes of one number.
  package let scalarBytes: Int
  /// The kind of maps.
  package let kind: JacobianKind

  /// The bytes of all blocks: in each the stream at each site, scales, queries, keys and gates.
  package let bytes: Int
  /// The bytes of a block.
  private let blockBytes: Int
  /// The bytes of a run that holds no block: of one that is made anew, and of the streams before all
  /// blocks and after the last.
  fileprivate let leastBytes: Int
  /// The bytes of one row as it passes a block.
  private let rowBytes: Int
  /// The activations of one row in a feed-forward layer.
  private let hiddenWidth: Int
  /// The bytes of the probabilities that a sweep forms as a whole, and of the states that derivatives of
  /// delta networks go through.
  private let patternBytes: Int
  /// The states that rows have in the heads of a delta network.
  private let states: DeltaStates

  /// The number of activations of a feed-forward layer in memory at a time, whatever the number of
  /// rows.
  private static let hiddenElements = 3 << 24

  /// The memory of a run on a prompt.
  package init(
    configuration: DecoderConfiguration, tokens: Int, scalarBytes: Int, kind: JacobianKind
  ) {
    (self.configuration, self.tokens) = (configuration, tokens)
    (self.scalarBytes, self.kind) = (scalarBytes, kind)
    let (c, vector) = (configuration, tokens * scalarBytes)
    let heads = c.meanPatternWidth
    // The branch of per-layer inputs: its output, its norm, and the coefficients of its hidden numbers.
    let perLayer = c.perLayerWidth.map { 2 * c.width + $0 } ?? 0
    blockBytes =
      switch kind {
      // What a clamp holds constant is as much as the gates.
      case .detached:
        vector
          * (6 * c.width + heads + perLayer
            + (c.gateLimit == nil ? 1 : 2) * c.activeFeedForwardWidth)
      // Plus the directions of norms, the values, the rotations, and both factors of gates.
      case .ordinary:
        vector
          * ((c.hasPerLayerInputs ? 13 : 10) * c.width + 4 * heads + c.feedForwardResponseWidth)
      }
    bytes = c.blockCount * blockBytes
    let wider = (c.largestPatternWidth - heads) * (kind == .detached ? 1 : 4) * vector
    // What blocks give to later ones stays, whether they are held or not.
    leastBytes =
      ((c.blockCount + 1) * c.width + 2 * c.givenWidth) * vector + blockBytes + wider
    // A row as it passes a block is the stream, its image, and the heads; derivatives pass through
    // values, queries and keys. Both the stream and its image have beside them what earlier blocks gave.
    let beside =
      switch kind {
      case .detached: c.givenWidth
      case .ordinary: 2 * c.givenWidth + (c.hasPerLayerInputs ? c.width : 0)
      }
    rowBytes = scalarBytes * (6 * c.width + (kind == .detached ? 2 : 6) * heads + 2 * beside)
    hiddenWidth = 3 * c.activeFeedForwardWidth
    // Derivatives form the probabilities of a head, and what a softcap does to its scores.
    states = DeltaStates(c, tokens: tokens, kind)
    patternBytes =
      (kind == .detached ? 0 : tokens * vector * (c.scoreSoftcap == nil ? 1 : 2))
      + states.fixed * scalarBytes
  }

  /// The bytes of a run that may hold blocks up to a limit; blocks that do not fit are made anew.
  ///
  /// - Parameter limit: Bytes for the held blocks.
  /// - Returns: Bytes of the held blocks, of one that is made anew, and of the streams between blocks.
  package func bytes(holding limit: Int) -> Int {
    bytes <= limit ? bytes : leastBytes + limit / max(1, blockBytes) * blockBytes
  }

  /// The blocks of a run that may hold blocks up to a limit which are made anew for each use, of all
  /// its blocks, from 0 to 1.
  package func remadePart(holding limit: Int) -> Double {
    bytes <= limit
      ? 0 : 1 - Double(limit / max(1, blockBytes)) / Double(max(1, configuration.blockCount))
  }

  /// The bytes of a sweep with a number of rows.
  fileprivate func sweepBytes(rows: Int) -> Int {
    patternBytes + rows * rowBytes
      + (min(Self.hiddenElements, rows * hiddenWidth) + states.count(rows: rows)) * scalarBytes
  }

  /// The number of rows whose sweep fits into a number of bytes.
  fileprivate func rows(within bytes: Int) -> Int {
    var (fitting, tooMany) = (0, max(0, bytes) / rowBytes + 1)
    while tooMany - fitting > 1 {
      let middle = fitting + (tooMany - fitting) / 2
      if sweepBytes(rows: middle) <= bytes { fitting = middle } else { tooMany = middle }
    }
    return fitting
  }
}

/// The numbers in the states of vectors that delta networks carry through the positions, of all heads at once.
private struct DeltaStates: Hashable, Sendable {
  /// Those that a sweep has whatever its rows: of derivatives, the states at every 16th position and of 16
  /// positions in turn.
  let fixed: Int
  /// Those of a vector, and the number of positions.
  private let (size, tokens): (Int, Int)
  /// The most for all rows: with more columns, coefficients are formed and there is no state.
  private let limit: Int

  /// None in a model without delta networks.
  init(_ configuration: DecoderConfiguration, tokens: Int, _ kind: JacobianKind) {
    guard let delta = configuration.blocks.lazy.compactMap(\.delta).first else {
      (fixed, size, self.tokens, limit) = (0, 0, 1, 0)
      return
    }
    size = delta.heads * delta.keyWidth * delta.valueWidth
    self.tokens = max(1, tokens)
    switch kind {
    case .ordinary: (fixed, limit) = (size * (tokens / 16 + 17), .max)
    case .detached:
      let columns = DecoderConfiguration.Delta.carriedColumns(
        keyWidth: delta.keyWidth, outputs: tokens)
      fixed = 0
      limit = columns.map { delta.heads * delta.keyWidth * $0 } ?? .max
    }
  }

  /// Those of a number of rows: a vector reaches half of the positions on average.
  func count(rows: Int) -> Int {
    Int(min(Double(limit), (Double(2 * size) * Double(rows) / Double(tokens)).rounded(.up)))
  }
}

/// The memory of a computation, without the weights, and what fits into a budget.
///
/// One or more runs stay in memory throughout. The rest is for vectors that are carried through the
/// blocks, a number of rows at a time; a row is one vector at one position.
package struct WorkingMemory: Sendable {
  /// The run through whose blocks vectors are carried.
  package let run: RunMemory
  /// The other runs that stay in memory beside it.
  let others: [RunMemory]
  /// The budget in bytes.
  package let budget: Int
  /// How often the work passes the blocks.
  let passes: Passes
  /// The bytes for the held blocks of one run.
  ///
  /// All runs share a part of the budget. If that does not hold every block, the others are made
  /// anew when they are needed; then a quarter is left beside the runs and their streams, or what
  /// one vector of every position takes, if that is more.
  package let heldBytes: Int
  /// The bytes of all runs: of held blocks, of one that is made anew, and of the streams between
  /// blocks.
  package let heldFrozenBytes: Int

  /// The memory of a computation on a prompt.
  package init(
    configuration: DecoderConfiguration, tokens: Int, scalarBytes: Int, budget: Int,
    kind: JacobianKind = .detached
  ) {
    self.init(
      RunMemory(
        configuration: configuration, tokens: tokens, scalarBytes: scalarBytes, kind: kind),
      budget: budget)
  }

  /// The memory of a computation on one run, beside others.
  ///
  /// - Parameters:
  ///   - run: The run through whose blocks vectors are carried.
  ///   - others: The other runs that stay in memory.
  ///   - budget: Bytes for all of them and for the work.
  ///   - passes: How often the work passes the blocks.
  package init(
    _ run: RunMemory, beside others: [RunMemory] = [], budget: Int, passes: Passes = .many
  ) {
    (self.run, self.others, self.budget, self.passes) = (run, others, budget, passes)
    let runs = [run] + others
    let (whole, least) = runs.reduce((0, 0)) { ($0.0 + $1.bytes, $0.1 + $1.leastBytes) }
    let sweep = run.sweepBytes(rows: run.tokens)
    let most = budget / passes.rawValue
    let held =
      whole <= most
      ? most : max(0, min(most, budget - least - max(budget / 4, sweep))) / runs.count
    heldBytes = held
    heldFrozenBytes = runs.reduce(0) { $0 + $1.bytes(holding: held) }
  }

  /// How often some work passes the blocks, and so what it gains by holding them.
  package enum Passes: Int, Sendable {
    /// So often that blocks take up to half of the budget.
    case many = 2
    /// A few times: blocks take up to a quarter, since a pass makes the others anew in the time of
    /// one forward pass at most.
    case few = 4
  }

  /// The blocks of the run that each pass makes anew, of all its blocks, from 0 to 1.
  package var remadePart: Double { run.remadePart(holding: heldBytes) }
  /// Bytes of one number.
  package var scalarBytes: Int { run.scalarBytes }
  /// The bytes of the run if all of its blocks are held.
  package var frozenBytes: Int { run.bytes }

  /// The remaining bytes beside all runs.
  package var available: Int { budget - heldFrozenBytes }

  /// The bytes of a sweep with a number of rows.
  package func sweepBytes(rows: Int) -> Int { run.sweepBytes(rows: rows) }

  /// The number of rows whose sweep fits into a number of bytes.
  package func rows(within bytes: Int) -> Int { run.rows(within: bytes) }

  /// Refuses a budget that is too small even for the smallest parts of the work.
  ///
  /// - Throws: `InputError` with the required bytes.
  package func require(_ bytes: Int) throws(InputError) { try require { _ in bytes } }

  /// Refuses a budget that is too small even for the smallest parts of the work, and names one that
  /// suffices.
  ///
  /// The memory of the work may depend on the budget, because the method and the division of the
  /// work do.
  ///
  /// - Parameter need: The memory of the work in bytes, as a function of the budget.
  /// - Throws: `InputError` with a size into which the work fits.
  package func require(_ need: (_ budget: Int) -> Int) throws(InputError) {
    let unit = 1 << 20
    var (tooLittle, enough) = (budget, budget)
    while case let bytes = need(enough), bytes > enough {
      // More by an eighth at least: where the work grows with the budget, small steps take long.
      tooLittle = enough
      enough = (max(bytes, enough + enough / 8) / unit + 1) * unit
    }
    guard enough > budget else { return }
    while enough - tooLittle > unit {
      let middle = (tooLittle + (enough - tooLittle) / 2) / unit * unit
      if middle <= tooLittle { break }
      if need(middle) <= middle { enough = middle } else { tooLittle = middle }
    }
    throw InputError(
      .invalid, subject: "memory",
      expected: "at least \(enough >> 20)M for \(run.tokens) token\(run.tokens == 1 ? "" : "s")",
      found: spelling(of: budget),
      remedy: "allow more memory or shorten the prompt")
  }
}

/// Bytes as `--memory` spells them, in the largest unit that divides them.
private func spelling(of bytes: Int) -> String {
  let units = [(30, "G"), (20, "M"), (10, "K")]
  for (shift, unit) in units where bytes > 0 && bytes.isMultiple(of: 1 << shift) {
    return "\(bytes >> shift)\(unit)"
  }
  return "\(bytes) bytes"
}

extension DecoderConfiguration {
  /// The numbers per position that a block's pattern and gates are held as, on average, rounded up.
  fileprivate var meanPatternWidth: Int {
    let sum = blocks.reduce(0) { $0 + patternWidth(of: $1) }
    return (sum + blockCount - 1) / max(1, blockCount)
  }

  /// The same in the block that holds most.
  fileprivate var largestPatternWidth: Int {
    blocks.map { patternWidth(of: $0) }.max() ?? 0
  }

  /// The values per position that blocks give to later ones.
  fileprivate var givenWidth: Int {
    blocks.reduce(0) { sum, block in
      if case .given = block.keyValueRole { sum + valueWidth(of: block) } else { sum }
    }
  }
}

extension CostModel {
  /// The number of cotangents carried at a time, at most d: as many as fit besides the largest
  /// group's matrices.
  var rowBlock: Int {
    let limit = memory.available / 2
    // As many tokens as are decomposed together, at least one.
    var (together, least) = (1, positions + 1)
    while least - together > 1 {
      let middle = (together + least) / 2
      if denseBytes(of: middle) <= limit { together = middle } else { least = middle }
    }
    let matrices = denseBytes(of: together)
    let rows = memory.rows(within: memory.available - matrices) / (scope.position + 1)
    return min(configuration.width, max(1, rows))
  }

  /// Groups of successive tokens whose maps are decomposed together, in half of the available
  /// memory.
  ///
  /// A sketch takes all tokens at once and divides them itself.
  func groups(of tokens: [Int], _ method: SettledMethod) -> [[Int]] {
    if method == .sketch { return tokens.isEmpty ? [] : [tokens] }
    let block = block(of: tokens)
    return batches(of: tokens) { bytes(of: $0, method, block: block) }
  }

  /// Groups of successive tokens whose vectors are carried forward together, in half of the
  /// available memory.
  func sweeps(of tokens: [Int]) -> [[Int]] {
    batches(of: tokens) { memory.sweepBytes(rows: reach(of: $0)) }
  }

  /// The bytes of the decompositions of some tokens' maps, without those of the dense form's
  /// products.
  func bytes(of tokens: [Int], _ method: SettledMethod, block: Int) -> Int {
    let width = configuration.width
    switch method {
    case .dense: return denseBytes(of: tokens.count)
    case .krylov:
      // The vectors of a round, or the first ones; both bases of each token, and the same again
      // while they grow.
      let first = (block + Self.probes) * (scope.position + 1 - tokens[0])
      let carried = max(first, block * reach(of: tokens))
      let bases = 4 * Int(steps(block: block).rounded(.up)) + Self.probes
      return memory.sweepBytes(rows: carried)
        + tokens.count * bases * width * memory.scalarBytes
    case .sketch:
      // The vectors of a batch at all positions; their answers, and one token's at the least.
      let sketch = sketch()
      let rows = sketch.size + sketch.probes
      let answers = rows * width * memory.scalarBytes
      return memory.sweepBytes(rows: min(sketch.batch, rows) * positions)
        + 2 * max(answers, min(sketch.memory, tokens.count * answers))
    }
  }

  /// The bytes of the computed rows of some maps and of the maps, then of their decompositions.
  private func denseBytes(of count: Int) -> Int {
    let decomposed = min(count, DenseSVD.decomposedTogether) * DenseSVD.workspace
    let width = configuration.width
    return (count + max(count, decomposed)) * width * width * memory.scalarBytes
  }

  /// Batches of successive tokens, each as long as half of the memory allows, at least one token.
  private func batches(of tokens: [Int], bytes: ([Int]) -> Int) -> [[Int]] {
    var result: [[Int]] = []
    for token in tokens {
      if let last = result.indices.last {
        result[last].append(token)
        if bytes(result[last]) <= memory.available / 2 { continue }
        result[last].removeLast()
      }
      result.append([token])
    }
    return result
  }
}
