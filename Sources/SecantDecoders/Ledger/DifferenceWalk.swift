import SecantOperators

extension Linearization {
  /// The exact account of what changed a readout from another run to this one.
  ///
  /// Freezing the runs took two forward passes. The account costs about one and a half more, at any length: one
  /// adjoint pass of this run, and a second computation of the value, output and feed-forward products. Each block
  /// that is not held is frozen again. Attention's probabilities are compared part by part; no T² matrix is in
  /// memory. Positions before the first that differs cost nothing.
  ///
  /// - Parameters:
  ///   - other: Run B. It has the same number of rows and the same gate rule. Masked rows pad a shorter text.
  ///   - readout: What is read.
  ///   - second: What is read off run B at the same positions, where that is a run of another decoder of the
  ///     same shape; nil where both are runs of one decoder.
  ///   - site: `output`, or the stream after a block.
  ///   - detail: How finely the account is divided.
  ///   - observer: Called after each block with the fraction that is done.
  /// - Returns: The account; its values are one number for each token up to the last position read.
  public func difference(
    from other: Linearization, of readout: Readout<S>, and second: Readout<S>? = nil,
    to site: Site = .output, detail: Difference.Detail = .init(),
    observer: (Double) -> Void = { _ in }
  ) -> Difference {
    guard
      var walk = DifferenceWalk(
        of: self, from: other, readout, second ?? readout, isOneDecoder: second == nil, site,
        detail)
    else {
      return .nothing
    }
    walkBlocks(with: other, to: site, observer) { walk.pass($0, $1, $2) }
    return walk.account
  }

  /// The account from another run to this one, and the one from this to the other.
  ///
  /// Costs both accounts, and freezes blocks that are not held only once for both.
  ///
  /// - Parameters:
  ///   - other: Run B, as for ``difference(from:of:and:to:detail:observer:)``.
  ///   - readout: What is read.
  ///   - second: What is read off run B, where it is a run of another decoder of the same shape.
  ///   - site: `output`, or the stream after a block.
  ///   - detail: How finely the accounts are divided.
  ///   - observer: Called after each block with the fraction that is done.
  /// - Returns: Both accounts.
  public func differences(
    with other: Linearization, of readout: Readout<S>, and second: Readout<S>? = nil,
    to site: Site = .output, detail: Difference.Detail = .init(),
    observer: (Double) -> Void = { _ in }
  ) -> TwoWayDifference {
    let (isOne, otherReadout) = (second == nil, second ?? readout)
    guard
      var forward = DifferenceWalk(
        of: self, from: other, readout, otherReadout, isOneDecoder: isOne, site, detail),
      var reverse = DifferenceWalk(
        of: other, from: self, otherReadout, readout, isOneDecoder: isOne, site, detail)
    else { return TwoWayDifference(forward: .nothing, reverse: .nothing) }
    walkBlocks(with: other, to: site, observer) {
      forward.pass($0, $1, $2)
      reverse.pass($0, $2, $1)
    }
    return TwoWayDifference(forward: forward.account, reverse: reverse.account)
  }

  /// Visits the blocks of both runs from a site back to the first.
  private func walkBlocks(
    with other: Linearization, to site: Site, _ observer: (Double) -> Void,
    _ visit: (Int, DifferenceWalk<S>.Run, DifferenceWalk<S>.Run) -> Void
  ) {
    let depth = destination(site).block
    for n in (0...depth).reversed() {
      visit(
        n, .init(block: blocks[n], entering: blocks.stream(before: n)),
        .init(block: other.blocks[n], entering: other.blocks.stream(before: n)))
      observer(Double(depth + 1 - n) / Double(depth + 1))
    }
  }
}

/// Carries a readout's cotangents back through run A and compares the parts of both runs on the
/// way.
struct DifferenceWalk<S: Scalar> {
  /// A block of one run, and the stream that entered it.
  struct Run {
    let block: FrozenBlock<S>
    let entering: Matrix<S>
  }

