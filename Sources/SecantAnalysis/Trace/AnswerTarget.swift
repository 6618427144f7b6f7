import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// The readout direction of each answer token, at the position that predicts the token.
struct AnswerTarget<S: Scalar>: Sendable {
  /// w of each token, `[N, d]`.
  let directions: Matrix<S>
  /// The positions that predict them.
  let positions: Range<Int>
  /// The tokens as reports have them, each with its part of the target.
  let tokens: [TraceReport.Token]

  /// The target, as the model itself computed it.
  var value: Double { tokens.reduce(0) { $0 + $1.value } }
  /// What is divided: the sum over all tokens.
  var readout: Readout<S> { Readout(directions, at: positions) }
}

extension Model {
  /// Reads an answer off a run that holds the prompt and all of the answer but its last token.
  ///
  /// Each token's target is that of an explanation at its position: the target uses logits before a softcap, the
  /// ranking uses logits after it. Costs 2·N·V·d operations.
  ///
  /// - Parameters:
  ///   - answer: The answer.
  ///   - reference: What each token is held against.
  ///   - other: The reference answer's tokens, if the reference is another answer.
  ///   - linearization: The run.
  /// - Returns: Directions, positions and values.
  /// - Throws: That numbers overflow.
  func answerTarget(
    _ answer: TracedAnswer, over reference: TraceOptions.Reference, _ other: [Int]?,
    in linearization: Linearization<S>
  ) throws(InputError) -> AnswerTarget<S> {
    let first = linearization.tokens.count - answer.tokens.count
    let positions = first..<linearization.tokens.count
    let outputs = decoder.finalNorm.forward(
      linearization.stream(after: linearization.blocks.count - 1).rows(positions))
    let mean = reference == .mean ? decoder.unembedding.meanDirection : nil
    var (directions, tokens): ([[S]], [TraceReport.Token]) = ([], [])
    for start in stride(from: 0, to: outputs.rows, by: Self.readTogether) {
      let part = start..<min(start + Self.readTogether, outputs.rows)
      let products = decoder.unembedding.products(outputs.rows(part))
      let bounded = decoder.unembedding.bounded(products)
      for index in part {
        let token = answer.tokens[index]
        let (logits, ranked) = (products.row(index - start), bounded.row(index - start))
        guard let standing = standing(of: token, among: ranked) else { throw notFinite }
        let over: ExplanationOptions.Target.Reference
        switch reference {
        case .runnerUp: over = .runnerUp
        case .mean: over = .mean
        case .nothing: over = .nothing
        case .answer: over = .tokens([.id(other?[index] ?? token)])
        }
        var direction = [S](repeating: 0, count: outputs.columns)
        var (value, against): (Double, ExplanationReport.Target.Token?) = (0, nil)
        if case .answer = reference, other?[index] == token {
          against = .init(id: token, text: text(of: token))
        } else {
          var resolution = TargetResolution(self, logits: ranked)
          let target = try resolution.resolve(.logits(of: .tokens([.id(token)]), over: over))
          let row = decoder.unembedding.direction(of: token)
          direction = mean.map { zip(row, $0).map(-) } ?? self.direction(of: target)
          let described = describe(target, output: outputs.row(index), logits: logits)
          (value, against) = (described.logit, described.over?.tokens.first)
        }
        directions.append(direction)
        tokens.append(
          .init(
            position: first + index + 1, id: token, text: text(of: token), over: against,
            value: value, logit: Double(logits[token]),
            probability: standing.probability, isLikeliest: standing.isLikeliest))
      }
    }
    guard tokens.allSatisfy({ $0.value.isFinite }) else { throw notFinite }
    return AnswerTarget(
      directions: Matrix(rows: directions), positions: positions, tokens: tokens)
  }

  /// A token's probability, and whether no token is likelier; nil where the largest logit is no number.
  private func standing(
    of token: Int, among logits: [S]
  ) -> (probability: Double, isLikeliest: Bool)? {
    let (peak, total, _) = Kernels.softmaxSums(logits)
    guard peak.isFinite else { return nil }
    // Of equal logits the lower id comes first, as in a prediction.
    return (
      exp(Double(logits[token]) - Double(peak)) / total,
      logits[token] == peak && !logits[..<token].contains(peak)
    )
  }

  /// Rows of logits that are held at once.
  private static var readTogether: Int { 16 }
}
