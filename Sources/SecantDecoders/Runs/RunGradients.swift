public import SecantOperators

/// A readout's gradient at one of several runs of one length.
public struct RunGradient<S: Scalar>: Hashable, Sendable {
  /// The readout of the run's own output.
  public let value: Double
  /// The readout's derivative along every component's output, at the positions up to the last that is read.
  public let cotangents: ComponentRows<S>
}

extension Decoder {
  /// A readout's gradients at several runs of as many positions: one pass forward and one back for all.
  ///
  /// Each is what ``SiteMaps/cotangents(of:to:observer:)`` says of the run's ``Differential``. All runs pass a block
  /// together, as one product with each weight, so that short runs do not read every weight anew. Costs
  /// 2·P operations a position forward, as much back, and those of queries and keys; what was differentiated
  /// of all runs is held until the end. The blocks of the decoder read nothing but the stream before them.
  ///
  /// - Parameters:
  ///   - readout: What is read off the output.
  ///   - inputs: The vectors `[T, d]` that enter block 0 in each run, all of one length T.
  /// - Returns: One gradient for each run, in their order.
  public func gradients(
    of readout: Readout<S>, entering inputs: [Matrix<S>]
  ) -> [RunGradient<S>] {
    guard let first = inputs.first else { return [] }
    let length = first.rows
    precondition(inputs.allSatisfy { $0.rows == length }, "runs of different lengths")
    precondition(readout.positions.upperBound <= length, "no such position")
    precondition(!configuration.readsBesideStream, "blocks that read more than the stream")
    let shape = StackedRuns(count: inputs.count, length: length)
    var stream = Matrix<S>.stacking(inputs, columns: first.columns)
    var passed: [StackedBlock<S>] = []
    for block in blocks {
      let (next, output) = block.differential(at: stream, shape)
      passed.append(next)
      stream = output
    }
    // The rows that are read, run after run.
    let read = (0..<shape.count).flatMap { run in readout.positions.map { run * length + $0 } }
    let ends = stream.gathering(rows: read)
    let outputs = finalNorm.forward(ends)
    let directions = Matrix<S>.stacking(
      inputs.map { _ in readout.directions }, columns: first.columns)
    let height = readout.positions.count
    let products = Kernels.groupDots(
      outputs.elements, directions.elements, width: first.columns)
    var y = Matrix<S>.zero(rows: stream.rows, columns: first.columns)
    Kernels.scatterRows(
      finalNorm.differential(at: ends).applyAdjoint(Tangents(stream: directions)).rows.elements,
      width: first.columns, rows: read, to: &y.elements)

    var (heads, feedForward): ([Matrix<S>], [Matrix<S>]) = ([], [])
    for block in passed.reversed() {
      let asked = block.applyAdjoint(y)
      heads.append(asked.heads)
      feedForward.append(asked.feedForward)
      y = asked.input
    }
    let kept = readout.positions.upperBound
    return (0..<shape.count).map { run in
      let rows = run * length..<run * length + kept
      return RunGradient(
        value: products[run * height..<(run + 1) * height].reduce(0, +),
        cotangents: ComponentRows(
          input: y.rows(rows), heads: heads.reversed().map { $0.rows(rows) },
          feedForward: feedForward.reversed().map { $0.rows(rows) },
          headWidths: self.blocks.map(\.attention.headWidth)))
    }
  }
}

/// Runs of one length that stand one below the other.
private struct StackedRuns {
  let count: Int
  let length: Int

  /// The rows of a run.
  func rows(of run: Int) -> Range<Int> { run * length..<(run + 1) * length }
  /// The position of each row.
  var positions: [Int] { (0..<count).flatMap { _ in 0..<length } }
}

/// A block differentiated at several runs.
///
/// Norms and feed-forward layers act on each row by itself, and so take all runs as one stream; attention looks
/// at the rows of its own run alone.
private struct StackedBlock<S: Scalar>: Sendable {
  let walk: BlockWalk
  let norms: [BlockStep: NormDifferential<S>]
  let attention: any StackedMixer<S>
  let feedForward: any LinearOperator<Tangents<S>>
  let streamFactor: S?

