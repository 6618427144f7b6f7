import RealModule
public import SecantOperators

extension DeltaNetwork {
  /// The derivative at x* `[T, d]`, and the output there.
  func differential(
    at x: Matrix<S>
  ) -> (map: DeltaDifferential<S>, output: Matrix<S>) {
    let pass = pass(x)
    let (rows, entering) = (pass.rows, pass.entering)

    func turned(
      _ projection: Projection<S>, _ convolution: CausalConvolution<S>, _ convolved: Matrix<S>,
      _ norm: Normalization<S>?
    ) -> Composition<Tangents<S>> {
      let slopes = FrozenScale(activation.derivative(convolved))
      let stages: [(any LinearOperator<Tangents<S>>)?] = [
        projection.weight, convolution, slopes, norm?.differential(at: activation(convolved)),
      ]
      return Composition(stages.compactMap { $0 })
    }
    // dα = α·(−exp A)·σ(W_a x + b) dx, dβ = β (1 − β) dx.
    let pattern = entering.pattern
    let decaySlopes = Matrix<S>(rows: x.rows, columns: heads) { row, head in
      let sigmoid = 1 / (1 + S.exp(-rows.decay[row, head] - decayOffset[head]))
      return pattern.decays[row, head] * decaySlope[head] * sigmoid
    }
    var normed = norm.forwardGroups(pass.read)
    Kernels.multiply(&normed.elements, by: Activation.silu.derivative(rows.gate).elements)

    let map = DeltaDifferential(
      frozen: pass.map, pattern: pattern, values: entering.values,
      query: turned(query, convolutions.query, entering.query, lengthNorm(ofQueries: true)),
      key: turned(key, convolutions.key, entering.key, lengthNorm(ofQueries: false)),
      value: turned(value, convolutions.value, entering.value, nil),
      decay: decay.weight.then(FrozenScale(decaySlopes)),
      rate: rate.weight.then(FrozenScale(Activation.sigmoidSlope(rows.rate))),
      norm: norm.differential(at: pass.read).then(FrozenScale(Activation.silu(rows.gate))),
      gate: GateResponse(weight: gate.weight, slopes: FrozenScale(normed)))
    return (map, output.forward(pass.heads))
  }
}

/// The derivative of a gated delta network: all that its frozen form holds varies too.
public struct DeltaDifferential<S: Scalar>: AttentionResponse {
  /// The path of the values, as in the frozen form.
  public let frozen: FrozenAttention<S>
  /// q, k, α and β.
  let pattern: DeltaPattern<S>
  /// v `[T, h·d_v]`.
  let values: Matrix<S>
  /// Stream to q.
  let query: Composition<Tangents<S>>
  /// Stream to k.
  let key: Composition<Tangents<S>>
  /// Stream to v.
  let value: Composition<Tangents<S>>
  /// Stream to α.
  let decay: Composition<Tangents<S>>
  /// Stream to β.
  let rate: Composition<Tangents<S>>
  /// What the recurrence gives to the heads' outputs.
  let norm: Composition<Tangents<S>>
  /// The gates of the outputs.
  let gate: GateResponse<S>

  /// Queries and keys with their slopes, lengths and directions, decays and rates with their slopes; values
  /// with their factors and slopes; and the norm and the gates of outputs with theirs.
  public var elementCount: Int {
    4 * frozen.pattern.elementCount + 8 * values.elements.count
  }

  /// The derivative, computed only at the given positions.
  public func map(positions: Range<Int>) -> any LinearOperator<Tangents<S>> {
    headMap(positions: positions).then(frozen.output.weight)
  }

  /// From the stream to the heads' outputs, computed only at the given positions.
  func headMap(positions: Range<Int>) -> any LinearOperator<Tangents<S>> {
    RecurrenceDifferential(layer: self, positions: positions).then(norm)
      .plus(gate.map(positions: positions))
  }
}

