import ArgumentParser
import Secant

/// `secant maps`: each token's map as a picture, its units, and the directions of all together.
struct MapsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maps",
    abstract: "Shows each token's complete map: its spectrum, picture, units and directions.",
    usage: """
      secant maps [<options>] <prompt>
      secant maps [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Forms the map of each token that --spectra selects. Prints its spectrum, how few entries, rows and columns carry \
      it, its largest rows (decoded to the tokens that they read) and its largest columns (decoded to the tokens that \
      they write). Then come the singular vectors of the joint map of all tokens, to which --method applies. \
      --generate adds a generation from the begin-of-text token (or the prompt's first token, if there is \
      none), with the shares of every step.

        secant maps "The bridge out of Marin is the"
        secant maps "The bridge out of Marin is the" --generate 8 --units 3
        secant maps "The capital of France is" --json > maps.json
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var spectra: SpectraOptions
  @OptionGroup var vectors: VectorOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of rows and columns listed for each map, those of largest norm.",
      valueName: "number"))
  var units = 8

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of tokens to generate from the first token alone, each explained.",
      valueName: "number"))
  var generate = 0

  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    guard units >= 0 else {
      throw ValidationError("--units: expected 0 or more, found \(units)")
    }
    guard generate >= 0 else {
      throw ValidationError("--generate: expected 0 or more, found \(generate)")
    }
  }

  /// - Throws: Why there is no report.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planMaps(inquiry.prompt, options)
    } ask: { inquiry in
      try inquiry.model.maps(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }

  private var options: MapsOptions {
    var options = MapsOptions()
    options.explanation = ExplanationOptions(nil, map, vectors, memory).decomposing(spectra)
    options.unitCount = units
    options.generatedCount = generate
    return options
  }
}