  /// What cotangents of the stream after the block ask of its heads, of its feed-forward layer and of what
  /// enters it.
  func applyAdjoint(
    _ y: Matrix<S>
  ) -> (input: Matrix<S>, heads: Matrix<S>, feedForward: Matrix<S>) {
    var (heads, fed) = (y, y)
    let input = walk.backward(y) { step, y in
      switch step {
      case .attention:
        heads = attention.output.weight.multiplyTransposed(y)
        return attention.applyAdjoint(heads)
      case .feedForward:
        fed = y
        return feedForward.applyAdjoint(Tangents(stream: y)).rows
      case .perLayer: preconditionFailure("runs whose per-layer inputs nothing gave")
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        return norms[step]?.applyAdjoint(Tangents(stream: y)).rows ?? y
      case .streamFactor: return streamFactor.map { $0 * y } ?? y
      }
    } add: {
      $0 + $1
    }
    return (input, heads, fed)
  }
}

/// The layer that mixes positions, differentiated at several runs.
private protocol StackedMixer<S>: Sendable {
  associatedtype S: Scalar

  /// W_O.
  var output: Projection<S> { get }

  /// What cotangents of the heads' outputs `[n, h·w]` ask of the rows that enter the layer.
  func applyAdjoint(_ wanted: Matrix<S>) -> Matrix<S>
}

/// A delta network differentiated at several runs, each by itself.
private struct StackedDeltaNetwork<S: Scalar>: StackedMixer {
  let output: Projection<S>
  let shape: StackedRuns
  let runs: [DeltaDifferential<S>]

  func applyAdjoint(_ wanted: Matrix<S>) -> Matrix<S> {
    let parts = runs.indices.map { run in
      runs[run].headMap(positions: 0..<shape.length)
        .applyAdjoint(Tangents(stream: wanted.rows(shape.rows(of: run)))).rows
    }
    return .stacking(parts, columns: output.weight.outputWidth)
  }
}

/// Attention differentiated at several runs.
private struct StackedAttention<S: Scalar>: StackedMixer {
  let layer: Attention<S>
  let shape: StackedRuns
  /// The pattern and the values of each run.
  let responses: [ScoreResponse<S>]
  let queryNorm: NormDifferential<S>?
  let keyNorm: NormDifferential<S>?
  let valueNorm: NormDifferential<S>?
  /// The gates of the heads' outputs `[n, h·w]`, and how they respond; nil if there are none.
  let gate: (values: Matrix<S>, response: GateResponse<S>)?

  var output: Projection<S> { layer.output }

  /// What cotangents of the heads' outputs `[n, h·w]` ask of the rows that enter the layer.
  func applyAdjoint(_ wanted: Matrix<S>) -> Matrix<S> {
    let positions = 0..<shape.length
    var ungated = wanted
    if let gate { Kernels.multiply(&ungated.elements, by: gate.values.elements) }
    let heads = ungated
    let parts = concurrentMap(Array(responses.indices)) { run -> [Matrix<S>] in
      let asked = Tangents(stream: heads.rows(shape.rows(of: run)))
      let response = responses[run]
      return [
        QueryMixing(response: response, positions: positions).applyAdjoint(asked).rows,
        KeyMixing(response: response, positions: positions).applyAdjoint(asked).rows,
        PositionMixing(.attention(response.pattern), positions: positions).applyAdjoint(asked)
          .rows,
      ]
    }
    func stacked(_ index: Int) -> Matrix<S> {
      .stacking(parts.map { $0[index] }, columns: parts[0][index].columns)
    }
    func unrotated(
      _ y: Matrix<S>, _ norm: NormDifferential<S>?, _ rotary: RotaryEmbedding
    ) -> Matrix<S> {
      let rows = layer.rotation(rotary, width: y.columns, length: shape.length)
        .rotated(y, at: shape.positions, backwards: true)
      return norm?.applyAdjoint(Tangents(stream: rows)).rows ?? rows
    }
    let asked =
      layer.query.weight.multiplyTransposed(unrotated(stacked(0), queryNorm, layer.rotary))
      + layer.key.weight.multiplyTransposed(unrotated(stacked(1), keyNorm, layer.rotary.ofKeys))
      + layer.value.weight.multiplyTransposed(
        valueNorm?.applyAdjoint(Tangents(stream: stacked(2))).rows ?? stacked(2))
    guard let gate else { return asked }
    var gates = wanted
    Kernels.multiply(&gates.elements, by: gate.response.slopes.coefficients.elements)
    return asked + gate.response.weight.multiplyTransposed(gates)
  }
}

