public import SecantOperators

/// A decoder as the affine map that it was for one prompt: `y* = Σ_i J_i x_i* + b`, exactly.
///
/// Immutable: the tokens, the vectors x* that entered block 0, every block with its attention
/// pattern, normalizations and gates frozen, and the output y*. Maps between sites are views.
public struct Linearization<S: Scalar>: Sendable {
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

  /// The stream `[T, d]` at a site; the output is final-normed, other sites are as they were.
  public func value(at site: Site) -> Matrix<S> {
    switch site {
    case .input(let token): input.rows(token..<token + 1)
    case .block(let n, .attention): blocks[n].values.attention
    case .block(let n, .feedForward): blocks[n].values.feedForward
    case .block(let n, .residual): blocks[n].values.residual
    case .output: finalNorm.forward(lastStream)
    }
  }

  /// y*: what the final norm made of a site at a position, `[d]`.
  public func output(at site: Site = .output, position: Int? = nil) -> [S] {
    let position = position ?? tokens.count - 1
    return finalNorm.forward(stream(at: site).rows(position..<position + 1)).elements
  }

  /// The map from one token's input vector to a site at a position, `J_i` `[d, d]`, never formed.
  ///
  /// Tokens after the position do not reach it: their map is zero, and asking for it is an error of
  /// the caller's.
  public func jacobian(from source: Site, to site: Site, position: Int? = nil) -> Jacobian<S> {
    guard case .input(let token) = source else {
      preconditionFailure("maps start at an input; \(source) is none")
    }
    let position = position ?? tokens.count - 1
    precondition(0 <= token && token <= position && position < tokens.count, "no such token")
    return Jacobian(map: map(to: site, position: position), token: token, position: position)
  }

  /// The maps from every token up to a position to a site there, as a family that shares its products.
  public func jacobians(to site: Site = .output, position: Int? = nil) -> TokenJacobians<S> {
    let position = position ?? tokens.count - 1
    precondition(0 <= position && position < tokens.count, "no such position")
    return TokenJacobians(
      map: map(to: site, position: position), tokens: 0..<position + 1, position: position)
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

  /// The map from the whole input stream to a site, read at one position.
  public func map(to site: Site, position: Int) -> Composition<Tangents<S>> {
    let all = 0..<tokens.count
    let last = position..<position + 1
    var stages: [any LinearOperator<Tangents<S>>] = []
    let depth = depth(of: site)
    for block in blocks.prefix(depth) { stages.append(block.map(reading: all)) }
    stages += stage(to: site, reading: last).stages
    stages.append(finalNorm.frozen(at: stream(at: site)))
    return Composition(stages)
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

  /// The stream `[T, d]` that the final norm reads for a site.
  func stream(at site: Site) -> Matrix<S> { site == .output ? lastStream : value(at: site) }

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

  private var lastStream: Matrix<S> { blocks.last?.values.residual ?? input }

  /// The block in which a site lies, and where in it.
  private func destination(_ site: Site) -> (block: Int, place: Site.BlockSite) {
    switch site {
    case .input: preconditionFailure("maps end in a block or at the output")
    case .output: return (blocks.count - 1, .residual)
    case .block(let n, let place):
      precondition(blocks.indices.contains(n), "block \(n) of \(blocks.count)")
      return (n, place)
    }
  }
}
