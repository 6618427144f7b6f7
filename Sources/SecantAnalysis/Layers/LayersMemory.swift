import SecantCheckpoints
import SecantDecoders
import SecantOperators

extension LayersCost {
  private var n: Int { scope.position + 1 }
  private var frozenBytes: Int { explanation.memory.frozenBytes }

  /// Bytes of the triplets of all maps, and of what each token gave: kept until they are decoded.
  private var resultBytes: Int {
    let own = n * (2 * scope.rank + 1)
    let joint = scope.rank * (n + 1)
    return (includesLocal ? 2 : 1) * levels * (own + joint) * configuration.width * scalarBytes
  }

  /// Bytes that are left when the decoder is frozen and every result has its place.
  private var available: Int { explanation.memory.available - resultBytes }

  /// What a member holds: bytes of what is known of its maps, and rows that are carried at once.
  private struct Load {
    var bytes = 0
    var rows = 0

    static func + (a: Load, b: Load) -> Load {
      Load(bytes: a.bytes + b.bytes, rows: a.rows + b.rows)
    }
  }

  /// What a member holds.
  ///
  /// - Parameters:
  ///   - positions: At how many the member's vectors begin.
  ///   - window: At how many they pass.
  ///   - method: How large bases are.
  ///   - sites: Places that are read.
  /// - Returns: Bytes and rows.
  private func load(positions: Int, window: Int, _ method: CascadeSVD, sites: Int) -> Load {
    let width = configuration.width * positions
    let basis = method.basisSize(
      rank: scope.rank, inputWidth: width, outputWidth: configuration.width)
    // Images of the basis at each site, triplets of each site twice, and the basis.
    let numbers =
      sites * (basis + 4 * scope.rank) * configuration.width
      + (3 * sites * scope.rank + basis) * width
    // Forward a basis, probes and the token itself; to and from the sites their triplets.
    return Load(
      bytes: numbers * scalarBytes,
      rows: max(basis + Self.probes + 1, sites * scope.rank) * window)
  }

  private func bytes(_ load: Load) -> Int {
    load.bytes + explanation.memory.sweepBytes(rows: load.rows)
  }

  /// The loads of all members of the maps to every site, the joint one last.
  private func loads(_ method: CascadeSVD) -> [Load] {
    (0..<n).map { load(positions: 1, window: n - $0, method, sites: levels) }
      + [load(positions: n, window: n, method, sites: levels)]
  }

  /// Bytes of the member that takes most.
  private func largestMember(_ method: CascadeSVD) -> Int {
    loads(method).map(bytes).max() ?? 0
  }

  /// Bytes that the formed matrices of feed-forward layers may take.
  func formedBytes(_ method: CascadeSVD) -> Int {
    max(0, min(available / 4, available - largestMember(method)))
  }

  /// Bytes that the work takes at its peak beside the weights.
  func peakMemory(_ method: CascadeSVD) -> Int {
    let all = bytes(loads(method).reduce(Load(), +))
    let formed = n * configuration.blockCount * configuration.width * configuration.width
    let work =
      min(all, max(largestMember(method), available / 2))
      + min(formed * scalarBytes, formedBytes(method))
    // Vectors are copied where they are decoded.
    return frozenBytes + resultBytes + max(work, 2 * resultBytes)
  }

  /// Bytes that the work takes member by member.
  func leastMemory(_ method: CascadeSVD) -> Int {
    frozenBytes + resultBytes + max(largestMember(method), 2 * resultBytes)
  }

  /// Whether the work fits into the memory, member by member at the least.
  func fits(_ method: CascadeSVD) -> Bool { leastMemory(method) <= explanation.memory.budget }

  /// Refuses work that does not fit into the memory even member by member.
  ///
  /// - Throws: `InputError` with the bytes that it takes.
  func requireMemory(_ method: CascadeSVD) throws(InputError) {
    try explanation.memory.require(leastMemory(method))
  }

  /// Members that are decomposed together, so that they take half of what is available.
  func groups<S: Scalar>(
    of members: [LayerJacobians<S>.Member], _ method: CascadeSVD, sites: Int
  ) -> [[LayerJacobians<S>.Member]] {
    var result: [[LayerJacobians<S>.Member]] = []
    var sum = Load()
    for member in members {
      let own =
        switch member {
        case .token(let token): load(positions: 1, window: n - token, method, sites: sites)
        case .joint: load(positions: n, window: n, method, sites: sites)
        }
      if !result.isEmpty, bytes(sum + own) <= available / 2 {
        result[result.count - 1].append(member)
        sum = sum + own
      } else {
        result.append([member])
        sum = own
      }
    }
    return result
  }
}