/// The derivative of the recurrence: from the stream `[d]` to what it gives, `[h·d_v]`.
private struct RecurrenceDifferential<S: Scalar>: LinearOperator {
  let layer: DeltaDifferential<S>
  /// The positions whose outputs are needed.
  let positions: Range<Int>

  private var pattern: DeltaPattern<S> { layer.pattern }
  private var d: (key: Int, value: Int) { (pattern.keyWidth, pattern.valueWidth) }
  var inputWidth: Int { layer.value.inputWidth }
  var outputWidth: Int { layer.values.columns }

  /// What enters a step of a head.
  private func step(_ head: Int, _ position: Int) -> DeltaStep<S> {
    let place = pattern.offset(of: head, at: position)
    let first = position * outputWidth + head * d.value
    return DeltaStep(
      query: Array(pattern.queries.elements[place..<place + d.key]),
      key: Array(pattern.keys.elements[place..<place + d.key]),
      value: Array(layer.values.elements[first..<first + d.value]),
      decay: pattern.decays[position, head], rate: pattern.rates[position, head])
  }

  /// Advances a head's state by one position.
  private func advance(_ state: inout [S], _ head: Int, _ position: Int, _ step: DeltaStep<S>) {
    var output = [S](repeating: 0, count: d.value)
    Kernels.deltaStep(
      &state, keys: pattern.keys.elements, queries: pattern.queries.elements,
      at: pattern.offset(of: head, at: position), decay: step.decay, rate: step.rate,
      values: step.value, into: &output)
  }

  /// The first component of a head in rows of queries and keys.
  private func keyColumn(_ head: Int) -> Int { pattern.offset(of: head, at: 0) }

