import SecantCheckpoints
package import SecantDecoders
package import SecantOperators

/// The expected costs of the steps of questions on one prompt.
///
/// Work is counted in rows. A row is one vector that passes one position of the blocks involved, at
/// 2·P operations plus those of attention's mixing. Letters are as in `Notation.md`. With p the
/// explained position, n = p + 1 tokens have a map, and there are n(n + 1)/2 pairs of a token and a
/// position that it reaches.
package struct CostModel: Sendable {
  let configuration: DecoderConfiguration
  let scope: ExplanationScope
  /// The memory of the work.
  package let memory: WorkingMemory
  /// The fixed cost of a sweep, which reads every weight once, in rows.
  let batch: Double
  /// Whether the model has an adapter, whose modules have shares.
  let isAdapted: Bool

  /// The costs for a model and a scope, in a precision and within a memory budget.
  package init<S: Scalar>(
    _ configuration: DecoderConfiguration, _ scope: ExplanationScope, precision: S.Type,
    memory: Int, kind: JacobianKind = .detached, batch: Double = FamilyCosts.usualBatch,
    isAdapted: Bool = false
  ) {
    self.configuration = configuration
    self.scope = scope
    self.batch = batch
    self.isAdapted = isAdapted
    self.memory = WorkingMemory(
      configuration: configuration, tokens: scope.tokens, scalarBytes: MemoryLayout<S>.stride,
      budget: memory, kind: kind)
  }

  private init(_ other: CostModel, memory: WorkingMemory) {
    (configuration, scope) = (other.configuration, other.scope)
    (batch, isAdapted) = (other.batch, other.isAdapted)
    self.memory = memory
  }

  /// The same costs with another memory budget, kind of map, or precision.
  func within(
    _ budget: Int? = nil, kind: JacobianKind? = nil, scalarBytes: Int? = nil
  ) -> CostModel {
    let run = RunMemory(
      configuration: configuration, tokens: memory.run.tokens,
      scalarBytes: scalarBytes ?? memory.scalarBytes, kind: kind ?? memory.run.kind)
    return CostModel(
      self,
      memory: WorkingMemory(
        run, beside: memory.others, budget: budget ?? memory.budget, passes: memory.passes))
  }

  /// The same costs while other runs stay in memory, too.
  func beside(_ others: [RunMemory]) -> CostModel {
    CostModel(
      self,
      memory: WorkingMemory(
        memory.run, beside: memory.others + others, budget: memory.budget, passes: memory.passes))
  }

  /// The same costs of work that passes the blocks a few times, and holds fewer of them.
  var passingFewTimes: CostModel {
    CostModel(
      self,
      memory: WorkingMemory(
        memory.run, beside: memory.others, budget: memory.budget, passes: .few))
  }

  /// Refuses work that does not fit into the memory even in its smallest parts.
  ///
  /// - Throws: `InputError` with a size into which it fits.
  func require(_ steps: (CostModel) -> Steps) throws(InputError) {
    try memory.require { steps(within($0)).peakBytes }
  }

  /// Operations of a full decomposition in units of d³, at the speed of a matrix product.
  ///
  /// Divide and conquer with vectors takes about 12·d³ operations, most of them at a quarter of the
  /// speed of a matrix product. Measured: 1024² takes the time of 45·d³.
  static let decompositionWork = 45.0
  /// The number of random products that estimate the rest of a map's squared Frobenius norm.
  ///
  /// Each serves all maps. The standard error of six has five degrees of freedom.
  static let probes = 6

  // MARK: - Units

  var d: Double { Double(configuration.width) }
  /// n: the number of positions up to the explained one.
  var positions: Int { scope.position + 1 }
  private var n: Double { Double(positions) }
  private var blocks: Double { Double(scope.lastBlock + 1) }
  private var headWidths: Double { configuration.meanHeadOutputWidth }

  /// Operations of one row.
  var row: Double {
    let parameters = Double(configuration.parameters(passedBy: memory.run.kind))
    let part = blocks / Double(configuration.blockCount)
    // A derivative also passes through the pattern's response.
    return 2 * part * parameters + (memory.run.kind == .detached ? 1 : 3) * mixing(n)
  }

  /// Operations of attention at one of n positions, in all blocks: its scores, their softmax, and the sum of
  /// values.
  ///
  /// Measured: products of a head's width reach half the speed of large ones, and an exponential takes as long
  /// as 128 operations of these.
  private func mixing(_ n: Double) -> Double {
    let heads = Double(configuration.queryHeads)
    return configuration.blocks.prefix(scope.lastBlock + 1).reduce(0) { sum, block in
      let width = Double(configuration.headOutputWidth(of: block))
      // A delta network passes a state of as many rows as its keys have numbers.
      if let delta = block.delta { return sum + 8 * width * Double(delta.keyWidth) }
      let window = min(n, block.slidingWindow.map { Double($0) } ?? n)
      let seen = window - window * window / (2 * n)
      return sum + seen * (8 * width + 128 * heads)
    }
  }

  /// One full decomposition, in operations of a matrix product.
  var decomposition: Double { Self.decompositionWork * d * d * d }

  /// The number of positions that vectors of some tokens pass in total.
  func reach(of tokens: [Int]) -> Int { tokens.reduce(0) { $0 + positions - $1 } }

  /// A number of sweeps: each reads every weight, and makes the blocks anew that are not held.
  private func passes(
    _ stage: AnalysisProgress.Stage, products: Int = 0, operations: Double, sweeps: Double,
    peakBytes: Int
  ) -> Step {
    Step(
      stage, products: products, operations: operations, remaking: sweeps * remaking,
      overhead: sweeps * batch * row, peakBytes: peakBytes)
  }

  /// The operations that make the blocks of a run anew that are not held.
  var remaking: Double { memory.remadePart * blockOperations }

  /// The operations of all blocks in a forward pass.
  private var blockOperations: Double {
    let c = configuration
    let hidden = c.blocks.reduce(0) { $0 + c.activeFeedForwardWidth(of: $1) }
    let perBlock = 2 * headWidths + Double(c.perLayerWidth ?? 0)
    let weights = d * (Double(c.blockCount) * perBlock + 2 * Double(hidden))
    let tokens = Double(scope.tokens)
    return tokens * (2 * (weights + Double(c.linearPathParameters)) + mixing(tokens))
  }

  // MARK: - Steps

  /// The forward pass that freezes the decoder, and the logits of its output.
  package var forward: Step {
    Step(
      .linearization, operations: blockOperations, overhead: batch * row,
      peakBytes: memory.heldFrozenBytes + memory.sweepBytes(rows: positions)
    ).reading(vectors: 1, self)
  }

  /// Runs that nothing is frozen at, in a number of batches; their operations are for the caller to
  /// count.
  func runs(in batches: Double, _ stage: AnalysisProgress.Stage) -> Step {
    Step(
      stage, overhead: batches * batch * row,
      peakBytes: memory.heldFrozenBytes + memory.sweepBytes(rows: positions))
  }

  /// A number of sweeps of one vector each through all positions, forward or adjoint.
  package func sweeps(_ count: Int, _ stage: AnalysisProgress.Stage) -> Step {
    sweep(rows: count * positions, in: Double(count), stage)
  }

  /// A number of rows carried through the blocks in a number of sweeps.
  func sweep(rows: Int, in sweeps: Double = 1, _ stage: AnalysisProgress.Stage) -> Step {
    passes(
      stage, operations: Double(rows) * row, sweeps: sweeps,
      peakBytes: memory.heldFrozenBytes + memory.sweepBytes(rows: positions))
  }

  /// The triplets of some tokens' maps with a method.
  func spectra(of tokens: [Int], _ method: SettledMethod) -> Step {
    if tokens.isEmpty || scope.rank == 0 { return Step(.singularVectors) }
    let (count, passed) = (Double(tokens.count), Double(reach(of: tokens)))
    let groups = groups(of: tokens, method)
    let block = block(of: tokens)
    let bytes = groups.map { self.bytes(of: $0, method, block: block) }.max() ?? 0
    switch method {
    case .dense:
      // Each group of tokens has its own sweep, through the positions from its first token on.
      let rows = groups.reduce(0) { $0 + Double(positions - $1[0]) }
      return passes(
        .singularVectors, products: configuration.width * tokens.count,
        operations: d * rows * row + count * decomposition,
        sweeps: Double(groups.count) * denseSweeps,
        peakBytes: memory.heldFrozenBytes + bytes + memory.sweepBytes(rows: rowBlock * positions))
    case .krylov:
      // Products of each member in both directions, and probes that serve all members.
      let steps = steps(block: block)
      return passes(
        .singularVectors, products: Int((2 * steps + Double(Self.probes)) * count),
        operations: (2 * steps * passed + Double(Self.probes * (positions - (tokens.min() ?? 0))))
          * row + count * Self.decompositionWork * d * steps * steps,
        sweeps: Double(groups.count) * 2 * steps / Double(block),
        peakBytes: memory.heldFrozenBytes + bytes)
    case .sketch:
      let sketch = sketch()
      let products = sketch.products(outputWidth: configuration.width)
      let core = Double(min(sketch.size, configuration.width))
      let sweeps = (Double(products) / Double(min(sketch.batch, products))).rounded(.up)
      return passes(
        .singularVectors, products: products,
        operations: Double(products * positions) * row
          + count * Self.decompositionWork * d * core * core,
        sweeps: sweeps + 2, peakBytes: memory.heldFrozenBytes + bytes)
    }
  }

  /// The leading triplets of the joint map `[d, n·d]`: one row of work passes all n positions.
  func joint(_ method: SettledMethod) -> Step {
    if scope.rank == 0 { return Step(.singularVectors) }
    let width = configuration.width
    switch method {
    case .dense:
      let rows = min(width, DenseSVD().rowBlock)
      return passes(
        .singularVectors, products: width, operations: d * n * row + n * decomposition,
        sweeps: (d / Double(rows)).rounded(.up),
        peakBytes: memory.heldFrozenBytes + 3 * width * width * positions * memory.scalarBytes
          + memory.sweepBytes(rows: rows * positions))
    case .krylov, .sketch:
      let block = krylov.block(
        for: FamilyCosts(members: [n], shared: n, batch: batch), rank: scope.rank)
      let steps = steps(block: block)
      let vectors = 2 * steps + Double(Self.probes)
      return passes(
        .singularVectors, products: Int(vectors),
        operations: vectors * n * row + n * Self.decompositionWork * d * steps * steps,
        sweeps: 2 * steps / Double(block),
        peakBytes: memory.heldFrozenBytes
          + 3 * Int(steps.rounded(.up)) * width * (positions + 1) * memory.scalarBytes
          + memory.sweepBytes(rows: (block + Self.probes) * positions))
    }
  }

  /// The decoding of vectors `[d]`: products with every row of a vocabulary.
  func decode(vectors: Int) -> Step { Step(.decoding).reading(vectors: vectors, self) }

  /// The operations to multiply vectors `[d]` by every row of a vocabulary.
  package func reading(vectors: Int) -> Double {
    2 * Double(vectors) * d * Double(configuration.vocabularySize)
  }

  /// The sweeps in which the rows of a group's maps are computed.
  var denseSweeps: Double { (d / Double(rowBlock)).rounded(.up) }

  // MARK: - Choices

  /// The method for some tokens: for `auto`, the one with less work.
  ///
  /// Measured times never enter.
  func settled(_ method: ExplanationOptions.Method, of tokens: [Int]) -> SettledMethod {
    settled(method) { spectra(of: tokens, $0) }
  }

  /// The method for the joint map.
  ///
  /// A sketch serves many maps at once, so products decompose a single one.
  func settledJoint(_ method: ExplanationOptions.Method) -> SettledMethod {
    settled(method == .sketch ? .krylov : method) { joint($0) }
  }

  private func settled(
    _ method: ExplanationOptions.Method, _ step: (SettledMethod) -> Step
  ) -> SettledMethod {
    switch method {
    case .dense: .dense
    case .krylov: .krylov
    case .sketch: .sketch
    case .auto: step(.krylov).time <= step(.dense).time ? .krylov : .dense
    }
  }

  private var krylov: KrylovSVD { KrylovSVD(tolerance: scope.tolerance) }

  /// The sketch whose vectors and products each fit into a quarter of the available memory.
  func sketch(seed: UInt64 = 0) -> SketchSVD {
    let quarter = max(1, memory.available / 4)
    return SketchSVD(
      tolerance: scope.tolerance, memory: quarter,
      batch: max(1, memory.rows(within: quarter) / positions), seed: seed)
  }

  /// The number of vectors per token that are multiplied together.
  func block(of tokens: [Int]) -> Int {
    let reached = tokens.map { Double(positions - $0) }
    let costs = FamilyCosts(members: reached, shared: reached.max() ?? 0, batch: batch)
    return krylov.block(for: costs, rank: scope.rank)
  }

  /// The expected number of products, in each direction, for a token's triplets; at most the width.
  func steps(block: Int) -> Double {
    min(d, krylov.expectedProducts(rank: scope.rank, block: block) / 2)
  }
}

extension Step {
  /// The same step plus products of some vectors with every row of a vocabulary.
  fileprivate func reading(vectors: Int, _ cost: CostModel) -> Step {
    var result = self
    result.operations += cost.reading(vectors: vectors)
    return result
  }
}

/// A method for singular vectors, after "auto" is decided.
enum SettledMethod: String, Hashable, Sendable, CaseIterable {
  case dense, krylov, sketch

  /// The methods whose residuals are measured.
  static var measuring: [SettledMethod] { [.dense, .krylov] }
}
