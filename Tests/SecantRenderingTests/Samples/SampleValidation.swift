import SecantReports

extension Sample {
  /// The bridge prompt with its tokens removed; the last could not be.
  static let checked: ExplanationReport = {
    let effects = [1.42, -0.02, 5.60, 0.31, -0.11, 4.87, 0.44]
    let check = EffectCheck(
      method: "mask",
      effects: effects.enumerated().map { position, effect in
        EffectCheck.Effect(
          position: position, effect: effect,
          channels: .init(
            content: 0, patterns: 0.7 * effect, gates: 0.5 * effect, norms: -0.2 * effect))
      }, spearman: 0.4915, pearson: 0.81)
    return ExplanationReport(
      provenance: provenance(),
      answer: .init(
        prompt: bridge.prompt, prediction: bridge.prediction, target: bridge.target,
        shares: bridge.shares, check: check),
      reconstruction: bridge.reconstruction, jacobians: [], notes: [])
  }()

  /// Three rules on two items; the second rule says nothing of heads.
  static let validation: ValidationReport = {
    typealias R = ValidationReport
    let measures = [
      R.Measure(name: "spearman.mean", definition: "Rank correlation of tokens.", better: "high"),
      R.Measure(name: "spearman.heads", definition: "Rank correlation of heads.", better: "high"),
      R.Measure(name: "sufficiency", definition: "What is lost.", better: "low"),
      R.Measure(name: "completeness", definition: "How far off.", better: "low"),
    ]
    func rule(_ name: String, _ values: [Double?]) -> R.Rule {
      R.Rule(
        name: name,
        definition: "What \(name) says, in a sentence that is long enough to be broken.",
        medians: zip(measures, values).compactMap { measure, value in
          value.map {
            R.Median(measure: measure.name, value: $0, low: $0 - 0.08, high: $0 + 0.05, items: 2)
          }
        })
    }
    let rules = [
      rule("up", [0.49, 0.22, 0.71, 3e-7]), rule("integrated", [0.31, nil, 0.84, 0.42]),
      rule("random", [0.02, -0.01, 1.1, nil]),
    ]
    return R(
      provenance: provenance(method: "exact", tolerance: 0), data: "built-in",
      families: [
        .init(
          name: "capitals", measured: 2, prefersOther: 1, unequalLengths: 3, notOneToken: 4,
          tooLong: 0)
      ], measures: measures, rules: rules,
      items: ["France", "Italy"].map { country in
        R.Item(
          family: "capitals", prompt: "The capital of \(country) is",
          counterfactual: "The capital of Spain is", target: .init(id: 1, text: " Paris"),
          over: .init(id: 2, text: " Madrid"), logit: 4.13, counterfactualLogit: -3.2,
          values: rules.flatMap { rule in
            rule.medians.map {
              R.Value(rule: rule.name, measure: $0.measure, value: $0.value)
            }
          })
      }, notes: ["2 items were measured."])
  }()
}
