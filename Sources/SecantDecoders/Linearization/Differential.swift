public import SecantCheckpoints
public import SecantOperators

/// The differential of a decoder at one prompt: its ordinary Jacobians, as linear operators.
///
/// The tangent at x*: `F(x* + h) = y* + Σ_i K_i h_i + O(‖h‖²)`, where a ``Linearization`` has the
/// secant `y* = Σ_i J_i x_i* + b`. The maps are the same expression plus the derivatives of the
/// parts that a linearization freezes: the denominators of norms, attention patterns, gates and
/// router weights. The choice of experts stays fixed, because it has no derivative. There is no
/// gate rule.
///
/// Besides the frozen parts, a block keeps its values `[T, g·w]` and, for each norm, the direction
/// `[T, d]` along which its denominator changes. Each product computes queries, keys and the
/// pattern's response anew. Blocks that do not fit into memory are differentiated anew as well.
public struct Differential<S: Scalar>: SiteMaps {
  /// The token ids, T of them.
  public let tokens: [Int]
  /// x*: the vectors that entered block 0, `[T, d]`.
  public let input: Matrix<S>
  /// The differentiated blocks.
  public let blocks: HeldBlocks<BlockDifferential<S>>
  /// The final norm, differentiated by each map at its own site's value.
  public let finalNorm: Normalization<S>

  /// The stream `[T, d]` after a block.
  public func stream(after block: Int) -> Matrix<S> { blocks.stream(before: block + 1) }

  /// The derivative of one block, from the stream that enters it to a place in it.
  public func blockMap(
    _ n: Int, to place: Site.BlockSite, positions: Range<Int>
  ) -> BlockMap<S> {
    BlockMap(to: place, positions: positions, width: input.columns) { [blocks] in blocks[n] }
  }

  /// One block by itself, as block 0 of the stream that enters it.
  public func alone(_ block: Int) -> Differential {
    Differential(
      tokens: tokens, input: blocks.stream(before: block), blocks: blocks.only(block),
      finalNorm: finalNorm)
  }

  /// The final norm's derivative at a stream `[T, d]`.
  public func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>> {
    finalNorm.differential(at: stream)
  }

  /// b: where the tangent at the prompt meets zero input, `y* − Σ_i K_i x_i*`, `[d]`.
  ///
  /// It is the part of the output that the tangent's linear part does not give, and is not small in
  /// general. Costs one product.
  public func offset(to site: Site = .output, position: Int? = nil) -> [S] {
    let position = position ?? tokens.count - 1
    let read = input.rows(0..<position + 1)
    let given = jacobians(to: site, position: position).sum(read)
    return zip(output(at: site, position: position), given).map { $0 - $1 }
  }
}

extension Decoder {
  /// The ordinary derivative of the decoder at these tokens' vectors: one forward pass.
  ///
  /// - Parameters:
  ///   - tokens: The ids.
  ///   - input: The vectors `[T, d]` that enter block 0; by default the tokens' embeddings.
  ///   - bytes: The memory for differentiated blocks. Blocks that do not fit are differentiated anew
  ///     when they are needed. By default all blocks are held.
  /// - Returns: The differentiated decoder.
  /// - Throws: That there is no token, that an id is out of range, or that the context is exceeded.
  public func differentiate(
    at tokens: [Int], entering input: Matrix<S>? = nil, holding bytes: Int = .max
  ) throws(InputError) -> Differential<S> {
    try validate(tokens)
    precondition(input.map { $0.rows == tokens.count } ?? true, "one vector a token")
    let input = input ?? embedding.vectors(of: tokens)
    let hidden = configuration.feedForwardResponseWidth
    let perLayer = perLayerVectors(of: tokens, entering: input)
    let blocks = HeldBlocks(blocks, at: input, perLayer: perLayer, holding: bytes) {
      block, stream, beside in
      block.differential(at: stream, beside: beside)
    } bytes: {
      $0.bytes(hidden: hidden)
    }
    return Differential(tokens: tokens, input: input, blocks: blocks, finalNorm: finalNorm)
  }
}

extension BlockDifferential {
  /// The memory in bytes: norms with their directions, what the mixing of positions responds to, both
  /// factors of gates, experts' outputs, and the values of the block's sites.
  ///
  /// - Parameter hidden: The numbers of the feed-forward layer that are held for a position.
  /// - Returns: Bytes.
  fileprivate func bytes(hidden: Int) -> Int {
    let norms = norms.values.reduce(0) {
      $0 + $1.directions.elements.count + $1.scale.coefficients.elements.count
    }
    let stream = values.residual
    return (norms + attention.elementCount + stream.rows * hidden + 3 * stream.elements.count)
      * MemoryLayout<S>.stride
  }
}
