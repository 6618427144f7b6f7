import SecantCheckpoints
public import SecantDecoders
public import SecantOperators

/// A steering operator at work: what it changes the stream to.
public struct Steering<S: Scalar>: Sendable {
  /// The operator.
  public let source: SteeringOperator<S>
  /// How it changes the stream.
  public let mode: SteeringMode
  /// The strength s; at 0 nothing changes.
  public let strength: Double

  /// Positions to which the operator is applied at once: what it needs stays bounded for long texts.
  private static var batch: Int { 64 }

  /// An operator that changes the stream in a mode, with a strength that the mode allows.
  public init(_ source: SteeringOperator<S>, mode: SteeringMode, strength: Double) {
    precondition(mode.strengths.contains(strength), "a strength of \(strength)")
    self.source = source
    self.mode = mode
    self.strength = strength
  }

  /// The change as the decoder takes it: at every position, those of the prompt and the new ones.
  ///
  /// Costs one product with the operator for each position, beside the decoder's own.
  public var intervention: Intervention<S> {
    Intervention(after: source.block) { stream, inputs in changed(stream, inputs) }
  }

  /// The changed stream `[n, d]`, for the stream and all vectors `[k, d]` that entered block 0.
  func changed(_ stream: Matrix<S>, _ inputs: Matrix<S>) -> Matrix<S> {
    // Not even a map that overflows changes anything at strength 0.
    if strength == 0 { return stream }
    return mode.changed(
      stream, by: summary(of: inputs, positions: stream.rows), strength: strength)
  }

  /// a `[n, d]`: what the operator makes of the vectors up to each of the last n positions.
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
  /// The strengths that it takes.
  public var strengths: ClosedRange<Double> {
    switch self {
    case .mix: 0...1
    case .add: 0...Double.greatestFiniteMagnitude
    }
  }
}

/// The common steering vector, as a baseline: the difference of two mean streams.
///
/// With v the mean stream after block n over the phrase less that over the prompt, both without their
/// first position (whose stream is an outlier in many models) where there is another, the stream becomes
/// `f_k ← f_k + ‖Δ_k‖ v / ‖v‖`: the change is as long, at every position, as the change Δ_k by which the
/// operator would have steered.
struct MeanDifference<S: Scalar>: Sendable {
  /// v `[d]`.
  let vector: [S]
  /// What says how long the change is.
  let steering: Steering<S>

  /// The change as the decoder takes it.
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
