import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// The model's output at the analyzed place, and the target among its logits.
struct PredictedOutput<S: Scalar>: Sendable {
  /// The logits `[V]` before any softcap, which shares divide.
  let logits: [S]
  /// The likeliest next tokens.
  let prediction: [ExplanationReport.Prediction]
  /// The target with its tokens.
  let target: ResolvedTarget
  /// The target as reports describe it.
  let describedTarget: ExplanationReport.Target
  /// How ambiguous names of tokens were interpreted, one sentence each.
  let notes: [String]
}

extension Model {
  /// The logits of an output y `[d]`, their prediction, and the target among them.
  ///
  /// - Parameters:
  ///   - output: The site's value at the analyzed position, after the final norm.
  ///   - options: The target, and the number of listed predictions.
  /// - Returns: The logits, the prediction and the target.
  /// - Throws: That the target is not a token, or that the output is not finite.
  func predictedOutput(
    of output: [S], _ options: ExplanationOptions
  ) throws(InputError) -> PredictedOutput<S> {
    // Shares divide the logits before any softcap.
    let products = decoder.unembedding.products(Matrix(row: output))
    let logits = products.elements
    let bounded = decoder.unembedding.bounded(products).elements
    let prediction = prediction(bounded, count: options.predictionCount)
    if prediction.isEmpty { throw notFinite }
    var resolution = TargetResolution(self, logits: bounded)
    let target = try resolution.resolve(options.target)
    return PredictedOutput(
      logits: logits, prediction: prediction, target: target,
      describedTarget: describe(target, output: output, logits: logits), notes: resolution.notes)
  }

  /// The provenance of a result whose directions come from a method with random starts.
  func provenance(
    method: String, _ options: ExplanationOptions, _ input: EncodedPrompt
  ) -> Provenance {
    Provenance(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      gateRule: options.gate.rawValue, method: method, tolerance: options.tolerance,
      seed: options.seed, commandLine: options.commandLine, chat: input.chat)
  }

  /// The provenance of a result without a tolerance or random numbers.
  func exactProvenance(_ options: ExplanationOptions, _ input: EncodedPrompt) -> Provenance {
    Provenance(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      gateRule: options.gate.rawValue, method: "exact", tolerance: 0, seed: 0,
      commandLine: options.commandLine, chat: input.chat)
  }

  /// The prompt as reports describe it.
  func described(
    _ input: EncodedPrompt, position: Int, _ options: ExplanationOptions
  ) -> ExplanationReport.Prompt {
    .init(
      text: input.text, tokens: input.tokens.enumerated().map(described),
      analysedPosition: position, site: options.site.description)
  }

  /// One token of a prompt as reports describe it.
  func described(position: Int, token: Int) -> ExplanationReport.Prompt.Token {
    .init(position: position, id: token, text: text(of: token))
  }

  /// The likeliest next tokens, likeliest first; of equal logits, the lower id first.
  func prediction(_ logits: [S], count: Int) -> [ExplanationReport.Prediction] {
    let (peak, total, _) = Kernels.softmaxSums(logits)
    guard peak.isFinite else { return [] }
    return ScoredToken.largest(of: logits, count: max(1, count)).map { best in
      .init(
        id: best.token, text: text(of: best.token), logit: best.score,
        probability: exp(best.score - Double(peak)) / total)
    }
  }

  /// Notes on this model that apply to logits and shares.
  var modelNotes: [String] {
    var result = notes
    if let limit = decoder.unembedding.softcap {
      result.append(
        "This model softcaps its logits z to \(limit)·tanh(z/\(limit)). The shares explain "
          + "the logit before the softcap; predictions are after it.")
    }
    if decoder.configuration.hasPerLayerInputs {
      result.append(
        "What per-layer inputs say of a token is a frozen factor, like a gate: a token's share is what its "
          + "vector gives through the stream.")
    }
    return result
  }

  /// The error for numbers that overflowed, which are not decoded.
  var notFinite: InputError {
    InputError(
      .invalid, subject: "the forward pass in \(S.precisionName)", expected: "finite numbers",
      found: "an overflow",
      remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
  }
}
