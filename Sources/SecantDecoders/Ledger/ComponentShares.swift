import SecantOperators

/// A readout of the output, divided among sources and the components that carried them there.
///
/// The stream at the analyzed position p is the vector that entered block 0 there plus the outputs
/// of all attention and feed-forward layers. The frozen maps carry a source (a token's input
/// vector, or the biases). Component C of block n is read at p before its output is added to the
/// stream: `q_n·C M_n s`, where M_n s is the source's part of the stream before block n (for a
/// feed-forward layer, after attention) and q_n the direction, seen from the stream: the final norm's
/// frozen coefficients times w, and the numbers by which block n and later ones multiply the stream.
///
/// Everything is linear in the sources and additive in the components. So for every source
/// `direct + Σ_n (attention + feedForward + bias)` is its `total`, except for rounding.
public struct ComponentShares: Hashable, Sendable {
  /// What the sources gave without passing any layer: zero except for the source that enters at p,
  /// and for the final norm's bias, which belongs to the source of the biases.
  public var direct: [Double]
  /// The columns of each block up to the site, in order.
  public var blocks: [Block]
  /// The totals of the sources, from the whole map.
  public var totals: [Double]

  /// The parts of one block's layers, by source.
  public struct Block: Hashable, Sendable {
    /// Attention as a whole, one number per source.
    public var attention: [Double]
    /// The heads, each with one number per source.
    public var heads: [[Double]]
    /// The feed-forward layer as a whole, one number per source; with the branch of per-layer inputs, if there is
    /// one.
    public var feedForward: [Double]
    /// The experts of a mixture that serve p; otherwise empty.
    public var experts: [Expert]
    /// What the layers' own biases gave, one number per source: zero except for the source of the
    /// biases.
    public var bias: [Double]
  }

  /// The parts of one expert, by source.
  public struct Expert: Hashable, Sendable {
    /// The expert's number.
    public let index: Int
    /// One number per source.
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
  /// What every component contributed to w·y from some tokens' inputs.
  ///
  /// One sweep carries the x_i of all tokens forward, each from its own position on. It costs 2·P
  /// operations for each pair of a token and a position that it reaches, and 2·h·w·d per block for
  /// the heads.
  ///
  /// - Parameters:
  ///   - direction: w `[d]`, such as a row of the unembedding.
  ///   - site: `output`, or the stream after a block.
  ///   - position: p, where the output is read.
  ///   - tokens: The sources, ascending, none after p.
  /// - Returns: One number per token, for every component.
  public func componentShares(
    of direction: [S], to site: Site = .output, position: Int, tokens: some Sequence<Int>
  ) -> ComponentShares {
    let tokens = Array(tokens)
    precondition(tokens.allSatisfy((0...position).contains), "no such tokens")
    let strands = tokens.map { Strand(support: $0..<$0 + 1, reach: $0..<position + 1) }
    let sweep = ComponentSweep(self, direction, to: site, position: position)
    return sweep.shares(of: Tangents(strands: strands, rows: input.gathering(rows: tokens)))
  }

  /// What every component contributed to w·b, with the biases as the only source.
  ///
  /// - Parameters:
  ///   - direction: w `[d]`, such as a row of the unembedding.
  ///   - site: `output`, or the stream after a block.
  ///   - position: p, where the output is read.
  /// - Returns: One number for every component; all are zero for a model without biases.
  public func biasShares(
    of direction: [S], to site: Site = .output, position: Int
  ) -> ComponentShares {
    let rows = hasOffset ? position + 1 : 0
    let strand = Strand(support: 0..<rows, reach: 0..<position + 1)
    let sweep = ComponentSweep(self, direction, to: site, position: position)
    let nothing = Matrix<S>.zero(rows: rows, columns: input.columns)
    return sweep.shares(of: Tangents(strands: [strand], rows: nothing), addingBiases: rows > 0)
  }
}

/// A forward sweep that reads every component at one position.
private struct ComponentSweep<S: Scalar> {
  let blocks: FrozenBlocks<S>.SubSequence
  let position: Int
  /// q_n `[d]` of each block: the direction seen from what its layers add to the stream at the position;
  /// and last that seen from the site.
  let directions: [[S]]
  /// w·β, with β the final norm's bias; 0 if it has none.
  let finalBias: Double

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
    var directions = [Self.scaled(direction, by: scale, at: 0)]
    for n in (0...depth).reversed() {
      let (factor, next) = (linearization.blocks.streamFactor(of: n), directions[depth - n])
      directions.append(factor == 1 ? next : next.map { factor * $0 })
    }
    self.directions = directions.reversed()
    finalBias =
      linearization.finalNorm.bias.map { Kernels.dot(direction.span, $0.span) } ?? 0
  }

