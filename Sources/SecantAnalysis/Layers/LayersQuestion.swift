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
  /// What each token gave to the site, its offset and its value.
  let contributions: Contributions<S>
  /// The triplets of each token's map.
  let tokens: [TruncatedSVD<S>]
  /// The triplets of the joint map.
  let joint: TruncatedSVD<S>
}

/// The maps to all blocks of one frozen decoder.
struct LayersQuestion<S: Scalar>: Sendable {
  let linearization: Linearization<S>
  let position: Int
  let places: [Site.BlockSite]
  let rank: Int
  let method: CascadeSVD
  let cost: LayersCost

  /// The maps from the vectors that enter block 0.
  func cumulative(observer: @escaping @Sendable (Double) -> Void) -> [LayerLevel<S>] {
    let row = cost.row
    return levels(
      of: linearization, blocks: linearization.blocks.indices, extent: .cumulative
    ) { observer($0 * row) }
  }

  /// The maps of each block from the vectors that enter it.
  func local(observer: @escaping @Sendable (Double) -> Void) -> [LayerLevel<S>] {
    let row = cost.row / Double(linearization.blocks.count)
    return linearization.blocks.indices.flatMap { block in
      levels(
        of: linearization.alone(block), blocks: block..<block + 1, extent: .local
      ) { observer($0 * row) }
    }
  }

  /// The maps of a linearization whose blocks are some of the decoder's.
  private func levels(
    of linearization: Linearization<S>, blocks: Range<Int>, extent: LayersReport.Extent,
    observer: @escaping @Sendable (Double) -> Void
  ) -> [LayerLevel<S>] {
    let sites = linearization.blocks.indices.flatMap { n in places.map { Site.block(n, $0) } }
    let input = linearization.input.rows(0..<position + 1)
    let everyToken = (0...position).map { LayerJacobians<S>.Member.token($0) }

    var terms = sites.map { _ in [Matrix<S>]() }
    var found = sites.map { _ in [TruncatedSVD<S>]() }
    // Formed matrices serve all groups of members.
    let all = linearization.layers(to: sites, position: position, members: everyToken)
      .prepared(
        vectors: cost.basisSize(method), vectorsPerSite: 2 * rank, memory: cost.formedBytes(method))
    for group in cost.groups(of: everyToken + [.joint], method, sites: sites.count) {
      let maps = all.linearization.layers(to: sites, position: position, members: group)
        .observed(by: observer)
      let tokens = group.filter { $0 != .joint }
      if !tokens.isEmpty {
        let vectors = group.map { member -> Matrix<S> in
          guard case .token(let token) = member else {
            return .zero(rows: 0, columns: input.elements.count)
          }
          return input.rows(token..<token + 1)
        }
        for (level, images) in maps.apply(vectors).enumerated() { terms[level] += images }
      }
      for (level, triplets) in method.decompose(maps, rank: rank).enumerated() {
        found[level] += triplets
      }
    }
    let offsets = linearization.offsets(to: sites, position: position)
    return sites.indices.map { level in
      guard case .block(let n, let place) = sites[level] else {
        preconditionFailure("every site lies in a block")
      }
      return LayerLevel(
        block: blocks.lowerBound + n, place: place, extent: extent, input: input,
        contributions: Contributions(
          terms: .stacking(terms[level], columns: input.columns), offset: offsets[level],
          output: linearization.output(at: sites[level], position: position)),
        tokens: Array(found[level].dropLast()), joint: found[level][position + 1])
    }
  }
}
