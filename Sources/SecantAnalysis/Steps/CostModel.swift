import Foundation
import SecantDecoders
import SecantOperators

/// What an explanation costs, before it is begun.
///
/// Work is counted in rows: one vector that passes one position of the blocks that take part, at
/// 2·P operations. Letters as in `Notation.md`; p is the position explained, so n = p + 1 tokens have
/// a map, and n(n + 1)/2 pairs of a token and a position that it reaches.
struct CostModel: Sendable {
  let configuration: DecoderConfiguration
  let scope: ExplanationScope
  /// What the work may hold at once.
  let memory: WorkingMemory

  /// The costs for a model and what is to be explained of it, computed in some precision within some memory.
  init<S: Scalar>(
    _ configuration: DecoderConfiguration, _ scope: ExplanationScope, precision: S.Type,
    memory: Int
  ) {
    self.configuration = configuration
    self.scope = scope
    self.memory = WorkingMemory(
      configuration: configuration, tokens: scope.tokens, scalarBytes: MemoryLayout<S>.stride,
      budget: memory)
  }

  /// Operations of a full decomposition in units of d³, at the speed of a matrix product.
  ///
  /// Divide and conquer with vectors takes about 12·d³ operations, most of them at a quarter of the
  /// speed of a matrix product: 1024² was seen to take the time of 45·d³.
  static let decompositionWork = 45.0
  /// Rows whose time equals the fixed cost of a sweep, which reads every weight once.
  private static let sweepOverhead = FamilyCosts.usualBatch

  var d: Double { Double(configuration.width) }
  private var n: Double { Double(scope.position + 1) }
  private var depth: Double { Double(scope.lastBlock + 1) / Double(configuration.blockCount) }
  /// Operations of one row.
  var row: Double { 2 * depth * Double(configuration.linearPathParameters) }

  // MARK: - Operations

  /// The forward pass that freezes the decoder, in operations.
  var linearization: Double {
    let c = configuration
    let queries = Double(c.queryHeads * c.headWidth)
    let weights = Double(c.blockCount) * d * (2 * queries + 2 * Double(c.activeFeedForwardWidth))
    let scores = 4 * Double(scope.tokens) * queries * Double(c.blockCount)
    return 2 * Double(scope.tokens) * (weights + Double(c.linearPathParameters) + scores)
  }

  /// One vector through all positions of the blocks, attention's mixing included, in operations.
  var pass: Double {
    let c = configuration
    let mixing = 6 * n * Double(c.queryHeads * c.headWidth) * Double(c.blockCount) * depth
    return n * (row + mixing)
  }

  /// What each token gave to one target, in operations: one adjoint pass.
  var contributions: Double { pass }

  /// One full decomposition, in operations of a matrix product.
  var decomposition: Double { Self.decompositionWork * d * d * d }

  /// Positions that vectors of some tokens pass, together.
  func reach(of tokens: [Int]) -> Int { tokens.reduce(0) { $0 + scope.position + 1 - $1 } }

  /// The triplets of some tokens' maps by a method.
  func spectra(of tokens: [Int], _ method: SettledMethod) -> WorkEstimate {
    if tokens.isEmpty || scope.rank == 0 { return WorkEstimate() }
    let (count, passed) = (Double(tokens.count), Double(reach(of: tokens)))
    let groups = groups(of: tokens, method)
    let block = block(of: tokens)
    let bytes = groups.map { self.bytes(of: $0, method, block: block) }.max() ?? 0
    switch method {
    case .dense:
      // Each group of tokens has its own sweep, through the positions that its first token reaches.
      let rows = groups.reduce(0) { $0 + Double(scope.position + 1 - $1[0]) }
      return WorkEstimate(
        products: configuration.width * tokens.count,
        operations: d * rows * row + count * decomposition,
        overhead: fixedCost(sweeps: Double(groups.count) * (d / Double(rowBlock)).rounded(.up)),
        peakBytes: memory.frozenBytes + bytes
          + memory.sweepBytes(rows: rowBlock * (scope.position + 1)))
    case .krylov:
      // Products of each member in both directions, and probes that serve all.
      let steps = steps(block: block)
      return WorkEstimate(
        products: Int((2 * steps + Double(Self.probes)) * count),
        operations: (2 * steps * passed
          + Double(Self.probes * (scope.position + 1 - (tokens.min() ?? 0)))) * row
          + count * Self.decompositionWork * d * steps * steps,
        overhead: fixedCost(sweeps: Double(groups.count) * 2 * steps / Double(block)),
        peakBytes: memory.frozenBytes + bytes)
    }
  }

  /// Operations that a person waits for: some seconds of two cores.
  static let patience = 6e11

  /// Tokens whose spectra and words fit what a person waits for, taken in the given order.
  ///
  /// What is too dear is passed over, so that cheaper tokens after it have their turn.
  func affordable(
    _ tokens: [Int], _ method: ExplanationOptions.Method, decodedTriplets: Int
  ) -> [Int] {
    var (chosen, left) = ([Int](), Self.patience)
    for token in tokens {
      let price =
        spectra(of: [token], settled(method, of: [token])).operations
        + decoding(triplets: decodedTriplets, tokens: 1)
      if price > left { continue }
      left -= price
      chosen.append(token)
    }
    return chosen
  }

  /// The time of the fixed costs of some sweeps, in operations.
  func fixedCost(sweeps: Double) -> Double { sweeps * Self.sweepOverhead * row }

  /// The decoding of vectors by embedding and unembedding, in operations.
  func decoding(triplets: Int, tokens: Int) -> Double {
    4 * Double(tokens) * Double(min(triplets, scope.rank)) * d
      * Double(configuration.vocabularySize)
  }

  /// The method that is meant for some tokens: for `auto`, the one of less work; no measured time enters.
  func settled(_ method: ExplanationOptions.Method, of tokens: [Int]) -> SettledMethod {
    switch method {
    case .dense: return .dense
    case .krylov: return .krylov
    case .auto:
      let (dense, krylov) = (spectra(of: tokens, .dense), spectra(of: tokens, .krylov))
      return krylov.operations + krylov.overhead <= dense.operations + dense.overhead
        ? .krylov : .dense
    }
  }

  private var krylov: KrylovSVD { KrylovSVD(tolerance: scope.tolerance) }

  /// Vectors of each of some tokens that are multiplied together.
  func block(of tokens: [Int]) -> Int {
    let reached = tokens.map { Double(scope.position + 1 - $0) }
    let costs = FamilyCosts(members: reached, shared: reached.max() ?? 0)
    return krylov.block(for: costs, rank: scope.rank)
  }

  /// Products in either direction that a token's triplets are expected to take, never more than the width.
  func steps(block: Int) -> Double {
    min(d, krylov.expectedProducts(rank: scope.rank, block: block) / 2)
  }

  /// Random products of each map that estimate what was not found of its squared Frobenius norm.
  ///
  /// One serves all maps; the error of six is known by five degrees of freedom.
  static let probes = 6
}

/// A method of finding singular vectors, "auto" settled.
enum SettledMethod: String, Hashable, Sendable, CaseIterable {
  case dense, krylov
}
