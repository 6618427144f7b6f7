public import SecantOperators

/// A linear function of the output: `Σ_t w_t·y_t` over successive positions t.
///
/// A logit is a readout with one row, that of the unembedding, at the last position. The readout of
/// a whole answer has one row for each of its tokens.
public struct Readout<S: Scalar>: Hashable, Sendable {
  /// w_t for each position, `[n, d]`.
  public let directions: Matrix<S>
  /// The n positions.
  public let positions: Range<Int>

  /// A readout of one direction for each of some positions.
  public init(_ directions: Matrix<S>, at positions: Range<Int>) {
    precondition(directions.rows == positions.count && !positions.isEmpty, "one row a position")
    (self.directions, self.positions) = (directions, positions)
  }

  /// A readout of one direction `[d]` at one position.
  public init(_ direction: [S], at position: Int) {
    self.init(Matrix(row: direction), at: position..<position + 1)
  }
}

/// An exact account of a readout: by token, by component, and by what passes through each component at
/// each position.
///
/// It divides one number, `Σ_t w_t·y_t`, in three ways:
/// - **By token**: `tokens[i] = Σ_t w_t·J_ti x_i`, and `bias`; they sum to the readout. If positions
///   have learned vectors, `positions[i]` of a token's number comes from the vector of its position.
/// - **By component**: the stream at the positions read is the vector that entered block 0 there
///   plus the outputs of all layers, times the numbers by which blocks multiply the stream after them; the
///   final norm's bias, if there is one, counts with the former.
///   `direct + Σ_n (attention.written + feedForward.written + bias.written)` is the readout; heads
///   sum to attention, and a head's `read[s]`, what it wrote from position s, to its `written`.
/// - **Through**: with g the cotangent that the later layers send to the output of a component,
///   `through[t] = g_t · output_t` is the part of the readout that passes through that component at
///   position t. A part passes through many components, so these numbers have no meaningful sum
///   over blocks.
public struct Ledger: Hashable, Sendable {
  /// The contribution of each token's vector, for the tokens up to the last position read.
  public var tokens: [Double]
  /// The part of each token's contribution that its position's learned vector gave; empty if the
  /// decoder has none.
  public var positions: [Double] = []
  /// The contribution of the biases.
  public var bias: Double
  /// The contribution of the vectors at the positions read and of the final norm's bias, without
  /// passing any layer.
  public var direct: Double
  /// The columns of each block up to the site, in order.
  public var blocks: [Block]

  /// The sum of the tokens' and the biases' contributions.
  public var sum: Double { tokens.reduce(0, +) + bias }

  /// The layers of one block.
  public struct Block: Hashable, Sendable {
    /// Attention as a whole, without its biases.
    public var attention: Entry
    /// The heads.
    public var heads: [Head]
    /// The feed-forward layer as a whole, without its biases; with the branch of per-layer inputs, if there is
    /// one.
    public var feedForward: Entry
    /// The experts of a mixture that serve at least one position; otherwise empty.
    public var experts: [Expert]
    /// The biases of both layers.
    public var bias: Entry
  }

  /// One component.
  public struct Entry: Hashable, Sendable {
    /// What it wrote at the positions read, in units of the readout.
    public var written: Double
    /// The part of the readout that passes through it at each position.
    public var through: [Double]

    /// Zero, at a number of positions.
    init(positions: Int) {
      written = 0
      through = [Double](repeating: 0, count: positions)
    }

    mutating func add(_ other: Entry) {
      written += other.written
      for t in through.indices { through[t] += other.through[t] }
    }

    mutating func subtract(_ other: Entry) {
      written -= other.written
      for t in through.indices { through[t] -= other.through[t] }
    }
  }

  /// One head.
  public struct Head: Hashable, Sendable {
    /// The head as a whole.
    public var entry: Entry
    /// What it wrote from each position that it read.
    public var read: [Double]
  }

  /// One expert.
  public struct Expert: Hashable, Sendable {
    /// The expert's number.
    public let index: Int
    /// The expert as a whole.
    public var entry: Entry
  }
}

