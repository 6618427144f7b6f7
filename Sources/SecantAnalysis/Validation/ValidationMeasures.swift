package import SecantReports

extension ValidationReport.Measure {
  /// Everything that is measured, in the order of the tables.
  package static let all = effects + curves + components + controls

  /// Agreement with the real effects of tokens.
  private static var effects: [ValidationReport.Measure] {
    let removals = [
      ("mean", "the mean of all tokens' vectors stands in its place"),
      (
        "mask",
        "no later position attends to it (the last token is left out; not in models with delta networks)"
      ),
      ("replace", "another token stands in its place, drawn from those of all items"),
    ]
    let kinds = [("spearman", "Rank"), ("pearson", "Linear")]
    return kinds.flatMap { kind, word in
      removals.map { name, removal in
        ValidationReport.Measure(
          name: "\(kind).\(name)",
          definition: "\(word) correlation, over an item's tokens, of what the rule says and the "
            + "real effect of removing the token: \(removal).", better: "high")
      }
    }
  }

  private static var curves: [ValidationReport.Measure] {
    [
      .init(
        name: "comprehensiveness",
        definition:
          "Part of the logit difference that is lost without the tokens of which the rule says most: the mean "
          + "for the first 10, 20 and 50 % of an item's tokens, replaced by the mean vector.",
        better: "high"),
      .init(
        name: "sufficiency",
        definition: "Part of the logit difference that is lost where only those tokens are left.",
        better: "low"),
    ]
  }

  private static var components: [ValidationReport.Measure] {
    [
      .init(
        name: "spearman.heads",
        definition:
          "Rank correlation, over 24 heads drawn for each item, of what the rule says and the real effect of "
          + "setting the head's output to zero.", better: "high"),
      .init(
        name: "cpr",
        definition:
          "Circuit performance ratio: the area under the part of the difference from the counterfactual that "
          + "circuits of growing size restore, the components with the rule's largest numbers kept and all "
          + "others held at what they give after the counterfactual.", better: "high"),
      .init(
        name: "cmd",
        definition:
          "Circuit-model distance: the area between that curve and 1, where the circuit does as the model does.",
        better: "low"),
    ]
  }

  private static var controls: [ValidationReport.Measure] {
    [
      .init(
        name: "randomized",
        definition:
          "Rank correlation of what the rule says of tokens in the model and in the same model with its blocks "
          + "in random order, over the first 12 items: a rule that reads the model must not stay the same.",
        better: "low"),
      .init(
        name: "completeness",
        definition:
          "How far the tokens' numbers are from the sum that the rule promises (the logit difference; for "
          + "integrated and ledger its distance from that of a prompt of mean vectors), relative to it.",
        better: "low"),
    ]
  }
}
