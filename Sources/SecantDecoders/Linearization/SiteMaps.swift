public import SecantOperators

/// A decoder at one prompt, with a linear map from the vectors that enter it to every site.
///
/// ``Linearization`` freezes the nonlinear parts, so its maps give the decoder's own output.
/// ``Differential`` lets them vary, so its maps are the ordinary derivatives.
public protocol SiteMaps<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar
  /// The type of the blocks' maps.
  associatedtype Blocks: RandomAccessCollection
  where Blocks.Element: BlockMaps<S>, Blocks.Index == Int

  /// The token ids, T of them.
  var tokens: [Int] { get }
  /// x*: the vectors that entered block 0, `[T, d]`.
  var input: Matrix<S> { get }
  /// The blocks, in order.
  var blocks: Blocks { get }
  /// The final norm.
  var finalNorm: Normalization<S> { get }

  /// The final norm as a linear map at a stream `[T, d]`.
  func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>>

  /// The stream `[T, d]` after a block.
  func stream(after block: Int) -> Matrix<S>

  /// The map of one block, from the stream that enters it to a place in it.
  func blockMap(_ n: Int, to place: Site.BlockSite, positions: Range<Int>) -> BlockMap<S>

  /// b of `y* = Σ_i J_i x_i* + b` at a site and a position, `[d]`.
  func offset(to site: Site, position: Int?) -> [S]

  /// One block by itself: the maps from its input stream to its own places.
  ///
  /// It counts as block 0, and its input stream as x*.
  func alone(_ block: Int) -> Self

  /// The number of rows from which on forming a block's feed-forward matrix pays off; nil if it is
  /// never formed.
  ///
  /// By default none is.
  func formingThreshold(of block: Int) -> Int?

  /// The same maps, with the matrices `[d, d]` of feed-forward layers formed at some positions of
  /// each block.
  ///
  /// The default forms none.
  func formingFeedForward(at positions: [[Int]]) -> Self
}

extension SiteMaps {
  /// The stream `[T, d]` at a site; the output is normalized, other sites are not.
  public func value(at site: Site) -> Matrix<S> {
    switch site {
    case .input(let token): input.rows(token..<token + 1)
    case .block(let n, .residual): stream(after: n)
    case .block(let n, let place): blocks[n].values.at(place)
    case .output: finalNorm.forward(lastStream)
    }
  }

  /// y*: the value of a site at a position, read through the final norm, `[d]`.
  public func output(at site: Site = .output, position: Int? = nil) -> [S] {
    let position = position ?? tokens.count - 1
    return finalNorm.forward(stream(at: site).rows(position..<position + 1)).elements
  }

  /// The map from one token's input vector to a site at a position, `[d, d]`, never formed.
  ///
  /// Tokens after the position do not reach it. Their map is zero, and requesting it is a
  /// programming error.
  public func jacobian(from source: Site, to site: Site, position: Int? = nil) -> Jacobian<S> {
    guard case .input(let token) = source else {
      preconditionFailure("maps start at an input; \(source) is none")
    }
    return Jacobian(jacobians(to: [site], position: position, members: [.token(token)]))
  }

  /// The maps from every token up to a position to a site there, as a family that shares products.
  public func jacobians(to site: Site = .output, position: Int? = nil) -> Jacobians<S> {
    jacobians(to: [site], position: position)
  }

  /// The maps from tokens, or from all of them together, to several sites, which share their sweeps.
  ///
  /// - Parameters:
  ///   - sites: Places in blocks or the output, each once.
  ///   - position: Where they are read; the last position by default.
  ///   - members: The maps of each site; by default those of all tokens up to the position.
  /// - Returns: The maps, by site, then member.
  public func jacobians(
    to sites: [Site], position: Int? = nil, members: [Jacobians<S>.Member]? = nil
  ) -> Jacobians<S> {
    Jacobians(of: self, to: sites, position: position, members: members)
  }

  /// The joint map of all tokens to the stream after a block, at the last position, without the
  /// final norm.
  ///
  /// With h* the stream after the block, `J x* = h*_{T−1}`, minus the contribution of biases. The
  /// result is in the stream's own units.
  public func jointJacobian(after block: Int) -> Jacobian<S> {
    Jacobian(
      Jacobians(
        of: self, to: [.block(block, .residual)], position: nil, members: [.joint],
        isNormed: false))
  }

  /// The map of one token `[d, d]` to the stream after a block at the last position, without the final norm.
  public func streamJacobian(of token: Int, after block: Int) -> Jacobian<S> {
    precondition(tokens.indices.contains(token), "no such token")
    return Jacobian(
      Jacobians(
        of: self, to: [.block(block, .residual)], position: nil, members: [.token(token)],
        isNormed: false))
  }

  /// The map from the whole input stream to a site, read at one position.
  public func map(to site: Site, position: Int) -> Composition<Tangents<S>> {
    let (depth, place) = destination(site)
    var stages: [any LinearOperator<Tangents<S>>] = (0..<depth).map {
      blockMap($0, to: .residual, positions: 0..<tokens.count)
    }
    stages.append(blockMap(depth, to: place, positions: position..<position + 1))
    stages.append(finalNormMap(at: stream(at: site)))
    return Composition(stages)
  }

  /// The stream `[T, d]` that the final norm reads for a site.
  func stream(at site: Site) -> Matrix<S> { site == .output ? lastStream : value(at: site) }

  private var lastStream: Matrix<S> { blocks.isEmpty ? input : stream(after: blocks.count - 1) }

  /// The block in which a site lies, and where in it.
  func destination(_ site: Site) -> (block: Int, place: Site.BlockSite) {
    switch site {
    case .input: preconditionFailure("maps end in a block or at the output")
    case .output: return (blocks.count - 1, .residual)
    case .block(let n, let place):
      precondition((0..<blocks.count).contains(n), "block \(n) of \(blocks.count)")
      return (n, place)
    }
  }

  /// The map from the stream that enters a site's block to the site, before the final norm.
  func stage(to site: Site, positions: Range<Int>) -> BlockMap<S> {
    let (depth, place) = destination(site)
    return blockMap(depth, to: place, positions: positions)
  }

  /// The images of tangents before a block at all of its places, at the given positions.
  func images(
    _ n: Int, of x: Tangents<S>, positions: Range<Int>
  ) -> BlockImages<S> {
    blocks[n].images(of: x, positions: positions)
  }

  /// L: the number of blocks.
  var blockCount: Int { blocks.count }

  /// The number of a site among all sites, in the order in which they are computed.
  func order(of site: Site) -> (Int, Int, Int) {
    let (block, place) = destination(site)
    return (block, place.order, site == .output ? 1 : 0)
  }

  /// None.
  public func formingThreshold(of block: Int) -> Int? { nil }

  /// The same maps, with nothing formed.
  public func formingFeedForward(at positions: [[Int]]) -> Self { self }
}
