import SecantDecoders
import SecantOperators
import SecantReports

/// What was found of the maps to one site.
struct LayerLevel<S: Scalar>: Sendable {
  let block: Int
  let place: Site.BlockSite
  let extent: LayersReport.Extent
  /// The vectors at which the maps begin, `[p + 1, d]`.
  let input: Matrix<S>
  /// The site's value, read through the final norm `[d]`.
  let output: [S]
  /// How exactly the maps give it.
  let reconstruction: ExplanationReport.Reconstruction
  /// What was found of some tokens' maps, ascending.
  let tokens: [Found]
  /// The triplets of the joint map, where it was decomposed.
  let joint: TruncatedSVD<S>?

  /// What was found of one token's map.
  struct Found: Sendable {
    let token: Int
    /// ‖J_i x_i‖: the norm of what the token gave to the site.
    let given: Double
    let triplets: TruncatedSVD<S>
  }
}

/// The maps to all blocks of a decoder at a prompt.
struct LayersQuestion<S: Scalar>: Sendable {
  typealias Member = Jacobians<S>.Member

  let maps: any SiteMaps<S>
  let work: LayersWork
  let method: CascadeSVD

  private var blockCount: Int { work.cost.configuration.blockCount }
  private var position: Int { work.cost.scope.position }
  private var places: [Site.BlockSite] {
    Site.BlockSite.allCases.filter(work.options.sites.contains)
  }

  /// The maps from the vectors that enter block 0, of the members that the time allows.
  ///
  /// - Parameters:
  ///   - members: Those that are wanted, the most wanted first where the time is bounded.
  ///   - observer: Told how many operations are done.
  /// - Returns: What was found, and of which members.
  func cumulative(
    _ members: [Member], observer: @escaping @Sendable (Double) -> Void
  ) -> (levels: [LayerLevel<S>], done: [Member]) {
    let row = work.mapsCost.row
    let start = ContinuousClock.now
    var done: [Member] = []
    let levels = levels(
      of: maps, blocks: 0..<blockCount, members, extent: .cumulative,
      observer: { observer($0 * row) }
    ) { group in
      if let seconds = work.options.maximumSeconds,
        ContinuousClock.now - start >= .seconds(seconds)
      {
        return false
      }
      done += group
      return true
    }
    return (levels, done)
  }

  /// The maps of each block from the vectors that enter it.
  func local(
    _ members: [Member], observer: @escaping @Sendable (Double) -> Void
  ) -> [LayerLevel<S>] {
    let row = work.mapsCost.row / Double(blockCount)
    return (0..<blockCount).flatMap { block in
      levels(
        of: maps.alone(block), blocks: block..<block + 1, members, extent: .local,
        observer: { observer($0 * row) }
      ) { _ in true }
    }
  }

  /// The maps of some of the decoder's blocks.
  private func levels(
    of here: any SiteMaps<S>, blocks: Range<Int>, _ members: [Member],
    extent: LayersReport.Extent, observer: @escaping @Sendable (Double) -> Void,
    begins: ([Member]) -> Bool
  ) -> [LayerLevel<S>] {
    let sites = blocks.indices.flatMap { n in
      places.map { Site.block(n - blocks.lowerBound, $0) }
    }
    let input = here.input.rows(0..<position + 1)
    var tokens = sites.map { _ in [LayerLevel<S>.Found]() }
    var joint = [TruncatedSVD<S>?](repeating: nil, count: sites.count)
    if !members.isEmpty {
      // Formed matrices serve all groups of members.
      let all = here.jacobians(to: sites, position: position, members: members)
        .prepared(
          vectors: work.basisSize(method), vectorsPerSite: 2 * work.rank,
          memory: work.formedBytes(method))
      let groups =
        work.options.maximumSeconds == nil
        ? work.groups(of: members, method, sites: sites.count) : members.map { [$0] }
      for group in groups {
        guard begins(group) else { break }
        let maps = all.from(group).observed(by: observer)
        let vectors = group.map { member -> Matrix<S> in
          guard case .token(let token) = member else {
            return .zero(rows: 0, columns: input.elements.count)
          }
          return input.rows(token..<token + 1)
        }
        let images = group == [.joint] ? [] : maps.sweep(vectors)
        for (level, triplets) in method.decompose(maps, rank: work.rank).enumerated() {
          for (index, member) in group.enumerated() {
            switch member {
            case .joint: joint[level] = triplets[index]
            case .token(let token):
              tokens[level].append(
                .init(
                  token: token, given: images[level][index].norm, triplets: triplets[index]))
            }
          }
        }
      }
    }
    let outputs = sites.map { here.output(at: $0, position: position) }
    // The derivative leaves to b all that it does not give: there what it gives is set beside the whole.
    let offsets =
      (here as? Linearization<S>)?.offsets(to: sites, position: position)
      ?? sites.map { _ in [S](repeating: 0, count: input.columns) }
    let reconstructions = here.reconstructions(
      of: outputs, offsets: offsets, at: sites, position: position)
    return sites.indices.map { level in
      guard case .block(let n, let place) = sites[level] else {
        preconditionFailure("every site lies in a block")
      }
      return LayerLevel(
        block: blocks.lowerBound + n, place: place, extent: extent, input: input,
        output: outputs[level], reconstruction: reconstructions[level],
        tokens: tokens[level].sorted { $0.token < $1.token }, joint: joint[level])
    }
  }
}
