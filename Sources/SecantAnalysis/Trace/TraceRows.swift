package import SecantCheckpoints
import SecantDecoders
import SecantOperators
package import SecantReports

extension Model {
  /// Each answer token divided separately, in batches, as far as the time allows.
  ///
  /// - Parameters:
  ///   - target: The answer's directions and positions.
  ///   - linearization: The run.
  ///   - work: What is divided together.
  ///   - deadline: When no further batch is begun; nil for no bound.
  ///   - meter: Told what is done.
  /// - Returns: The rows, and which were left.
  func matrix(
    of target: AnswerTarget<S>, in linearization: Linearization<S>, _ work: TraceWork,
    until deadline: ContinuousClock.Instant?, meter: WorkMeter
  ) -> TraceReport.Matrix {
    meter.begin(.rows)
    var rows: [TraceReport.Row] = []
    for batch in work.batches {
      if let deadline, ContinuousClock.now >= deadline { break }
      let price = Double(work.reach(batch)) * work.cost.row
      var told = 0.0
      let found = linearization.rows(
        of: target.directions.rows(batch), at: batch.map { target.positions.lowerBound + $0 }
      ) { part in
        meter.add((part - told) * price)
        told = part
      }
      let sums = found.sums
      rows += batch.enumerated().map { place, index in
        TraceReport.Row(
          answer: index, tokens: found.tokens[place], bias: found.biases[place], sum: sums[place],
          difference: sums[place] - target.tokens[index].value)
      }
    }
    return .init(rows: rows, left: Array(rows.count..<target.tokens.count))
  }

  /// The largest magnitude of all paths through the answer's own words, relative to the rows' sums.
  ///
  /// Above it nothing is passed on, because the result would be a small difference of large numbers.
  static var largestAmplification: Double { 100 }
  /// Above this amplification a note warns the reader.
  static var notableAmplification: Double { 10 }

  /// The spans' parts, after the parts of the answer's own words are passed back to the prompt: `(I − A)⁻¹ C`.
  ///
  /// - Parameters:
  ///   - matrix: The rows of the answer's tokens.
  ///   - shares: The target by token and span.
  ///   - count: Tokens of the prompt.
  /// - Returns: The parts, which sum to the target.
  /// - Throws: That rows are missing, that a row's sum is zero, or that the ways grow beyond a bound.
  package func passedOn(
    _ matrix: TraceReport.Matrix, _ shares: ExplanationReport.Shares, promptCount count: Int
  ) throws(InputError) -> TraceReport.Through {
    func refusal(_ expected: String, _ found: String, _ remedy: String) -> InputError {
      InputError(
        .invalid, subject: "passing on the answer's own words", expected: expected, found: found,
        remedy: remedy)
    }
    guard matrix.left.isEmpty else {
      throw refusal(
        "the rows of all answer tokens", "that the time was over after \(matrix.rows.count)",
        "allow more time")
    }
    let rows = matrix.rows
    // What later tokens owe to each, their own debts settled first: v = (I − Aᵀ)⁻¹ t, with t the rows' sums. A token's
    // weight over its sum is what its row is multiplied by; a sum of zero has no shares.
    var (weights, ways) = (rows.map(\.sum), rows.map { abs($0.sum) })
    for t in rows.indices.reversed() {
      if rows[t].tokens.dropFirst(count).allSatisfy({ $0 == 0 }) { continue }
      guard rows[t].sum != 0 else {
        throw refusal(
          "that every answer token has a part of the target",
          "that of token \(t) is zero", "hold the answer against something else")
      }
      for s in 0..<t where count + s < rows[t].tokens.count {
        let share = rows[t].tokens[count + s] / rows[t].sum
        weights[s] += weights[t] * share
        ways[s] += ways[t] * abs(share)
      }
    }
    let size = rows.reduce(0.0) { $0 + abs($1.sum) }
    let amplification = ways.reduce(0, +) / size
    guard amplification <= Self.largestAmplification else {
      throw refusal(
        "ways through the answer's own words that amount to at most "
          + "\(Int(Self.largestAmplification)) times the answer's parts",
        "\(amplification)", "read the matrix itself, or trace fewer tokens")
    }
    func sum(_ value: (TraceReport.Row) -> Double) -> Double {
      zip(rows, weights).reduce(0) {
        $1.0.sum == 0 ? $0 + value($1.0) : $0 + $1.1 / $1.0.sum * value($1.0)
      }
    }
    let baseline = shares.tokens.indices.filter { shares.tokens[$0].isBaseline }
    return .init(
      spans: (shares.grouping?.spans ?? []).map { span in sum { $0.value(at: span.positions) } },
      baseline: sum { $0.value(at: baseline) }, bias: sum(\.bias), weights: weights,
      amplification: amplification)
  }
}
