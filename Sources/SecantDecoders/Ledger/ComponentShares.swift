import SecantOperators

/// A number read off the output, divided among sources and the components that brought them there.
///
/// The stream at the analysed position p is what entered block 0 there plus what every attention and
/// feed-forward layer added to it. A source (a token's input vector, or the biases) is carried by the
/// frozen maps; component C of block n is read off at p before it adds to the stream: `q·C M_n s`,
/// where M_n s is the source's part of the stream before block n (for a feed-forward layer, after attention)
/// and q the direction, seen from the stream: the final norm's frozen coefficients times w.
///
/// Everything is linear in the sources and additive in the components, so that for every source
/// `direct + Σ_n (attention + feedForward + bias)` is its `total`, but for rounding.
public struct ComponentShares: Hashable, Sendable {
  /// What the sources gave past every block: zero but for those that enter at p.
  public var direct: [Double]
  /// The columns of each block up to the site, in order.
  public var blocks: [Block]
  /// What the sources gave in all, read off the whole map.
  public var totals: [Double]

  /// What the layers of one block made of each source.
  public struct Block: Hashable, Sendable {
    /// Attention as a whole, one number a source.
    public var attention: [Double]
    /// The heads, each one number a source.
    public var heads: [[Double]]
    /// The feed-forward layer as a whole, one number a source.
    public var feedForward: [Double]
    /// Of a mixture, the experts that p was given to; else empty.
    public var experts: [Expert]
    /// What the layers' own biases gave, one number a source: zero but for the biases as a source.
    public var bias: [Double]
  }

  /// What one expert made of each source.
  public struct Expert: Hashable, Sendable {
    /// The expert's number.
    public let index: Int
    /// One number a source.
    public var values: [Double]
  }

  /// These shares and those of further sources.
  ///
  /// - Parameter more: Shares of the same components.
  public mutating func append(_ more: ComponentShares) {
    precondition(blocks.count == more.blocks.count, "shares of different components")
    direct += more.direct
    totals += more.totals
    for (n, block) in more.blocks.enumerated() {
      blocks[n].attention += block.attention
      blocks[n].feedForward += block.feedForward
      blocks[n].bias += block.bias
      for (h, head) in block.heads.enumerated() { blocks[n].heads[h] += head }
      for (e, expert) in block.experts.enumerated() {
        blocks[n].experts[e].values += expert.values
      }
    }
  }
}

extension Linearization {
  /// What every component gave of some tokens' inputs to a number read off the output, w·y.
  ///
  /// One sweep carries all tokens' x_i forward at once, each from its own position on: 2·P operations for
  /// each of the pairs of a token and a position that it reaches, and 2·h·w·d a block for the heads.
  ///
  /// - Parameters:
  ///   - direction: w `[d]`, such as a row of the unembedding.
  ///   - site: `output`, or the stream after a block.
  ///   - position: p, where the output is read.
  ///   - tokens: The sources, ascending, none after p.
  /// - Returns: One number a token, for every component.
  public func componentShares(
    of direction: [S], to site: Site = .output, position: Int, tokens: some Sequence<Int>
  ) -> ComponentShares {
    let tokens = Array(tokens)
    precondition(tokens.allSatisfy((0...position).contains), "no such tokens")
    let strands = tokens.map { Strand(support: $0..<$0 + 1, window: $0..<position + 1) }
    let sweep = ComponentSweep(self, direction, to: site, position: position)
    return sweep.shares(of: Tangents(strands: strands, rows: input.gathering(rows: tokens)))
  }

  /// What every component gave of the biases to a number read off the output: w·b, as the only source.
  ///
  /// - Parameters:
  ///   - direction: w `[d]`, such as a row of the unembedding.
  ///   - site: `output`, or the stream after a block.
  ///   - position: p, where the output is read.
  /// - Returns: One number for every component; all are zero for a model without biases.
  public func biasShares(
    of direction: [S], to site: Site = .output, position: Int
  ) -> ComponentShares {
    let rows = blocks.haveOffset ? position + 1 : 0
    let strand = Strand(support: 0..<rows, window: 0..<position + 1)
    let sweep = ComponentSweep(self, direction, to: site, position: position)
    let nothing = Matrix<S>.zero(rows: rows, columns: input.columns)
    return sweep.shares(of: Tangents(strands: [strand], rows: nothing), addingBiases: rows > 0)
  }
}

/// A forward sweep that reads every component off the stream at one position.
private struct ComponentSweep<S: Scalar> {
  let blocks: FrozenBlocks<S>.SubSequence
  let position: Int
  /// q `[d]`: the direction seen from the stream at the position.
  let direction: [S]

  private var place: Range<Int> { position..<position + 1 }

  init(
    _ linearization: Linearization<S>, _ direction: [S], to site: Site, position: Int
  ) {
    let (depth, kind) = linearization.destination(site)
    precondition(kind == .residual, "components write into the stream, not into \(site)")
    precondition(direction.count == linearization.input.columns, "a direction of another width")
    self.position = position
    blocks = linearization.blocks.prefix(depth + 1)
    let scale = linearization.finalNorm.frozen(
      at: linearization.stream(at: site).rows(position..<position + 1))
    self.direction = Self.scaled(direction, by: scale, at: 0)
  }