  /// The components' parts, for sources that enter block 0.
  func shares(of sources: Tangents<S>, addingBiases: Bool = false) -> ComponentShares {
    var stream = sources
    var shares = ComponentShares(
      direct: products(of: sources, with: directions[0]), blocks: [], totals: [])
    for (n, block) in blocks.enumerated() {
      let positions = n == blocks.count - 1 ? place : 0..<position + 1
      shares.blocks.append(
        advance(
          &stream, through: block, seenBy: directions[n], positions: positions,
          addingBiases: addingBiases))
    }
    shares.totals = products(of: stream, with: directions[blocks.count])
    if addingBiases {
      shares.direct = shares.direct.map { $0 + finalBias }
      shares.totals = shares.totals.map { $0 + finalBias }
    }
    return shares
  }

  /// Carries the stream through a block and reads what its layers add at the position.
  private func advance(
    _ stream: inout Tangents<S>, through block: FrozenBlock<S>, seenBy direction: [S],
    positions: Range<Int>, addingBiases: Bool
  ) -> ComponentShares.Block {
    var (heads, experts): ([[Double]], [ComponentShares.Expert]) = ([], [])
    // What attention, then the feed-forward layer, and their biases added.
    var branches: [[Double]] = []
    var bias = [Double](repeating: 0, count: stream.strands.count)
    stream = block.walk.forward(stream) { step, x in
      switch step {
      case .attention:
        let values = block.attention.values(of: x)
        let mixed = block.attention.mixing(positions: positions).apply(values)
        heads = headShares(mixed, of: block, along: direction)
        return block.attention.giving(
          values, beside: block.attention.output.weight.apply(mixed))
      case .feedForward:
        experts = expertShares(x, of: block, along: direction)
        return block.feedForward.map.apply(x)
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm, .perLayer,
        .perLayerPostNorm, .streamFactor:
        return block.apply(step, to: x, positions: positions)
      }
    } add: { stream, branch in
      let step = Self.branchSteps[branches.count]
      branches.append(products(of: branch, with: direction))
      var sum = stream.restricted(to: positions) + branch
      if addingBiases, let offset = block.addedOffset(of: step) {
        let part = add(offset, to: &sum, positions: positions)
        bias = zip(bias, products(of: part, with: direction)).map(+)
      }
      return sum
    }
    // The branch of per-layer inputs counts as a part of the feed-forward layer.
    let feedForward = branches.dropFirst(2).reduce(branches[1]) { zip($0, $1).map(+) }
    return .init(
      attention: branches[0], heads: heads, feedForward: feedForward, experts: experts, bias: bias)
  }

  /// The steps whose outputs are added to the stream, in order.
  private static var branchSteps: [BlockStep] { [.attention, .feedForward, .perLayer] }

  /// Adds biases `[T, d]` to the stream at some positions, and returns what was added.
  private func add(
    _ offset: Matrix<S>, to stream: inout Tangents<S>, positions: Range<Int>
  ) -> Tangents<S> {
    let strand = Strand(support: 0..<position + 1, reach: 0..<position + 1)
    let part = Tangents(strands: [strand], rows: offset.rows(strand.support)).restricted(
      to: positions)
    stream = stream + part
    return part
  }

  /// What each head gave: its output through its columns of W_O, along q.
  private func headShares(
    _ mixed: Tangents<S>, of block: FrozenBlock<S>, along direction: [S]
  ) -> [[Double]] {
    let read = block.attention.output.weight.multiplyTransposed(
      Matrix(row: Self.scaled(direction, by: block.scale(.attentionPostNorm), at: position))
    ).elements
    let (count, width) = (block.attention.pattern.queryHeads, block.attention.pattern.headWidth)
    return (0..<count).map { head in
      let columns = head * width..<(head + 1) * width
      return products(of: mixed, columns: columns, with: read)
    }
  }

  /// What each expert that serves the position gave; empty if the layer is not a mixture.
  private func expertShares(
    _ entering: Tangents<S>, of block: FrozenBlock<S>, along direction: [S]
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

  private func products(of x: Tangents<S>, with direction: [S]) -> [Double] {
    products(of: x, columns: 0..<direction.count, with: direction)
  }

  /// The dot products of a vector with some columns of each tangent at the position; 0 if a tangent
  /// has no row there.
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

  /// A direction after a frozen normalization, seen from before it, at one position.
  private static func scaled(_ vector: [S], by scale: FrozenScale<S>?, at row: Int) -> [S] {
    guard let scale else { return vector }
    return scale.rows(row..<row + 1).applyAdjoint(Tangents(stream: Matrix(row: vector))).rows
      .elements
  }
}
