import SecantOperators

extension Linearization {
  /// y `[d]` of the other run with some parts from this run: every part of the computation is
  /// frozen at its value in one of the two runs.
  ///
  /// Without parts it is the other run's output, and with all parts of an account this run's
  /// output. With all parts from one part on, the readout differs from the other run's by their
  /// entries. For other sets it may differ, because a part's contribution depends on the parts
  /// after it. Costs a forward pass, and the values and the mixing of heads of both runs.
  ///
  /// - Parameters:
  ///   - parts: The positions at which each part comes from this run.
  ///   - other: The other run: the same decoder at as many tokens, frozen by the same rule.
  ///   - site: `output`, or the stream after a block.
  ///   - position: The position at which the output is read.
  /// - Returns: The output of the final norm.
  public func output(
    swapping parts: [Difference.Component: Set<Int>], into other: Linearization,
    to site: Site = .output, position: Int
  ) -> [S] {
    precondition(
      tokens.count == other.tokens.count && rule == other.rule
        && blocks.count == other.blocks.count, "runs of different shapes")
    let (depth, place) = destination(site)
    precondition(place == .residual, "parts act on the stream, not on \(site)")
    let swaps = PartSwaps<S>(parts: parts, count: position + 1)
    var stream = Tangents(stream: swaps.rows(.content, input, other.input))
    for n in 0...depth { stream = swaps.pass(stream, n, blocks[n], other.blocks[n]) }
    func scale(_ run: Linearization) -> Matrix<S> {
      finalNorm.frozen(at: run.stream(at: site).rows(0..<position + 1)).coefficients
    }
    let scales = FrozenScale(
      swaps.rows(.finalNorm, scale(self), scale(other)),
      centeredWidth: finalNorm.frozen(at: input).centeredWidth)
    return finalNorm.forward(stream.rows, scaledBy: scales).row(position)
  }
}

/// The parts that come from run A, at the computed positions; all others come from run B.
private struct PartSwaps<S: Scalar> {
  let parts: [Difference.Component: Set<Int>]
  let count: Int

  /// The rows of B, or of A where a part comes from A.
  func rows(_ component: Difference.Component, _ a: Matrix<S>, _ b: Matrix<S>) -> Matrix<S> {
    var result = b.rows(0..<count)
    for position in parts[component] ?? [] where position < count {
      Kernels.copy(
        a.elements, from: position * a.columns, count: a.columns, to: &result.elements,
        at: position * a.columns)
    }
    return result
  }

  /// A stream after a block, with the values that blocks give beside it.
  func pass(
    _ stream: Tangents<S>, _ n: Int, _ a: FrozenBlock<S>, _ b: FrozenBlock<S>
  ) -> Tangents<S> {
    a.walk.forward(stream) { step, x in
      switch step {
      case .attention: return attention(x, n, a.attention, b.attention)
      case .feedForward:
        return x.replacingRows(
          feedForward(x.rows, .feedForward(block: n), a.feedForward, b.feedForward))
      case .perLayer:
        guard let a = a.perLayer, let b = b.perLayer else {
          preconditionFailure("runs of other shapes")
        }
        return x.replacingRows(feedForward(x.rows, .perLayer(block: n), a, b))
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        guard let (a, b) = a.scale(step).flatMap({ a in b.scale(step).map { (a, $0) } }) else {
          return x
        }
        let scale = FrozenScale(
          rows(.norm(block: n, step), a.coefficients, b.coefficients),
          centeredWidth: a.centeredWidth)
        return scale.apply(x).withLanes(of: x)
      case .streamFactor: return b.apply(step, to: x, positions: 0..<count)
      }
    } add: {
      $0 + $1
    }
  }

  private func attention(
    _ x: Tangents<S>, _ n: Int, _ a: FrozenAttention<S>, _ b: FrozenAttention<S>
  ) -> Tangents<S> {
    // What is taken comes from the stream of this run, not from either of both.
    let values = b.projectsValues ? b.value.forward(x.rows) : b.values(of: x).rows
    func written(_ heads: Matrix<S>) -> Tangents<S> {
      b.giving(x.replacingRows(values), beside: x.replacingRows(b.output.forward(heads)))
    }
    var heads = b.mixed(values)
    let chosen = (0..<b.pattern.queryHeads).compactMap { head in
      parts[.head(block: n, head)].map { (head: head, positions: $0) }
    }
    if chosen.isEmpty { return written(heads) }
    let (other, width) = (a.mixed(values), b.pattern.headWidth)
    for (head, positions) in chosen {
      for position in positions where position < count {
        let place = position * heads.columns + head * width
        Kernels.copy(other.elements, from: place, count: width, to: &heads.elements, at: place)
      }
    }
    return written(heads)
  }

  private func feedForward(
    _ x: Matrix<S>, _ names: GatedParts, _ a: FrozenFeedForward<S>, _ b: FrozenFeedForward<S>
  ) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: count, columns: x.columns)
    let experts = Set((a.layers + b.layers).map(\.expert)).sorted { ($0 ?? -1) < ($1 ?? -1) }
    for expert in experts {
      let (after, before) = (a.layer(of: expert), b.layer(of: expert))
      guard let change = GateChange(before: before, after: after) else { continue }
      let layer = change.given
      let served = GateChange.positions(of: [after, before], in: 0..<count)
      if served.isEmpty { continue }
      let chosen = parts[names.gates(expert)] ?? []
      let rows = x.gathering(rows: served)
      /// Rows of B, or of A where the part comes from A.
      func swapped(_ b: Matrix<S>, _ a: Matrix<S>) -> Matrix<S> {
        var result = b
        for (row, position) in served.enumerated() where chosen.contains(position) {
          Kernels.copy(
            a.elements, from: row * b.columns, count: b.columns, to: &result.elements,
            at: row * b.columns)
        }
        return result
      }
      let nothing = Matrix<S>.zero(rows: served.count, columns: layer.hiddenWidth)
      var hidden = swapped(
        change.constants(before, at: served) ?? nothing,
        change.constants(after, at: served) ?? nothing)
      for (index, branch) in layer.branches.enumerated() {
        var gates = swapped(
          change.coefficients(before, index, at: served),
          change.coefficients(after, index, at: served))
        Kernels.multiply(&gates.elements, by: branch.projection.forward(rows).elements)
        hidden += gates
      }
      let weights = change.routerWeights(before, at: served).map { old in
        let new = change.routerWeights(after, at: served) ?? old
        return served.enumerated().map { chosen.contains($1) ? new[$0] : old[$0] }
      }
      Kernels.scatterRows(
        layer.output(of: hidden, routerWeights: weights).elements, width: x.columns, rows: served,
        to: &result.elements)
    }
    return result
  }
}
