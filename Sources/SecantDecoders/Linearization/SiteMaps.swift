public import SecantOperators

/// A decoder at one prompt, with a linear map from the vectors that enter it to every site.
///
/// ``Linearization`` holds what is not linear frozen: its maps give the decoder's own output.
/// ``Differential`` lets it vary: its maps are the ordinary derivatives.
public protocol SiteMaps<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar
  /// How the blocks' maps are held.
  associatedtype Blocks: RandomAccessCollection
  where Blocks.Element: BlockMaps<S>, Blocks.Index == Int

  /// The token ids, T of them.
  var tokens: [Int] { get }
  /// x*: the vectors that entered block 0, `[T, d]`.
  var input: Matrix<S> { get }
  /// The blocks, in order.
  var blocks: Blocks { get }
  /// The final norm, as it computes.
  var finalNorm: RMSNorm<S> { get }

  /// The linear map that the final norm is at a stream `[T, d]`.
  func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>>

  /// The stream `[T, d]` after a block.
  func stream(after block: Int) -> Matrix<S>

  /// The map of one block, from the stream that enters it to a place in it.
  func blockMap(_ n: Int, to place: Site.BlockSite, reading: Range<Int>) -> BlockMap<S>

  /// b of `y* = Σ_i J_i x_i* + b` at a site and a position, `[d]`.
  func offset(to site: Site, position: Int?) -> [S]
}

extension SiteMaps {
  /// The stream `[T, d]` at a site; the output is final-normed, other sites are as they were.
  public func value(at site: Site) -> Matrix<S> {
    switch site {
    case .input(let token): input.rows(token..<token + 1)
    case .block(let n, .residual): stream(after: n)
    case .block(let n, let place): blocks[n].values.at(place)
    case .output: finalNorm.forward(lastStream)
    }
  }

  /// y*: what the final norm made of a site at a position, `[d]`.
  public func output(at site: Site = .output, position: Int? = nil) -> [S] {
    let position = position ?? tokens.count - 1
    return finalNorm.forward(stream(at: site).rows(position..<position + 1)).elements
  }

  /// The map from one token's input vector to a site at a position, `[d, d]`, never formed.
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
      map: map(to: site, position: position), tokens: Array(0...position), position: position)
  }

  /// The map from the whole input stream to a site, read at one position.
  public func map(to site: Site, position: Int) -> Composition<Tangents<S>> {
    let (depth, place) = destination(site)
    var stages: [any LinearOperator<Tangents<S>>] = (0..<depth).map {
      blockMap($0, to: .residual, reading: 0..<tokens.count)
    }
    stages.append(blockMap(depth, to: place, reading: position..<position + 1))
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
}
