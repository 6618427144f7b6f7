import SecantReports

extension EffectCheck {
  /// How tokens were removed, in a word or two: "mean", "mask", "replaced by ·the".
  func removal(_ visible: VisibleText) -> String {
    replacement.map { "replaced by \(visible($0.text))" } ?? visible(method)
  }

  /// How far shares agree with effects: one line.
  func agreement(_ style: TerminalStyle) -> String {
    agreement(style.numbers, rho: style.spell("ρ", "rho"), style.token)
  }

  /// How far shares agree with effects, for a page.
  var agreement: String { agreement(NumberText(usesUnicode: true), rho: "ρ", .token()) }

  private func agreement(_ numbers: NumberText, rho: String, _ visible: VisibleText) -> String {
    let name = "deletion (\(removal(visible)))"
    guard let spearman else { return "Shares and \(name): too few different tokens to compare." }
    let value = numbers.fixed(spearman, decimals: 2)
    let verb = spearman >= 0.3 ? "agree" : spearman > -0.3 ? "hardly agree" : "disagree"
    return "Shares \(verb) with \(name): \(rho) = \(value)"
  }
}
