import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What the maps to all blocks cost, before they are computed.
struct LayersCost: Sendable {
  let configuration: DecoderConfiguration
  let scope: ExplanationScope
  /// Places that are read in each block.
  let places: Int
  /// Whether each block's own maps are taken too.
  let includesLocal: Bool
  let scalarBytes: Int
  /// Random products of each member that estimate squared Frobenius norms: one sweep serves all sites.
  static let probes = 8
  /// What an explanation of the same prompt costs.
  let explanation: CostModel

  init<S: Scalar>(
    _ configuration: DecoderConfiguration, _ scope: ExplanationScope, places: Int,
    includesLocal: Bool, memory: Int, precision: S.Type
  ) {
    self.configuration = configuration
    self.scope = scope
    self.places = places
    self.includesLocal = includesLocal
    scalarBytes = MemoryLayout<S>.stride
    explanation = CostModel(configuration, scope, precision: precision, memory: memory)
  }

  /// Operations of one vector at one position of all blocks.
  var row: Double { explanation.row }
  private var pairs: Double { Double((scope.position + 1) * (scope.position + 2)) / 2 }
  var levels: Int { configuration.blockCount * places }

  /// Rows of the basis with which every token's map begins.
  func basisSize(_ method: CascadeSVD) -> Int {
    method.basisSize(
      rank: scope.rank, inputWidth: configuration.width, outputWidth: configuration.width)
  }

  /// The method that is meant; dense where that is asked for, or is cheaper and fits.
  ///
  /// - Throws: That the formed maps do not fit into the memory.
  func method(_ options: LayersOptions) throws(InputError) -> CascadeSVD {
    let (tolerance, seed, probes) = (options.tolerance, options.seed, Self.probes)
    let truncated = CascadeSVD(tolerance: tolerance, seed: seed, probes: probes)
    let dense = CascadeSVD(tolerance: tolerance, isDense: true, seed: seed, probes: probes)
    switch options.method {
    case .krylov: return truncated
    case .dense:
      guard fits(dense) else {
        throw InputError(
          .invalid, subject: "the method dense",
          expected: "\(levels) maps of a token in \(options.memory) bytes",
          found: "\(leastMemory(dense)) bytes", remedy: "raise the memory, or use the method krylov"
        )
      }
      return dense
    case .auto:
      // In vectors through all blocks: a basis, and triplets to and from half of them on average.
      let vectors = basisSize(truncated) + levels * scope.rank
      return configuration.width <= vectors && fits(dense) ? dense : truncated
    }
  }

  /// The parts of the work with the operations that are expected of each.
  func stages(
    _ options: LayersOptions, _ method: CascadeSVD
  ) -> [(stage: AnalysisProgress.Stage, work: Double)] {
    let n = Double(scope.position + 1)
    let vectors = Double(basisSize(method) + Self.probes + 1)
    let rounds = method.isDense ? 0 : Double(levels * scope.rank)
    let joint = (Double(18 * scope.rank) + Double(levels * scope.rank)) * n
    let local = options.includesLocal ? 0.2 : 0
    let triplets = Double(levels * scope.rank) * n * (1 + (options.includesLocal ? 1 : 0))
    return [
      (.linearization, explanation.linearization),
      (.singularVectors, (1 + local) * ((vectors + rounds) * pairs + joint) * row),
      (
        .decoding,
        4 * triplets * Double(configuration.width) * Double(configuration.vocabularySize)
      ),
    ]
  }

  /// The whole work by a method.
  ///
  /// One round of the iteration is counted; maps that need more take longer. Products are vectors that
  /// are carried through the blocks, whatever the number of sites that they meet.
  func estimate(_ options: LayersOptions, _ method: CascadeSVD) -> WorkEstimate {
    let n = scope.position + 1
    let rounds = method.isDense ? 0 : 2 * levels * scope.rank
    let joint = 18 * scope.rank + Self.probes + 2 * levels * scope.rank
    let extents = includesLocal ? 2 : 1
    return WorkEstimate(
      products: extents * (n * (basisSize(method) + Self.probes + 1 + rounds) + joint),
      operations: stages(options, method).reduce(0) { $0 + $1.work },
      // The forward pass, both ways for bases and triplets, and what of triplets lies beyond the bases.
      overhead: explanation.fixedCost(sweeps: 1 + 4 * Double(extents)),
      peakBytes: peakMemory(method))
  }
}