  /// The components' parts of sources that enter block 0.
  func shares(of sources: Tangents<S>, addingBiases: Bool = false) -> ComponentShares {
    var stream = sources
    var shares = ComponentShares(direct: products(of: sources), blocks: [], totals: [])
    for (n, block) in blocks.enumerated() {
      let reading = n == blocks.count - 1 ? place : 0..<position + 1
      shares.blocks.append(
        advance(&stream, through: block, reading: reading, addingBiases: addingBiases))
    }
    shares.totals = products(of: stream)
    return shares
  }

  /// Carries the stream through a block, and reads off what its layers add at the position.
  private func advance(
    _ stream: inout Tangents<S>, through block: FrozenBlock<S>, reading: Range<Int>,
    addingBiases: Bool
  ) -> ComponentShares.Block {
    var (heads, experts): ([[Double]], [ComponentShares.Expert]) = ([], [])
    // What attention and then the feed-forward layer added, and their biases.
    var branches: [[Double]] = []
    var bias = [Double](repeating: 0, count: stream.strands.count)
    stream = BlockWalk.forward(stream) { step, x in
      switch step {
      case .attention:
        let mixed = PositionMixing(block.attention.pattern, reading: reading)
          .apply(block.attention.value.weight.apply(x))
        heads = headShares(mixed, of: block)
        return block.attention.output.weight.apply(mixed)
      case .feedForward:
        experts = expertShares(x, of: block)
        return block.feedForward.map.apply(x)
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm:
        return block.apply(step, to: x, reading: reading)
      }
    } add: { stream, branch in
      let step: BlockStep = branches.isEmpty ? .attention : .feedForward
      branches.append(products(of: branch))
      var sum = stream.restricted(to: reading) + branch
      if addingBiases, let offset = block.addedOffset(of: step) {
        bias = zip(bias, add(offset, to: &sum, reading: reading)).map(+)
      }
      return sum
    }
    return .init(
      attention: branches[0], heads: heads, feedForward: branches[1], experts: experts, bias: bias)
  }

  /// Adds biases `[T, d]` to the stream, and returns what they gave at the position.
  private func add(
    _ offset: Matrix<S>, to stream: inout Tangents<S>, reading: Range<Int>
  ) -> [Double] {
    let strand = Strand(support: 0..<position + 1, window: 0..<position + 1)
    let part = Tangents(strands: [strand], rows: offset.rows(strand.support)).restricted(
      to: reading)
    stream = stream + part
    return products(of: part)
  }

  /// What each head gave: its output through its columns of W_O, along q.
  private func headShares(_ mixed: Tangents<S>, of block: FrozenBlock<S>) -> [[Double]] {
    let read = block.attention.output.weight.multiplyTransposed(
      Matrix(row: Self.scaled(direction, by: block.scale(.attentionPostNorm), at: position))
    ).elements
    let (count, width) = (block.attention.pattern.queryHeads, block.attention.pattern.headWidth)
    return (0..<count).map { head in
      let columns = head * width..<(head + 1) * width
      return products(of: mixed, columns: columns, with: read)
    }
  }

  /// What each expert gave that the position was given to; nothing where the layer is no mixture.
  private func expertShares(
    _ entering: Tangents<S>, of block: FrozenBlock<S>
  ) -> [ComponentShares.Expert] {
    let served = block.feedForward.layers.filter { $0.expert != nil && $0.row(of: position) != nil }
    if served.isEmpty { return [] }
    let here = entering.restricted(to: place)
    let read = Self.scaled(direction, by: block.scale(.feedForwardPostNorm), at: position)
    return served.compactMap { layer in
      guard let index = layer.expert else { return nil }
      let image = FrozenFeedForward(layers: [layer]).map.apply(here)
      return .init(
        index: index, values: products(of: image, columns: 0..<read.count, with: read))
    }
  }

  private func products(of x: Tangents<S>) -> [Double] {
    products(of: x, columns: 0..<direction.count, with: direction)
  }

  /// The dot products of a vector with some columns of each tangent at the position; 0 where it is none.
  private func products(of x: Tangents<S>, columns: Range<Int>, with vector: [S]) -> [Double] {
    let rows = x.restricted(to: place)
    var row = 0
    return rows.strands.map { strand in
      if strand.support.isEmpty { return 0 }
      defer { row += 1 }
      let start = row * rows.rows.columns
      return Kernels.dot(
        rows.rows.elements.span.extracting(start + columns.lowerBound..<start + columns.upperBound),
        vector.span.extracting(columns))
    }
  }

  /// A vector times a frozen normalization's coefficients in one row.
  private static func scaled(_ vector: [S], by scale: FrozenScale<S>?, at row: Int) -> [S] {
    guard let scale else { return vector }
    var result = vector
    Kernels.multiply(&result, by: scale.coefficients.row(row))
    return result
  }
}
