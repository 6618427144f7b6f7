import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// What the model puts out at the analysed place, and which of its logits is asked about.
struct OutputReading<S: Scalar>: Sendable {
  /// The logits before any bound `[V]`: what shares divide.
  let logits: [S]
  /// The likeliest next tokens.
  let prediction: [ExplanationReport.Prediction]
  /// The target, its tokens found.
  let target: ResolvedTarget
  /// The target as reports name it.
  let describedTarget: ExplanationReport.Target
  /// How names of tokens were read, where a user may have meant others, each a sentence.
  let notes: [String]
}

extension Model {
  /// The logits of an output y `[d]`, the prediction that they make, and the target among them.
  ///
  /// - Parameters:
  ///   - output: What the final norm made of the site at the analysed position.
  ///   - options: Which target is meant, and how many predictions are listed.
  /// - Returns: What is read off the output.
  /// - Throws: That the target is no token, or that the output is not finite.
  func outputReading(
    of output: [S], _ options: ExplanationOptions
  ) throws(InputError) -> OutputReading<S> {
    // Shares are of the logits before the bound that some models put on them.
    let products = decoder.unembedding.products(Matrix(row: output))
    let logits = products.elements
    let bounded = decoder.unembedding.bounded(products).elements
    let prediction = prediction(bounded, count: options.predictionCount)
    if prediction.isEmpty { throw notFinite }
    var resolution = TargetResolution(self, logits: bounded)
    let target = try resolution.resolve(options.target)
    return OutputReading(
      logits: logits, prediction: prediction, target: target,
      describedTarget: describe(target, output: output, logits: logits), notes: resolution.notes)
  }

  /// What a result depends on whose directions were found by a method, from random starts.
  func provenance(
    method: String, _ options: ExplanationOptions, _ input: PromptReading
  ) -> Provenance {
    Provenance(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      gateRule: options.gate.rawValue, method: method, tolerance: options.tolerance,
      seed: options.seed, commandLine: options.commandLine, chat: input.chat)
  }

  /// What a result depends on that no tolerance and no random number enters.
  func exactProvenance(_ options: ExplanationOptions, _ input: PromptReading) -> Provenance {
    Provenance(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      gateRule: options.gate.rawValue, method: "exact", tolerance: 0, seed: 0,
      commandLine: options.commandLine, chat: input.chat)
  }

  /// The prompt as reports show it.
  func described(
    _ input: PromptReading, position: Int, _ options: ExplanationOptions
  ) -> ExplanationReport.Prompt {
    .init(
      text: input.text, tokens: input.tokens.enumerated().map(described),
      analysedPosition: position, site: options.site.description)
  }

  /// One token of a prompt as reports show it.
  func described(position: Int, token: Int) -> ExplanationReport.Prompt.Token {
    .init(position: position, id: token, text: text(of: token))
  }

  /// The likeliest next tokens, likeliest first; of equal logits, the lower id first.
  func prediction(_ logits: [S], count: Int) -> [ExplanationReport.Prediction] {
    // Subtracting the largest logit keeps every exponential in 0...1.
    let peak = logits.reduce(-S.infinity, max)
    guard peak.isFinite else { return [] }
    let total = logits.reduce(0.0) { $0 + exp(Double($1) - Double(peak)) }
    let ranking = logits.indices.sorted {
      logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1
    }
    return ranking.prefix(max(1, count)).map { id in
      .init(
        id: id, text: text(of: id), logit: Double(logits[id]),
        probability: exp(Double(logits[id]) - Double(peak)) / total)
    }
  }

  /// What a reader of logits and shares should know of this model.
  var modelNotes: [String] {
    guard let limit = decoder.unembedding.softcap else { return notes }
    return notes + [
      "This model bounds its logits z to \(limit)·tanh(z/\(limit)): what is explained, and shared out, "
        + "is the logit before the bound; predictions are after it."
    ]
  }

  /// That numbers overflowed: refused, not decoded.
  var notFinite: InputError {
    InputError(
      .invalid, subject: "the forward pass in \(S.precisionName)", expected: "finite numbers",
      found: "an overflow",
      remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
  }
}