  func apply(_ x: Tangents<S>) -> Tangents<S> {
    // Decays and rates change where the stream does, the others up to K − 1 positions later.
    let value = layer.value.apply(x)
    let strands = value.strands
    func placed(_ map: Composition<Tangents<S>>) -> Matrix<S> {
      map.apply(x).placed(on: strands.map(\.support)).rows
    }
    let parts = (
      query: placed(layer.query), key: placed(layer.key), value: value.rows,
      decay: placed(layer.decay), rate: placed(layer.rate)
    )
    let targets = strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support
          : positions.clamped(to: strand.support.lowerBound..<strand.reach.upperBound))
    }
    let last = targets.map(\.support.upperBound).max() ?? 0
    let (sources, firsts) = (strands.firstRows, targets.firstRows)
    let height = targets.reduce(0) { $0 + $1.support.count }
    let heads = concurrentMap(Array(0..<pattern.heads)) { head in
      var result = Matrix<S>.zero(rows: height, columns: d.value)
      var state = [S](repeating: 0, count: d.key * d.value)
      var tangents = strands.map { _ in state }
      let (k, v) = (keyColumn(head), head * d.value)
      for position in 0..<last {
        let (before, step) = (state, step(head, position))
        advance(&state, head, position, step)
        for (index, strand) in strands.enumerated()
        where !strand.support.isEmpty && strand.support.lowerBound <= position {
          var change = DeltaStep(
            query: [S](repeating: 0, count: d.key), key: [S](repeating: 0, count: d.key),
            value: [S](repeating: 0, count: d.value), decay: S(0), rate: S(0))
          if strand.support.contains(position) {
            let row = sources[index] + position - strand.support.lowerBound
            for i in 0..<d.key {
              change.query[i] = parts.query[row, k + i]
              change.key[i] = parts.key[row, k + i]
            }
            for i in 0..<d.value { change.value[i] = parts.value[row, v + i] }
            (change.decay, change.rate) = (parts.decay[row, head], parts.rate[row, head])
          }
          let output = Kernels.deltaTangentStep(
            &tangents[index], before: before, after: state, step: step, change: change)
          let target = targets[index].support
          guard target.contains(position) else { continue }
          Kernels.copy(
            output, from: 0, count: d.value, to: &result.elements,
            at: (firsts[index] + position - target.lowerBound) * d.value)
        }
      }
      return result
    }
    return Tangents(strands: targets, rows: .joining(heads, rows: height))
  }

  /// The number of states of a head that are in memory at a time, besides one for as many positions.
  private static var heldStates: Int { 16 }

  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let y = y.restricted(to: positions)
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.reach.lowerBound..<strand.support.upperBound)
    }
    let heads = concurrentMap(Array(0..<pattern.heads)) { cotangents(of: $0, y, on: strands) }
    let g = pattern.keys.columns / d.key
    func shared(_ part: (Cotangents) -> Matrix<S>) -> Tangents<S> {
      // Heads that share a query and a key add up.
      let each = pattern.heads / g
      let sums = (0..<g).map { group in
        heads[group * each + 1..<(group + 1) * each].reduce(part(heads[group * each])) {
          $0 + part($1)
        }
      }
      return Tangents(strands: strands, rows: .joining(sums, rows: sums[0].rows))
    }
    func own(_ part: (Cotangents) -> Matrix<S>) -> Tangents<S> {
      Tangents(strands: strands, rows: .joining(heads.map(part), rows: part(heads[0]).rows))
    }
    return layer.query.applyAdjoint(shared(\.query)) + layer.key.applyAdjoint(shared(\.key))
      + layer.value.applyAdjoint(own(\.value)) + layer.decay.applyAdjoint(own(\.decay))
      + layer.rate.applyAdjoint(own(\.rate))
  }

  /// The cotangents of what enters one head, one row for each position of each strand.
  private struct Cotangents: Sendable {
    var query: Matrix<S>
    var key: Matrix<S>
    var value: Matrix<S>
    var decay: Matrix<S>
    var rate: Matrix<S>
  }

  private func cotangents(
    of head: Int, _ y: Tangents<S>, on strands: [Strand]
  ) -> Cotangents {
    let height = strands.reduce(0) { $0 + $1.support.count }
    func zero(_ columns: Int) -> Matrix<S> { .zero(rows: height, columns: columns) }
    var result = Cotangents(
      query: zero(d.key), key: zero(d.key), value: zero(d.value), decay: zero(1), rate: zero(1))
    let (sources, firsts) = (y.firstRows, strands.firstRows)
    let last = strands.map(\.support.upperBound).max() ?? 0
    let nothing = [S](repeating: 0, count: d.key * d.value)
    // The states at the starts of segments; those within one are computed again on the way back.
    var starts: [[S]] = []
    var state = nothing
    for position in 0..<last {
      if position % Self.heldStates == 0 { starts.append(state) }
      advance(&state, head, position, step(head, position))
    }
    var asked = strands.map { _ in nothing }
    for segment in starts.indices.reversed() {
      let range =
        segment * Self.heldStates..<min((segment + 1) * Self.heldStates, last)
      var states = [starts[segment]]
      for position in range {
        var next = states[states.count - 1]
        advance(&next, head, position, step(head, position))
        states.append(next)
      }
      for position in range.reversed() {
        let (step, place) = (step(head, position), position - range.lowerBound)
        for (index, strand) in strands.enumerated() where strand.support.contains(position) {
          let from = y.strands[index].support
          var output = [S](repeating: 0, count: d.value)
          if from.contains(position) {
            Kernels.copy(
              y.rows.elements,
              from: (sources[index] + position - from.lowerBound) * outputWidth + head * d.value,
              count: d.value, to: &output, at: 0)
          }
          let part = Kernels.deltaCotangentStep(
            &asked[index], before: states[place], after: states[place + 1], step: step,
            output: output)
          let row = firsts[index] + position - strand.support.lowerBound
          Kernels.copy(
            part.query, from: 0, count: d.key, to: &result.query.elements, at: row * d.key)
          Kernels.copy(part.key, from: 0, count: d.key, to: &result.key.elements, at: row * d.key)
          Kernels.copy(
            part.value, from: 0, count: d.value, to: &result.value.elements, at: row * d.value)
          (result.decay[row, 0], result.rate[row, 0]) = (part.decay, part.rate)
        }
      }
    }
    return result
  }
}
