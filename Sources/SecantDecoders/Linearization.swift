public import SecantOperators

/// A decoder as the affine map that it was for one prompt: `y* = Σ_i J_i x_i* + b`, exactly.
///
/// Immutable: the tokens, the vectors x* that entered block 0, every block with its attention
/// pattern, normalizations and gates frozen, and the output y*. Maps between sites are views.
public struct Linearization<S: Scalar>: SiteMaps {
  /// The token ids, T of them.
  public let tokens: [Int]
  /// x*: the vectors that entered block 0, `[T, d]`.
  public let input: Matrix<S>
  /// The frozen blocks.
  public private(set) var blocks: [FrozenBlock<S>]
  /// The final norm, frozen by each map at its own site's value.
  public let finalNorm: RMSNorm<S>
  /// Which factor of gated products is linear.
  public let rule: GateRule

  /// The final norm frozen at a stream `[T, d]`.
  public func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>> {
    finalNorm.frozen(at: stream)
  }

  /// The maps from every token up to a position to several sites there, which share their sweeps.
  ///
  /// - Parameters:
  ///   - sites: Places in blocks or the output, each once.
  ///   - position: Where they are read; the last position by default.
  ///   - members: The maps of each site; those of all tokens up to the position by default.
  /// - Returns: The maps, by site, then member.
  public func layers(
    to sites: [Site], position: Int? = nil, members: [LayerJacobians<S>.Member]? = nil
  ) -> LayerJacobians<S> {
    LayerJacobians(self, to: sites, position: position, members: members)
  }

  /// One block by itself: the maps from what entered it to its own places.
  ///
  /// The block counts as block 0, and the stream that entered it as the input x*.
  public func alone(_ block: Int) -> Linearization {
    Linearization(
      tokens: tokens, input: block == 0 ? input : blocks[block - 1].values.residual,
      blocks: [blocks[block]], finalNorm: finalNorm, rule: rule)
  }

  /// The map from the stream that enters a site's block to the site, before the final norm.
  func stage(to site: Site, reading: Range<Int>) -> Composition<Tangents<S>> {
    let (depth, place) = destination(site)
    return blocks[depth].map(to: place, reading: reading)
  }

  /// b: the part of the output at a site that no input brought, `[d]`; zero without biases.
  public func offset(to site: Site = .output, position: Int? = nil) -> [S] {
    offsets(to: [site], position: position)[0]
  }

  /// The same for several sites, in their order, in one pass through the blocks.
  public func offsets(to sites: [Site], position: Int? = nil) -> [[S]] {
    let position = position ?? tokens.count - 1
    let width = finalNorm.weight.count
    var result = [[S]](repeating: [S](repeating: 0, count: width), count: sites.count)
    let depths = sites.map { depth(of: $0) }
    guard let deepest = depths.max(), blocks.contains(where: \.hasOffset) else { return result }
    var image = Matrix<S>.zero(rows: tokens.count, columns: width)
    for (n, block) in blocks.prefix(deepest + 1).enumerated() {
      for index in sites.indices where depths[index] == n {
        let part = block.offset(of: image, to: place(of: sites[index]))
        let scale = finalNorm.frozen(at: stream(at: sites[index]))
        result[index] = scale.apply(Tangents(stream: part)).rows.row(position)
      }
      if n < deepest { image = block.carryOffset(image) }
    }
    return result
  }

  /// The same map, whose feed-forward layers hold their matrices at some positions of each block.
  func formingFeedForward(at positions: [[Int]]) -> Linearization {
    var result = self
    result.blocks = zip(blocks, positions).map { block, positions in
      positions.isEmpty ? block : block.formingFeedForward(at: positions)
    }
    return result
  }

  /// The block in which a site lies.
  func depth(of site: Site) -> Int { destination(site).block }

  /// The place of a site in its block; the output is what the last block leaves.
  func place(of site: Site) -> Site.BlockSite { destination(site).place }

  /// Where a site comes among all, in the order in which they are computed.
  func order(of site: Site) -> (Int, Int, Int) {
    let (block, place) = destination(site)
    return (block, place.order, site == .output ? 1 : 0)
  }
}
