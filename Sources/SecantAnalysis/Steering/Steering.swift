import SecantCheckpoints
public import SecantDecoders
public import SecantOperators

/// A steering operator in use: how it changes the stream.
public struct Steering<S: Scalar>: Sendable {
  /// The operator.
  public let source: SteeringOperator<S>
  /// How it changes the stream.
  public let mode: SteeringMode
  /// The strength s; at 0 nothing changes.
  public let strength: Double

  /// The number of positions to which the operator is applied at a time, which bounds its memory
  /// for long texts.
  private static var batch: Int { 64 }

  /// An operator with a mode and a strength that the mode allows.
  public init(_ source: SteeringOperator<S>, mode: SteeringMode, strength: Double) {
    precondition(mode.strengths.contains(strength), "a strength of \(strength)")
    self.source = source
    self.mode = mode
    self.strength = strength
  }

  /// The change as an intervention, at every position of the prompt and of its continuation.
  ///
  /// Costs one product with the operator per position, besides the decoder's own work.
  public var intervention: Intervention<S> {
    Intervention(after: source.block) { stream, inputs in changed(stream, inputs) }
  }

  /// The changed stream `[n, d]`, for the stream and all vectors `[k, d]` that entered block 0.
  func changed(_ stream: Matrix<S>, _ inputs: Matrix<S>) -> Matrix<S> {
    // At strength 0 nothing changes, even if the map overflows.
    if strength == 0 { return stream }
    return mode.changed(
      stream, by: summary(of: inputs, positions: stream.rows), strength: strength)
  }

  /// a `[n, d]`: the operator applied to the vectors up to each of the last n positions.
  func summary(of inputs: Matrix<S>, positions: Int) -> Matrix<S> {
    let first = inputs.rows - positions
    let parts = stride(from: 0, to: positions, by: Self.batch).map { start in
      let count = min(Self.batch, positions - start)
      let seen = inputs.rows(0..<first + start + count)
      return source.map.apply(
        mode.streams(of: seen, positions: count, period: source.tokenCount))
    }
    return .stacking(parts, columns: source.width)
  }
}

extension SteeringMode {
  /// The allowed strengths.
  public var strengths: ClosedRange<Double> {
    switch self {
    case .mix: 0...1
    case .add: 0...Double.greatestFiniteMagnitude
    }
  }
}

/// The usual steering vector, as a baseline: the difference of two mean streams.
///
/// Let v be the mean stream after block n over the phrase minus that over the prompt. Both means
/// omit the first position, whose stream is an outlier in many models, if there is another. The
/// stream becomes `f_k ← f_k + ‖Δ_k‖ v / ‖v‖`, where Δ_k is the operator's change at position k, so
/// both changes have the same length.
struct MeanDifference<S: Scalar>: Sendable {
  /// v `[d]`.
  let vector: [S]
  /// The operator that determines the length of the change.
  let steering: Steering<S>

  /// The change as an intervention.
  var intervention: Intervention<S> {
    Intervention(after: steering.source.block) { stream, inputs in
      let length = Matrix(row: vector).norm
      if steering.strength == 0 || length == 0 { return stream }
      let change = (steering.changed(stream, inputs) - stream).rowNorms
      return stream
        + Matrix.repeating(row: vector, count: stream.rows)
        .scalingRows(by: change.map { $0 / length })
    }
  }
}

extension Model {
  /// v of ``MeanDifference`` for two token sequences.
  func meanDifference(
    _ phrase: [Int], _ prompt: [Int], after block: Int
  ) throws(InputError) -> [S] {
    let means = try [phrase, prompt].map { tokens throws(InputError) -> [Double] in
      let stream = try decoder.linearize(at: tokens).value(at: .block(block, .residual))
      let rows = min(1, stream.rows - 1)..<stream.rows
      var sum = [Double](repeating: 0, count: stream.columns)
      for r in rows {
        for (c, value) in stream.row(r).enumerated() { sum[c] += Double(value) }
      }
      return sum.map { $0 / Double(rows.count) }
    }
    return zip(means[0], means[1]).map { S($0 - $1) }
  }
}
