public import SecantCheckpoints
import SecantDecoders
public import SecantReports

extension Model {
  /// One explanation under every gate rule, and the agreement of the rules.
  ///
  /// Costs three explanations; one if the model's feed-forward layers have no gate.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As for an explanation; its gate rule has no effect.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: Why the prompt or the options cannot be used.
  public func compareGateRules(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> GateRulesReport {
    let explanations = try explanations(prompt, options, progress: progress)
    return gateRulesReport(of: explanations, options)
  }

  /// One explanation under each rule, in order.
  func explanations(
    _ prompt: PromptInput, _ options: ExplanationOptions,
    progress: @escaping AnalysisProgress.Handler
  ) throws(InputError) -> [ExplanationReport] {
    let rules = decoder.configuration.gateRules
    let steps = try explanationWork(tokens: validTokens(of: prompt).count, options).steps
    let parts = ProgressParts(rules.map { _ in steps }, progress)
    var explanations: [ExplanationReport] = []
    for (index, rule) in rules.enumerated() {
      var options = options
      // What removing a token changes does not depend on a rule: it is measured once.
      if rule != options.gate { options.check = .none }
      options.gate = rule
      // All rules are compared on the tokens that the first rule selected.
      if let first = explanations.first, options.rank > 0 {
        options.spectra = .positions(first.jacobians.map(\.position))
      }
      explanations.append(try explain(prompt, options, progress: parts.handler(index)))
    }
    return explanations
  }

  /// The agreement of the rules, from one explanation under each of them, in order.
  func gateRulesReport(
    of explanations: [ExplanationReport], _ options: ExplanationOptions
  ) -> GateRulesReport {
    let rules = decoder.configuration.gateRules
    let first = explanations[0]
    let answers = zip(rules, explanations).map { rule, explanation in
      GateRulesReport.Answer(
        gateRule: rule.rawValue, reconstruction: explanation.reconstruction,
        shares: explanation.shares.ungrouped, jacobians: explanation.jacobians)
    }
    let agreement = GateRuleAgreement(answers, tolerance: options.tolerance)
    var seen: Set<String> = []
    let notes = explanations.flatMap(\.notes).filter { seen.insert($0).inserted }
    return GateRulesReport(
      provenance: Provenance(
        secantVersion: first.provenance.secantVersion, model: identity,
        precision: first.provenance.precision, gateRule: "all", method: first.provenance.method,
        tolerance: first.provenance.tolerance, seed: first.provenance.seed,
        commandLine: first.provenance.commandLine, chat: first.provenance.chat),
      prompt: first.prompt, prediction: first.prediction, target: first.target, answers: answers,
      tokens: agreement.tokens, conclusions: agreement.conclusions,
      notes: notes + agreement.notes
        + (decoder.configuration.isGated
          ? []
          : ["This model's feed-forward layers have no gate: its map does not depend on a rule."]))
  }
}