extension Linearization {
  /// The exact account of a readout, by one adjoint pass.
  ///
  /// Costs 2·P operations per position for the cotangents, plus each head's values and outputs,
  /// which are computed anew: less than two forward passes, at any length. Blocks that are not held
  /// are frozen once more.
  ///
  /// - Parameters:
  ///   - readout: What is read.
  ///   - site: `output`, or the stream after a block.
  ///   - observer: Called after each block with the fraction done.
  /// - Returns: The account, one number for each token up to the last position read.
  public func ledger(
    of readout: Readout<S>, to site: Site = .output,
    observer: (Double) -> Void = { _ in }
  ) -> Ledger {
    let (depth, place) = destination(site)
    precondition(place == .residual, "components write into the stream, not into \(site)")
    let count = readout.positions.upperBound
    let (seen, finalBias) = seen(readout, at: site)
    var ledger = Ledger(tokens: [], bias: finalBias, direct: finalBias, blocks: [])
    var (cotangents, direct) = (seen, seen)
    for n in (0...depth).reversed() {
      // What is in the stream after a block's layers is read times the numbers of this block and later ones.
      let block = blocks[n]
      direct = block.applyAdjoint(.streamFactor, to: direct, positions: 0..<count)
      let pass = LedgerPass(
        block: block, entering: blocks.stream(before: n).rows(0..<count), seen: direct)
      let entries = pass.back(&cotangents)
      ledger.bias += entries.bias.through.reduce(0, +)
      ledger.blocks.append(entries)
      observer(Double(depth + 1 - n) / Double(depth + 1))
    }
    ledger.blocks.reverse()
    ledger.direct += Kernels.dot(
      direct.rows.elements.span, input.rows(readout.positions).elements.span)
    let asked = cotangents.placed(on: 0..<count).rows.elements
    ledger.tokens = Kernels.groupDots(
      asked, input.rows(0..<count).elements, width: input.columns)
    if let positionInput {
      ledger.positions = Kernels.groupDots(
        asked, positionInput.rows(0..<count).elements, width: input.columns)
    }
    return ledger
  }

  /// A readout seen from the stream at a site: its cotangents before the final norm, which is frozen there,
  /// and what that norm's bias gives to it.
  func seen(
    _ readout: Readout<S>, at site: Site
  ) -> (cotangents: Tangents<S>, bias: Double) {
    precondition(readout.directions.columns == input.columns, "a direction of another width")
    precondition(readout.positions.upperBound <= tokens.count, "no such position")
    let strand = Strand(support: readout.positions, reach: 0..<readout.positions.upperBound)
    let cotangents = finalNorm.frozen(at: stream(at: site))
      .applyAdjoint(Tangents(strands: [strand], rows: readout.directions))
    let bias =
      finalNorm.bias.map { bias in
        Kernels.dot(
          readout.directions.elements.span,
          Matrix.repeating(row: bias, count: readout.positions.count).elements.span)
      } ?? 0
    return (cotangents, bias)
  }
}

/// Carries a readout's cotangents back through one block and reads its layers on the way.
private struct LedgerPass<S: Scalar> {
  let block: FrozenBlock<S>
  /// The stream before the block, at all positions up to the last one read.
  let entering: Matrix<S>
  /// The readout, seen from what the block's layers add to the stream at the positions read.
  let seen: Tangents<S>

  private var count: Int { entering.rows }
  private var all: Range<Int> { 0..<count }

  /// Carries the cotangents of the stream after the block to the stream before it.
  func back(_ cotangents: inout Tangents<S>) -> Ledger.Block {
    let empty = Ledger.Entry(positions: count)
    var entries = Ledger.Block(
      attention: empty, heads: [], feedForward: empty, experts: [], bias: empty)
    // What passes through the feed-forward layer and then the branch of per-layer inputs counts once: with the
    // branch.
    var after: Tangents<S>?
    cotangents = block.walk.backward(cotangents) { step, y in
      switch step {
      case .attention:
        return attention(y, &entries)
      case .feedForward:
        let kept = after.map { block.applyAdjoint(.feedForwardPostNorm, to: $0, positions: all) }
        readFeedForward(kept ?? y, &entries)
      case .perLayer:
        readPerLayer(y, &entries)
      case .perLayerPostNorm: after = y
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .streamFactor:
        break
      }
      return block.applyAdjoint(step, to: y, positions: all)
    } add: {
      $0 + $1
    }
    return entries
  }

  // MARK: - Attention

  private func attention(_ y: Tangents<S>, _ entries: inout Ledger.Block) -> Tangents<S> {
    let layer = block.attention
    let support = y.strands[0].support
    let values = layer.unbiasedValues(
      at: block.apply(.attentionNorm, to: Tangents(stream: entering), positions: all).rows)
    let mixing = layer.mixing(positions: support)
    let mixed = mixing.apply(Tangents(stream: values))
    let wanted = layer.output.weight.applyAdjoint(y)
    let read = block.applyAdjoint(.attentionPostNorm, to: seen, positions: all)
    let asked = layer.output.weight.applyAdjoint(read)

    entries.heads = heads(values, mixed, wanted: wanted, asked: asked)
    for head in entries.heads { entries.attention.add(head.entry) }
    addBias(of: .attention, y, read, to: &entries.bias)
    return layer.entering(layer.asked(mixing.applyAdjoint(wanted), beside: y))
  }

