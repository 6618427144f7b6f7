public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What the model computed for a prompt, as the sum of what each token's linear map gave to it.
  ///
  /// The prediction and every token's share cost two passes at any length. Where the options ask for a check,
  /// each token is then removed, to measure what it really does: half a forward pass a token, and some passes
  /// more to divide the effect. `answer` receives all this as soon as it is known. Two more passes rebuild the
  /// output. The maps of the tokens that the options select are then decomposed.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed.
  ///   - progress: Called as the work goes on.
  ///   - answer: Called twice before the maps are decomposed: when the shares are known, and when they have been
  ///     checked, at once where no check is made.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func explain(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in },
    answer: (ExplanationReport.Answer) -> Void = { _ in }
  ) throws(InputError) -> ExplanationReport {
    let input = try validated(prompt)
    let work = try explanationWork(tokens: input.tokens.count, options)
    return try explained(input, work, progress: progress, answer: answer).report
  }

  /// An explanation with what it was computed from.
  ///
  /// - Parameters:
  ///   - input: The prompt.
  ///   - expected: What the explanation is expected to do.
  ///   - spans: Tokens that are counted together; nil for those that the options ask for.
  ///   - progress: Called as the work goes on.
  ///   - answer: Called twice before the maps are decomposed: when the shares are known, and when they have been
  ///     checked, at once where no check is made.
  /// - Returns: The report, and the parts that a comparison needs beside it.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  func explained(
    _ input: EncodedPrompt, _ expected: ExplanationWork, spans: TokenSpans? = nil,
    progress: @escaping AnalysisProgress.Handler,
    answer: (ExplanationReport.Answer) -> Void = { _ in }
  ) throws(InputError) -> Explained<S> {
    try expected.requireMemory()
    let options = expected.options
    let meter = WorkMeter(expected.steps, report: progress)
    let attribution = try attribution(
      input, expected.cost, options, spans: spans, meter: meter)
    let shares = attribution.shares
    let work = try expected.chosen(by: shares.selecting)

    var found = ExplanationReport.Answer(
      prompt: described(input, position: attribution.position, options),
      prediction: attribution.predicted.prediction,
      target: attribution.predicted.describedTarget, shares: shares)
    answer(found)
    let effects = try expected.effects.map { plan throws(InputError) in
      try self.effects(plan, of: attribution, expected.cost, meter: meter)
    }
    found.check = effects
    answer(found)

    meter.begin(.reconstruction)
    let reconstruction = attribution.reconstruction()
    meter.begin(.singularVectors)
    let family = attribution.linearization
      .jacobians(to: options.site, position: attribution.position)
    let (done, decompositions) = decompositions(
      of: family, work, by: shares.selecting, meter: meter)
    meter.begin(.decoding)
    let jacobians = describe(
      decompositions, of: done, attribution: attribution, options)
    meter.end()
    return Explained(
      report: ExplanationReport(
        provenance: provenance(method: work.method.rawValue, options, input),
        answer: found, reconstruction: reconstruction, jacobians: jacobians,
        notes: modelNotes + attribution.predicted.notes
          + checkNotes(effects, expected.effects, options)
          + notes(on: Array(zip(done, decompositions))) + work.leftNotes(done)),
      tokens: done, decompositions: decompositions, work: work, family: family,
      linearization: attribution.linearization, predicted: attribution.predicted,
      spans: attribution.order.spans)
  }

  /// Says what a check leaves out.
  private func checkNotes(
    _ found: EffectCheck?, _ plan: EffectPlan?, _ options: ExplanationOptions
  ) -> [String] {
    guard let found, let plan else {
      return options.check == .auto
        ? [
          "Shares were not checked by removing tokens, which would take more than a few seconds: --check mean."
        ] : []
    }
    var notes: [String] = []
    if found.method == "mask" {
      notes.append(
        "A masked token keeps its place and its own output; no later position attends to it. No vector is "
          + "another, so that no effect is content, and the last token has no effect to measure.")
    }
    if !plan.isDivided, options.check == .auto, options.site.isStream {
      notes.append(
        "Effects are not divided by kind of part, which would take more than a few seconds: --check mean."
      )
    }
    return notes
  }

  /// Caveats that a reader of the numbers should know.
  private func notes(
    on decompositions: [(Int, TruncatedSVD<S>)]
  ) -> [String] {
    var notes: [String] = []
    func named(_ positions: [Int]) -> String {
      positions.count > 12
        ? "\(positions.count) of \(decompositions.count) tokens"
        : "Token\(positions.count == 1 ? "" : "s") "
          + positions.map(String.init).joined(separator: ", ")
    }
    let unconverged = decompositions.filter { !$0.1.isConverged }.map(\.0)
    if !unconverged.isEmpty {
      notes.append(
        "\(named(unconverged)): not every triplet reached the tolerance; residuals say how good each is."
      )
    }
    if let confidence = decompositions.lazy.compactMap(\.1.confidence).first {
      notes.append(
        "Residuals are upper bounds from random samples, each right with a probability of "
          + "\((confidence * 1000).rounded() / 10) %. The method krylov measures them.")
    }
    let open = decompositions.filter { $0.1.isLastClusterOpen }.map(\.0)
    if !open.isEmpty {
      notes.append(
        "\(named(open)): the smallest singular values shown are nearly equal to the "
          + "next ones; raise --rank to resolve them.")
    }
    return notes
  }
}

/// An explanation with what it was computed from.
struct Explained<S: Scalar>: Sendable {
  /// What was found.
  let report: ExplanationReport
  /// The tokens whose maps were decomposed, ascending.
  let tokens: [Int]
  /// The leading triplets of their maps, in order.
  let decompositions: [TruncatedSVD<S>]
  /// What was done.
  let work: ExplanationWork
  /// The maps of all tokens.
  let family: Jacobians<S>
  /// The frozen decoder, of which they are views.
  let linearization: Linearization<S>
  /// The logits at the analyzed place, and which of them is asked about.
  let predicted: PredictedOutput<S>
  /// Tokens that are counted together; nil for none.
  let spans: TokenSpans?

  /// The leading triplets of a token's map; nil where it was not decomposed.
  func decomposition(at position: Int) -> TruncatedSVD<S>? {
    tokens.firstIndex(of: position).map { decompositions[$0] }
  }
}