  private let detail: Difference.Detail
  /// Whether both runs are of one decoder, so that no weight differs.
  private let isOneDecoder: Bool
  private let contentChange: Matrix<S>
  /// The change of the positions' learned vectors; nil if there are none, or both runs are of one
  /// decoder, in which they are the same.
  private let positionChange: Matrix<S>?
  /// The positions from the first that differs to the last one read.
  private let changed: Range<Int>
  private let real: Double
  private var cotangents: Tangents<S>
  /// The parts so far, in the order of the computation.
  private var parts: [Difference.Part]

  /// At the readout of both runs; nil where nothing that is read can differ.
  init?(
    of a: Linearization<S>, from b: Linearization<S>, _ readout: Readout<S>,
    _ second: Readout<S>, isOneDecoder: Bool, _ site: Site, _ detail: Difference.Detail
  ) {
    precondition(a.tokens.count == b.tokens.count, "runs of different lengths")
    precondition(
      a.rule == b.rule && a.blocks.count == b.blocks.count
        && a.input.columns == b.input.columns, "runs of other shapes or gate rules")
    precondition(
      readout.positions == second.positions
        && readout.directions.columns == second.directions.columns, "readouts of other shapes")
    precondition(
      a.destination(site).place == .residual, "parts act on the stream, not on \(site)")
    precondition(readout.directions.columns == a.input.columns, "a direction of another width")
    let count = readout.positions.upperBound
    precondition(count <= a.tokens.count, "no such position")
    // The runs are causal: if both rotate positions alike, they are equal before the first vector that
    // differs and the first query that sees other positions.
    let hidden = Set(a.blocks.hidden).symmetricDifference(b.blocks.hidden)
    let first =
      isOneDecoder && a.blocks.rotatePositions(as: b.blocks)
      ? (0..<count).first { a.input.row($0) != b.input.row($0) || hidden.contains($0 - 1) } : 0
    guard let first else { return nil }
    self.detail = detail
    self.isOneDecoder = isOneDecoder
    changed = first..<count
    let inputChange = a.input.rows(changed) - b.input.rows(changed)
    if !isOneDecoder, let own = a.positionInput, let other = b.positionInput {
      let change = own.rows(changed) - other.rows(changed)
      (contentChange, positionChange) = (inputChange - change, change)
    } else {
      (contentChange, positionChange) = (inputChange, nil)
    }

    let read = readout.positions.clamped(to: changed)
    let start = readout.positions.lowerBound
    func directions(of readout: Readout<S>) -> Matrix<S> {
      readout.directions.rows(read.lowerBound - start..<read.upperBound - start)
    }
    let (directions, others) = (directions(of: readout), directions(of: second))
    let streams = (a.stream(at: site).rows(read), b.stream(at: site).rows(read))
    let scales = (a.finalNorm.frozen(at: streams.0), b.finalNorm.frozen(at: streams.1))
    let outputs = (a.finalNorm.forward(streams.0), b.finalNorm.forward(streams.1))
    real =
      Kernels.dot(directions.elements.span, outputs.0.elements.span)
      - Kernels.dot(others.elements.span, outputs.1.elements.span)
    cotangents = Tangents(
      strands: [Strand(support: read, reach: changed)],
      rows: scales.0.applyAdjoint(Tangents(stream: directions)).rows)
    // A change of the norm's bias belongs to the norm.
    let norm = a.finalNorm.forward(streams.1, scaledBy: scales.0) - outputs.1
    parts = []
    parts = [part(.finalNorm, products(norm, directions), at: Array(read))]
    if !isOneDecoder {
      let change = products(directions - others, outputs.1)
      parts.append(part(.unembedding, change, at: Array(read)))
    }
  }

  /// The account, after all blocks.
  var account: Difference {
    let asked = cotangents.placed(on: changed).rows
    var entering = [part(.content, products(contentChange, asked), at: Array(changed))]
    if let positionChange {
      entering.append(part(.positions, products(positionChange, asked), at: Array(changed)))
    }
    return Difference(real: real, parts: entering + parts)
  }

