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
  private var pairs: Double { n * (n + 1) / 2 }
  /// Operations of one row.
  var row: Double { 2 * depth * Double(configuration.linearPathParameters) }

  // MARK: - Operations

  /// The forward pass that freezes the decoder, in operations.
  var linearization: Double {
    let c = configuration
    let queries = Double(c.queryHeads * c.headWidth)
    let weights = Double(c.blockCount) * d * (2 * queries + 2 * Double(c.activeFeedForwardWidth))
    let scores = 4 * Double(scope.tokens) * queries * Double(c.blockCount)
    // The frozen form and the values that it held are computed side by side.
    return 4 * Double(scope.tokens) * (weights + Double(c.linearPathParameters) + scores)
  }

  /// What each token gave, in operations.
  var contributions: Double { pairs * row }

  /// One full decomposition, in operations of a matrix product.
  var decomposition: Double { Self.decompositionWork * d * d * d }

  /// Products of a vector with one token's map or its transpose, over all tokens.
  func products(_ method: SettledMethod) -> Int {
    switch method {
    case .dense: configuration.width * (scope.position + 1)
    case .krylov: Int((2 * steps + Double(Self.probes)) * n)
    }
  }

  /// The singular vectors, in operations.
  func singularVectors(_ method: SettledMethod) -> Double {
    switch method {
    case .dense:
      // Each group of tokens has its own sweep, through the positions that its first token reaches.
      groups(.dense).reduce(0) { $0 + d * (n - Double($1.lowerBound)) * row } + n * decomposition
    case .krylov:
      // Products of each member in both directions, and probes that serve all.
      (2 * steps * pairs + Double(Self.probes) * n) * row
        + n * Self.decompositionWork * d * steps * steps
    }
  }

  /// The time of the fixed costs, in operations: what reading the weights takes, again and again.
  func overhead(_ method: SettledMethod) -> Double {
    let sweeps =
      switch method {
      case .dense: Double(groups(.dense).count) * (d / Double(rowBlock)).rounded(.up)
      case .krylov: 2 * steps / Double(block)
      }
    return fixedCost(sweeps: sweeps + 2)
  }

  /// The time of the fixed costs of some sweeps, in operations.
  func fixedCost(sweeps: Double) -> Double { sweeps * Self.sweepOverhead * row }

  /// Everything but the decoding of vectors, in operations.
  func total(_ method: SettledMethod) -> Double {
    linearization + contributions + singularVectors(method)
  }

  /// The decoding of vectors by embedding and unembedding, in operations.
  func decoding(triplets: Int) -> Double {
    4 * n * Double(min(triplets, scope.rank)) * d * Double(configuration.vocabularySize)
  }

  /// The method that is meant: for `auto`, the one of less work; no measured time enters.
  func settled(_ method: ExplanationOptions.Method) -> SettledMethod {
    switch method {
    case .dense: .dense
    case .krylov: .krylov
    case .auto: preferred
    }
  }

  private var preferred: SettledMethod {
    let (dense, krylov) = (singularVectors(.dense), singularVectors(.krylov))
    return krylov + overhead(.krylov) < dense + overhead(.dense) ? .krylov : .dense
  }

  private var krylov: KrylovSVD { KrylovSVD(tolerance: scope.tolerance) }

  /// Vectors of each token that are multiplied together.
  var block: Int {
    let costs = FamilyCosts(members: (0..<Int(n)).map { n - Double($0) }, shared: n)
    return krylov.block(for: costs, rank: scope.rank)
  }

  /// Products in either direction that a token's triplets are expected to take, never more than the width.
  var steps: Double {
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