extension TokenMixer {
  /// The layer differentiated at several runs, and its outputs there.
  fileprivate func differential(
    at x: Matrix<S>, _ shape: StackedRuns
  ) -> (map: any StackedMixer<S>, output: Matrix<S>) {
    switch self {
    case .attention(let layer): return layer.differential(at: x, shape)
    case .delta(let layer):
      let runs = (0..<shape.count).map { layer.differential(at: x.rows(shape.rows(of: $0))) }
      return (
        StackedDeltaNetwork(output: layer.output, shape: shape, runs: runs.map(\.map)),
        .stacking(runs.map(\.output), columns: x.columns)
      )
    }
  }
}

extension Attention {
  /// The rotation of rows at the positions of a run from its first one on.
  fileprivate func rotation(
    _ rotary: RotaryEmbedding, width: Int, length: Int
  ) -> Rotation<S> {
    Rotation(rotary, width: width, positions: 0..<length, streamLength: length)
  }

  /// The layer differentiated at several runs, and its outputs there.
  fileprivate func differential(
    at x: Matrix<S>, _ shape: StackedRuns
  ) -> (map: any StackedMixer<S>, output: Matrix<S>) {
    func rotated(
      _ rows: Matrix<S>, _ norm: Normalization<S>?, _ rotary: RotaryEmbedding
    ) -> Matrix<S> {
      rotation(rotary, width: rows.columns, length: shape.length)
        .rotated(norm?.forwardGroups(rows) ?? rows, at: shape.positions, backwards: false)
    }
    let (queries, keys) = (query.forward(x), key.forward(x))
    let (rotatedQueries, rotatedKeys) = (
      rotated(queries, queryNorm, rotary), rotated(keys, keyNorm, rotary.ofKeys)
    )
    let given = value.forward(x)
    let values = normalized(values: given)
    let responses = (0..<shape.count).map { run in
      let rows = shape.rows(of: run)
      return ScoreResponse(
        pattern: AttentionPattern(
          queries: rotatedQueries.rows(rows), keys: rotatedKeys.rows(rows), firstQuery: 0,
          rule: rule), values: values.rows(rows))
    }
    let mixed = concurrentMap(responses) { response in
      FrozenAttention(value: value, pattern: .attention(response.pattern), output: output)
        .mixed(response.values)
    }
    let heads = Matrix<S>.stacking(mixed, columns: queries.columns)
    let gate = self.gate.flatMap { gate in
      gates(at: x).map { (values: $0, response: gateResponse(gate, at: x, of: heads)) }
    }
    return (
      StackedAttention(
        layer: self, shape: shape, responses: responses,
        queryNorm: queryNorm?.differential(at: queries), keyNorm: keyNorm?.differential(at: keys),
        valueNorm: valueNorm?.differential(at: given), gate: gate),
      output.forward(gated(heads, at: x))
    )
  }
}

extension Block {
  /// The block differentiated at several runs, and the streams after it.
  fileprivate func differential(
    at x: Matrix<S>, _ shape: StackedRuns
  ) -> (map: StackedBlock<S>, output: Matrix<S>) {
    let parts = differentialParts(at: x) { attention.differential(at: $0, shape) }
    return (
      StackedBlock(
        walk: walk, norms: parts.norms, attention: parts.attention, feedForward: parts.feedForward,
        streamFactor: streamFactor),
      parts.values.residual
    )
  }
}
