import ArgumentParser
import Secant

/// `secant gate-rules`: what an explanation owes to the choice of the gate rule.
struct GateRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate-rules",
    abstract: "Explains a prompt under every gate rule, and says what does not depend on it.",
    usage: """
      secant gate-rules [<options>] <prompt>
      secant gate-rules [<options>] --tokens <1,2,3>
      """,
    discussion: """
      The factor of a gated product that stays linear is a choice: up, gate, or half of each. Every rule divides the \
      same difference of logits, each in its own way. Prints shares, stable ranks and leading directions under \
      each rule side by side, then which statements hold under all of them.

        secant gate-rules "The bridge out of Marin is the"
        secant gate-rules "The capital of France is" --target Paris --csv g.csv
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: DivisionOptions
  @OptionGroup var place: PlaceOptions
  @OptionGroup var spectra: SpectraOptions
  @OptionGroup var vectors: VectorOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: Why there is no comparison.
  func run() throws { try run(arithmetic.precision.scalar) }

  private func run<S: Scalar>(_: S.Type) throws {
    let options = ExplanationOptions(target, place, vectors, memory).decomposing(spectra)
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planGateRules(inquiry.prompt, options)
    } ask: { inquiry in
      try inquiry.model.compareGateRules(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }
}