  /// Goes back through one block.
  mutating func pass(_ n: Int, _ a: Run, _ b: Run) {
    // The input of each step in run B.
    let given = b.block.inputs(of: b.entering.rows(0..<changed.upperBound))
    var found: [BlockStep: [Difference.Part]] = [:]
    cotangents = a.block.walk.backward(cotangents) { step, y in
      guard let x = given[step] else { preconditionFailure("both walks pass the same steps") }
      switch step {
      case .attention:
        let (parts, image) = attention(n, y, a.block, b.block, x)
        found[step] = parts
        return image
      case .feedForward:
        let (parts, image) = feedForward(
          .feedForward(block: n), y, a.block.feedForward, b.block.feedForward, x)
        found[step] = parts
        return image
      case .perLayer:
        guard let own = a.block.perLayer, let other = b.block.perLayer else {
          preconditionFailure("runs of other shapes")
        }
        let (parts, image) = feedForward(.perLayer(block: n), y, own, other, x)
        found[step] = parts
        return image
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        found[step] = norm(.norm(block: n, step), y, a.block.scale(step), b.block.scale(step), x)
      case .streamFactor:
        let change = (a.block.streamFactor ?? 1) - (b.block.streamFactor ?? 1)
        if change == 0 { break }
        let support = y.strands[0].support
        let values = products(change * x.rows(support), y.rows)
        found[step] = [part(.weights(block: n, .stream, expert: nil), values, at: Array(support))]
      }
      return a.block.applyAdjoint(step, to: y, positions: 0..<changed.upperBound)
    } add: {
      $0 + $1
    }
    parts = BlockStep.allCases.flatMap { found[$0] ?? [] } + parts
  }

  // MARK: - Norms

  private func norm(
    _ component: Difference.Component, _ y: Tangents<S>, _ a: FrozenScale<S>?, _ b: FrozenScale<S>?,
    _ x: Matrix<S>
  ) -> [Difference.Part] {
    guard let a, let b else { return [] }
    let support = y.strands[0].support
    let change = FrozenScale(
      a.coefficients.rows(support) - b.coefficients.rows(support), centeredWidth: a.centeredWidth)
    let image = change.apply(Tangents(stream: x.rows(support))).rows
    return [part(component, products(image, y.rows), at: Array(support))]
  }

  // MARK: - Attention

  private func attention(
    _ n: Int, _ y: Tangents<S>, _ a: FrozenBlock<S>, _ b: FrozenBlock<S>, _ x: Matrix<S>
  ) -> ([Difference.Part], Tangents<S>) {
    let support = y.strands[0].support
    let wanted = a.attention.output.weight.applyAdjoint(y)
    let values = b.attention.values(at: x)
    let change = PatternChange(
      before: .init(b.attention, values: values, wanted: wanted.rows, at: support),
      after: .init(a.attention, values: values, wanted: wanted.rows, at: support),
      positions: support)
    let heads = concurrentMap(Array(0..<a.attention.pattern.queryHeads)) {
      head -> Difference.Part in
      let (values, terms) = change.effect(of: head, detail)
      var part = part(.head(block: n, head), values, terms, at: Array(support))
      if detail.splitPatterns.contains(.init(block: n, head: head)) {
        part.sides = change.sides(of: head) { placed($0, at: Array(support)) }
      }
      return part
    }
    let asked = a.attention.asked(
      a.attention.mixing(positions: support).applyAdjoint(wanted), beside: y)
    let weights =
      isOneDecoder ? [] : attentionWeights(n, y, asked, a.attention, b.attention, x, values)
    return (heads + weights, a.attention.entering(asked))
  }

  /// What the value and output projections of two decoders make of the same.
  ///
  /// `y` are the cotangents of what leaves attention and `asked` those of the values; `x` is what enters attention
  /// in run B, `values` the values there.
  private func attentionWeights(
    _ n: Int, _ y: Tangents<S>, _ asked: Tangents<S>, _ a: FrozenAttention<S>,
    _ b: FrozenAttention<S>, _ x: Matrix<S>, _ values: Matrix<S>
  ) -> [Difference.Part] {
    let (support, sources) = (y.strands[0].support, asked.strands[0].support)
    let mixed = b.mixing(positions: support).apply(Tangents(stream: values)).rows
    let images = a.output.forward(mixed) - b.output.forward(mixed)
    let output = part(
      .weights(block: n, .output, expert: nil), products(images, y.rows), at: Array(support))
    guard a.projectsValues else { return [output] }
    let change = (a.value.forward(x) - values).rows(sources)
    let value = part(
      .weights(block: n, .value, expert: nil), products(change, asked.rows), at: Array(sources))
    return [value, output]
  }

