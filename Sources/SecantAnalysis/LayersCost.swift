import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What the maps to all blocks cost, before they are computed.
struct LayersCost: Sendable {
  let configuration: DecoderConfiguration
  let scope: ExplanationScope
  /// Places that are read in each block.
  let places: Int
  let scalarBytes: Int
  /// What an explanation of the same prompt costs.
  private let explanation: CostModel
  /// Bytes that the work may take beside the weights.
  var memory: Int { explanation.memory.budget }

  init<S: Scalar>(
    _ configuration: DecoderConfiguration, _ scope: ExplanationScope, places: Int,
    memory: Int, precision: S.Type
  ) {
    self.configuration = configuration
    self.scope = scope
    self.places = places
    scalarBytes = MemoryLayout<S>.stride
    explanation = CostModel(configuration, scope, precision: precision, memory: memory)
  }

  /// Operations of one vector at one position of all blocks.
  var row: Double { explanation.row }
  private var pairs: Double { Double((scope.position + 1) * (scope.position + 2)) / 2 }
  private var levels: Int { configuration.blockCount * places }

  /// Rows of the basis with which every token's map begins.
  func basisSize(_ method: CascadeSVD) -> Int {
    method.basisSize(
      rank: scope.rank, inputWidth: configuration.width, outputWidth: configuration.width)
  }

  /// Bytes of a token's maps to all sites, formed.
  var formedBytes: Int { levels * configuration.width * configuration.width * scalarBytes }

  /// The method that is meant; dense where that is asked for, or is cheaper and fits.
  ///
  /// - Throws: That the formed maps do not fit into the memory.
  func method(_ options: LayersOptions) throws(InputError) -> CascadeSVD {
    let truncated = CascadeSVD(tolerance: options.tolerance, seed: options.seed)
    let dense = CascadeSVD(tolerance: options.tolerance, isDense: true, seed: options.seed)
    let formed = formedBytes
    switch options.method {
    case .krylov: return truncated
    case .dense:
      guard formed <= options.memory / 2 else {
        throw InputError(
          .invalid, subject: "the method dense",
          expected: "\(levels) maps of a token in half of the \(options.memory) bytes",
          found: "\(formed) bytes", remedy: "raise the memory, or use the method krylov")
      }
      return dense
    case .auto:
      // In vectors through all blocks: a basis, and triplets to and from half of them on average.
      let vectors = basisSize(truncated) + levels * scope.rank
      return configuration.width <= vectors && formed <= options.memory / 2 ? dense : truncated
    }
  }

  /// The parts of the work with the operations that are expected of each.
  func stages(
    _ options: LayersOptions, _ method: CascadeSVD
  ) -> [(stage: AnalysisProgress.Stage, work: Double)] {
    let n = Double(scope.position + 1)
    let vectors = Double(basisSize(method) + 5)
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

  /// Bytes of what is known of a member's maps to some sites.
  private func bytes(width: Int, basis: Int, sites: Int) -> Int {
    // Images of the basis at each site, triplets of each site twice, and the basis.
    let numbers =
      sites * (basis + 4 * scope.rank) * configuration.width
      + (3 * sites * scope.rank + basis) * width
    return numbers * scalarBytes
  }

  /// Bytes into which the work fits, whatever the method: the joint maps' vectors are the longest.
  var leastMemory: Int {
    2
      * bytes(
        width: configuration.width * (scope.position + 1), basis: 18 * scope.rank, sites: levels)
  }

  /// Refuses work that does not fit into the memory.
  ///
  /// - Throws: How much memory the joint maps take.
  func requireMemory() throws(InputError) { try explanation.memory.require(leastMemory) }

  /// Members that are decomposed together, so that what is known of their maps fits into half of the memory.
  func groups<S: Scalar>(
    of members: [LayerJacobians<S>.Member], _ method: CascadeSVD, sites: Int
  ) -> [[LayerJacobians<S>.Member]] {
    var result: [[LayerJacobians<S>.Member]] = []
    var sum = 0
    for member in members {
      let isJoint = member == .joint
      let width = configuration.width * (isJoint ? scope.position + 1 : 1)
      let basis = method.basisSize(
        rank: scope.rank, inputWidth: width, outputWidth: configuration.width)
      let bytes = bytes(width: width, basis: basis, sites: sites)
      if !result.isEmpty, sum + bytes <= memory / 2 {
        result[result.count - 1].append(member)
        sum += bytes
      } else {
        result.append([member])
        sum = bytes
      }
    }
    return result
  }
}