  /// The heads' entries, from their outputs and the cotangents of these, in total and at the
  /// positions read.
  private func heads(
    _ values: Matrix<S>, _ mixed: Tangents<S>, wanted: Tangents<S>, asked: Tangents<S>
  ) -> [Ledger.Head] {
    let pattern = block.attention.pattern
    let (h, w) = (pattern.queryHeads, pattern.headWidth)
    let through = Kernels.groupDots(wanted.rows.elements, mixed.rows.elements, width: w)
    let read = asked.strands[0].support
    let written = Kernels.groupDots(
      asked.rows.elements, mixed.restricted(to: read).rows.elements, width: w)
    let sources = block.attention.mixing(positions: read).headCotangents(asked)
    let first = mixed.strands[0].support.lowerBound
    let start = sources.strands[0].support.lowerBound
    return (0..<h).map { head in
      var entry = Ledger.Entry(positions: count)
      for row in 0..<mixed.rows.rows { entry.through[first + row] = through[row * h + head] }
      entry.written = stride(from: head, to: written.count, by: h).reduce(0) { $0 + written[$1] }
      let valueHead = pattern.valueHead(of: head)
      let own = values.columns(valueHead * w..<(valueHead + 1) * w)
      var parts = [Double](repeating: 0, count: count)
      let rows = sources.heads[head]
      let dots = Kernels.groupDots(
        rows.elements, own.rows(start..<start + rows.rows).elements, width: w)
      for (index, value) in dots.enumerated() { parts[start + index] = value }
      return Ledger.Head(entry: entry, read: parts)
    }
  }

  // MARK: - The feed-forward layer

  private func readFeedForward(_ y: Tangents<S>, _ entries: inout Ledger.Block) {
    let asked = block.applyAdjoint(.feedForwardPostNorm, to: seen, positions: all)
    // The biases first: the layer's entry is its output without them.
    var biases = Ledger.Entry(positions: count)
    addBias(of: .feedForward, y, asked, to: &biases)
    entries.feedForward.add(entry(block.values.feedForward, y, asked))
    entries.feedForward.subtract(biases)
    entries.bias.add(biases)
    entries.experts = experts(y, asked)
  }

  /// The branch of per-layer inputs, which counts as a part of the feed-forward layer.
  private func readPerLayer(_ y: Tangents<S>, _ entries: inout Ledger.Block) {
    guard let output = block.values.perLayer else { return }
    let asked = block.applyAdjoint(.perLayerPostNorm, to: seen, positions: all)
    entries.feedForward.add(entry(output, y, asked))
  }

  /// The experts that serve at least one position; empty if the layer is not a mixture.
  private func experts(_ y: Tangents<S>, _ asked: Tangents<S>) -> [Ledger.Expert] {
    if block.feedForward.layers.allSatisfy({ $0.expert == nil }) { return [] }
    var normalized = Tangents(stream: entering)
    _ = block.walk.forward(normalized, to: .feedForward) { step, x in
      switch step {
      case .attention: return Tangents(stream: block.values.attention.rows(all))
      case .feedForward:
        normalized = x
        return x
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm, .perLayer,
        .perLayerPostNorm, .streamFactor:
        return block.apply(step, to: x, positions: all)
      }
    } add: {
      $0 + $1
    }
    return block.feedForward.layers.compactMap { layer in
      guard let index = layer.expert, let first = layer.positions?.first, first < count else {
        return nil
      }
      let image = FrozenFeedForward(layers: [layer]).map.apply(normalized)
      return Ledger.Expert(index: index, entry: entry(image.rows, y, asked))
    }
  }

  // MARK: - Dot products

  private func addBias(
    of step: BlockStep, _ y: Tangents<S>, _ asked: Tangents<S>, to entry: inout Ledger.Entry
  ) {
    guard let offset = block.offset(of: step) else { return }
    entry.add(self.entry(offset, y, asked))
  }

  /// Products of a layer's outputs `[≥ count, d]` with their cotangents, in total and at the
  /// positions read.
  private func entry(
    _ outputs: Matrix<S>, _ y: Tangents<S>, _ asked: Tangents<S>
  ) -> Ledger.Entry {
    var entry = Ledger.Entry(positions: count)
    let support = y.strands[0].support
    let dots = Kernels.groupDots(
      y.rows.elements, outputs.rows(support).elements, width: outputs.columns)
    for (index, value) in dots.enumerated() { entry.through[support.lowerBound + index] = value }
    entry.written = Kernels.dot(
      asked.rows.elements.span, outputs.rows(asked.strands[0].support).elements.span)
    return entry
  }
}