  // MARK: - The feed-forward layer

  /// The number of hidden activations in memory at a time.
  private static var hiddenElements: Int { 1 << 22 }

  /// The gates of every layer that serves a position in either run, and the cotangents of what enters run A's.
  private func feedForward(
    _ names: GatedParts, _ y: Tangents<S>, _ a: FrozenFeedForward<S>, _ b: FrozenFeedForward<S>,
    _ x: Matrix<S>
  ) -> ([Difference.Part], Tangents<S>) {
    let support = y.strands[0].support
    var image = Matrix<S>.zero(rows: support.count, columns: x.columns)
    let experts = Set((a.layers + b.layers).map(\.expert)).sorted { ($0 ?? -1) < ($1 ?? -1) }
    let parts = experts.flatMap { expert -> [Difference.Part] in
      let (after, before) = (a.layer(of: expert), b.layer(of: expert))
      let served = GateChange.positions(of: [after, before], in: support)
      guard let change = GateChange(before: before, after: after), !served.isEmpty else {
        return []
      }
      var (values, terms): ([Double], [[Difference.Term]]) = ([], [])
      var (down, up): ([Double], [Double]) = ([], [])
      let height = max(64, Self.hiddenElements / max(1, change.given.hiddenWidth))
      for start in stride(from: 0, to: served.count, by: height) {
        let positions = Array(served[start..<min(start + height, served.count)])
        let entering = x.gathering(rows: positions)
        let rows = positions.map { $0 - support.lowerBound }
        let wanted = y.rows.gathering(rows: rows)
        let effect = change.effect(at: positions, of: entering, on: wanted, detail)
        values += effect.values
        terms += effect.terms
        Kernels.scatterRows(
          effect.asked.elements, width: x.columns, rows: rows, to: &image.elements)
        if isOneDecoder { continue }
        let weights = change.weightEffects(at: positions, of: entering, on: wanted)
        down += weights.down
        up += weights.up
      }
      let gates = part(names.gates(expert), values, terms, at: served)
      if isOneDecoder { return [gates] }
      return [
        part(names.up(expert), up, at: served), gates,
        part(names.down(expert), down, at: served),
      ]
    }
    return (parts, y.replacingRows(image))
  }

  // MARK: - Numbers by position

  private func products(_ x: Matrix<S>, _ y: Matrix<S>) -> [Double] {
    Kernels.groupDots(x.elements, y.elements, width: x.columns)
  }

  private func part(
    _ component: Difference.Component, _ values: [Double], _ terms: [[Difference.Term]] = [],
    at positions: [Int]
  ) -> Difference.Part {
    var part = Difference.Part(component: component, values: placed(values, at: positions))
    if !terms.isEmpty {
      part.terms = [[Difference.Term]](repeating: [], count: changed.upperBound)
      for (position, list) in zip(positions, terms) { part.terms[position] = list }
    }
    return part
  }

  private func placed(_ values: [Double], at positions: [Int]) -> [Double] {
    var result = [Double](repeating: 0, count: changed.upperBound)
    for (position, value) in zip(positions, values) { result[position] = value }
    return result
  }
}

/// What the parts of a gated layer are called.
enum GatedParts {
  /// Those of a block's feed-forward layer.
  case feedForward(block: Int)
  /// Those of a block's branch of per-layer inputs.
  case perLayer(block: Int)

  /// The gates, of an expert in a mixture.
  func gates(_ expert: Int?) -> Difference.Component {
    switch self {
    case .feedForward(let block): .gates(block: block, expert: expert)
    case .perLayer(let block): .perLayerGates(block: block)
    }
  }

  /// W_up, or W_g of the branch.
  func up(_ expert: Int?) -> Difference.Component {
    switch self {
    case .feedForward(let block): .weights(block: block, .up, expert: expert)
    case .perLayer(let block): .weights(block: block, .perLayerGate, expert: nil)
    }
  }

  /// W_down, or W_p of the branch.
  func down(_ expert: Int?) -> Difference.Component {
    switch self {
    case .feedForward(let block): .weights(block: block, .down, expert: expert)
    case .perLayer(let block): .weights(block: block, .perLayerOutput, expert: nil)
    }
  }
}
