public import SecantCheckpoints
public import SecantOperators

/// A decoder as an affine map for one prompt: `y* = Σ_i J_i x_i* + b`, exactly.
///
/// Immutable: the tokens, the vectors x* that entered block 0, every block with its attention
/// pattern, normalizations and gates frozen, and the output y*. Maps between sites are views.
public struct Linearization<S: Scalar>: SiteMaps {
  /// The token ids, T of them.
  public let tokens: [Int]
  /// x*: the vectors that entered block 0, `[T, d]`.
  public let input: Matrix<S>
  /// The part of x* that learned vectors of the positions gave, `[T, d]`; nil if the decoder has none.
  public let positionInput: Matrix<S>?
  /// The frozen blocks.
  public private(set) var blocks: FrozenBlocks<S>
  /// The final norm, frozen by each map at its own site's value.
  public let finalNorm: Normalization<S>
  /// Which factor of gated products is linear.
  public let rule: GateRule

  /// How much attention later tokens give to the first one; nil if there are no later tokens.
  ///
  /// Costs about a percent of the forward pass.
  public var firstTokenAttention: FirstTokenAttention? { blocks.firstTokenAttention }

  /// The final norm frozen at a stream `[T, d]`.
  public func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>> {
    finalNorm.frozen(at: stream)
  }

  /// The stream `[T, d]` after a block.
  public func stream(after block: Int) -> Matrix<S> { blocks.stream(before: block + 1) }

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { blocks.haveOffset || finalNorm.bias != nil }

  /// The map of one block to a place in it.
  ///
  /// A block that is not held is frozen anew for every product.
  public func blockMap(
    _ n: Int, to place: Site.BlockSite, positions: Range<Int>
  ) -> BlockMap<S> {
    BlockMap(
      to: place, positions: positions, width: input.columns, batchCost: blocks.batchCost
    ) { [blocks] in blocks[n] }
  }

  /// One block by itself: the maps from its input stream to its own places.
  ///
  /// It counts as block 0, and its input stream as x*.
  public func alone(_ block: Int) -> Linearization {
    Linearization(
      tokens: tokens, input: blocks.stream(before: block),
      positionInput: block == 0 ? positionInput : nil, blocks: blocks.only(block),
      finalNorm: finalNorm, rule: rule)
  }

  /// b: the part of a site's value that does not come from the input, `[d]`; zero without biases.
  public func offset(to site: Site = .output, position: Int? = nil) -> [S] {
    offsets(to: [site], position: position)[0]
  }

  /// The same for several sites, in their order, in one pass through the blocks.
  public func offsets(to sites: [Site], position: Int? = nil) -> [[S]] {
    let nothing = Matrix<S>.zero(rows: tokens.count, columns: input.columns)
    guard hasOffset else {
      return sites.map { _ in [S](repeating: 0, count: input.columns) }
    }
    return affineImages(of: nothing, at: sites, position: position)
  }

  /// `Σ_i J_i x_i + b` for one vector of each token `[T, d]`, at several sites, by one pass through
  /// the frozen maps.
  ///
  /// For x* it rebuilds the output: it differs from ``output(at:position:)`` only by rounding.
  ///
  /// - Parameters:
  ///   - stream: One vector of each token.
  ///   - sites: Places in blocks or the output.
  ///   - position: Where they are read; the last position by default.
  /// - Returns: One vector `[d]` for each site.
  public func affineImages(
    of stream: Matrix<S>, at sites: [Site], position: Int? = nil
  ) -> [[S]] {
    let position = position ?? tokens.count - 1
    return affineStreams(of: stream, at: sites).map { $0.row(position) }
  }

  /// The same at every position: one matrix `[T, d]` for each site.
  func affineStreams(of stream: Matrix<S>, at sites: [Site]) -> [Matrix<S>] {
    let places = sites.map { destination($0) }
    var result = sites.map { _ in Matrix<S>.zero(rows: 0, columns: stream.columns) }
    var image = Tangents(stream: stream)
    for n in 0...(places.map(\.block).max() ?? 0) {
      let block = blocks[n]
      for index in sites.indices where places[index].block == n {
        let part = block.affineImage(of: image, to: places[index].place).rows
        result[index] = finalNorm.forward(
          part, scaledBy: finalNorm.frozen(at: self.stream(at: sites[index])))
      }
      if places.contains(where: { $0.block > n }) { image = block.affineImage(of: image) }
    }
    return result
  }

  /// The batch cost of a held block's feed-forward weights; nil for a block that is frozen anew.
  public func formingThreshold(of block: Int) -> Int? { blocks.formingThreshold(of: block) }

  /// The same maps, with the matrices of feed-forward layers formed at some positions of each
  /// block.
  public func formingFeedForward(at positions: [[Int]]) -> Linearization {
    var result = self
    result.blocks = blocks.formingFeedForward(at: positions)
    return result
  }
}

extension Decoder {
  /// The decoder as an affine map for these tokens: one forward pass.
  ///
  /// - Parameters:
  ///   - tokens: The ids, at least one: a tokenizer's prompt, or an array.
  ///   - input: The vectors `[T, d]` that enter block 0; by default the tokens' embeddings.
  ///   - rule: Which factor of gated products stays linear; without effect on layers without a gate.
  ///   - bytes: The memory for frozen blocks. Blocks that do not fit are frozen anew when they are
  ///     needed. By default all blocks are held.
  ///   - masked: Rows whose tokens the text does not have. All other rows are those of the text without
  ///     them. The last row is not one of them.
  ///   - parts: What per-layer inputs take of tokens, by position; all of each token by default.
  /// - Returns: The frozen decoder.
  /// - Throws: That there is no token, that an id is out of range, or that the context is exceeded.
  public func linearize(
    at tokens: some Collection<Int>, entering input: Matrix<S>? = nil, gate rule: GateRule = .up,
    holding bytes: Int = .max, masking masked: MaskedRows? = nil,
    tokenParts parts: [Int: TokenPart<S>] = [:]
  ) throws(InputError) -> Linearization<S> {
    let tokens = Array(tokens)
    try validate(tokens)
    precondition(input.map { $0.rows == tokens.count } ?? true, "one vector a token")
    precondition(masked.map { $0.rows.upperBound < tokens.count } ?? true, "the last row is masked")
    let positions = tokens.indices.map { masked?.position(of: $0) ?? $0 }
    let input = input ?? embedding.placed(embedding.tokenVectors(of: tokens), at: positions)
    var blocks = blocks
    if let masked {
      for n in blocks.indices {
        blocks[n].attention = blocks[n].attention.masking(masked)
      }
    }
    return Linearization(
      tokens: tokens, input: input, positionInput: embedding.positionVectors(at: positions),
      blocks: FrozenBlocks(
        blocks, at: input,
        perLayer: perLayerVectors(of: tokens, entering: input)?.replacing(parts), rule: rule,
        holding: bytes),
      finalNorm: finalNorm, rule: rule)
  }
}
