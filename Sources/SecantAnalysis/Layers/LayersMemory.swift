import SecantCheckpoints
import SecantDecoders
import SecantOperators

// What the decompositions of members hold at once, and what of it fits into the memory.
extension LayersWork {
  private var n: Int { cost.positions }
  private var width: Int { cost.configuration.width }
  private var scalarBytes: Int { mapsCost.memory.scalarBytes }
  private var frozenBytes: Int { mapsCost.memory.heldFrozenBytes }

  /// Bytes of the triplets of all maps, and of what each token gave: kept until they are decoded.
  private var resultBytes: Int {
    let own = tokens.count * (2 * rank + 1)
    let joint = includesJoint ? rank * (n + 1) : 0
    return (options.includesLocal ? 2 : 1) * levels * (own + joint) * width * scalarBytes
  }

  /// Bytes that are left when the decoder is frozen and every result has its place.
  private var available: Int { mapsCost.memory.available - resultBytes }

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
  ///   - reach: At how many they pass.
  ///   - method: How large bases are.
  ///   - sites: Places that are read.
  /// - Returns: Bytes and rows.
  private func load(positions: Int, reach: Int, _ method: CascadeSVD, sites: Int) -> Load {
    let inputs = width * positions
    let basis = method.basisSize(rank: rank, inputWidth: inputs, outputWidth: width)
    // Images of the basis at each site, triplets of each site twice, and the basis.
    let numbers =
      sites * (basis + 4 * rank) * width + (3 * sites * rank + basis) * inputs
    // Forward a basis, probes and the token itself; to and from the sites their triplets.
    return Load(
      bytes: numbers * scalarBytes, rows: max(basis + Self.probes + 1, sites * rank) * reach)
  }

  private func bytes(_ load: Load) -> Int {
    load.bytes + mapsCost.memory.sweepBytes(rows: load.rows)
  }

  /// The loads of all members of the maps to every site, the joint one last.
  private func loads(_ method: CascadeSVD) -> [Load] {
    tokens.map { load(positions: 1, reach: n - $0, method, sites: levels) }
      + (includesJoint ? [load(positions: n, reach: n, method, sites: levels)] : [])
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
    let formed = n * cost.configuration.blockCount * width * width
    let work =
      min(all, max(largestMember(method), available / 2))
      + min(formed * scalarBytes, formedBytes(method))
    // Vectors are copied where they are decoded.
    return frozenBytes + resultBytes + max(work, 2 * resultBytes)
  }

  /// Bytes that the work takes member by member.
  private func leastMemory(_ method: CascadeSVD) -> Int {
    frozenBytes + resultBytes + max(largestMember(method), 2 * resultBytes)
  }

  /// Whether the work fits into the memory, member by member at the least.
  func fits(_ method: CascadeSVD) -> Bool { leastMemory(method) <= mapsCost.memory.budget }

  /// Bytes that the work takes member by member within some budget.
  func leastMemory(within budget: Int?, _ method: CascadeSVD) -> Int {
    let work = LayersWork(cost: cost.within(budget), options: options, tokens: tokens)
    return max(
      work.cost.forward.peakBytes, work.mapsCost.forward.peakBytes, work.leastMemory(method))
  }

  /// Refuses work that does not fit into the memory even member by member.
  ///
  /// - Throws: `InputError` with a size into which it fits, or that formed maps do not fit.
  func requireMemory() throws(InputError) {
    let method = method
    if method.isDense, !fits(method) {
      throw InputError(
        .invalid, subject: "the method dense",
        expected: "\(levels) maps of a token in \(options.memory) bytes",
        found: "\(leastMemory(method)) bytes", remedy: "raise the memory, or use the method krylov")
    }
    try mapsCost.memory.require { leastMemory(within: $0, method) }
  }

  /// Members that are decomposed together, so that they take half of what is available.
  func groups<S: Scalar>(
    of members: [Jacobians<S>.Member], _ method: CascadeSVD, sites: Int
  ) -> [[Jacobians<S>.Member]] {
    let loads = members.map { member in
      switch member {
      case .token(let token): load(positions: 1, reach: n - token, method, sites: sites)
      case .joint: load(positions: n, reach: n, method, sites: sites)
      }
    }
    var start = 0
    return groupSizes(loads).map { size in
      defer { start += size }
      return Array(members[start..<start + size])
    }
  }

  /// How many groups the maps to every site are decomposed in.
  func groupCount(_ method: CascadeSVD) -> Int { groupSizes(loads(method)).count }

  private func groupSizes(_ loads: [Load]) -> [Int] {
    var sizes: [Int] = []
    var sum = Load()
    for load in loads {
      if let last = sizes.indices.last, bytes(sum + load) <= available / 2 {
        sizes[last] += 1
        sum = sum + load
      } else {
        sizes.append(1)
        sum = load
      }
    }
    return sizes
  }
}
