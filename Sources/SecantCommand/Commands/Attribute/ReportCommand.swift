import ArgumentParser
import Foundation
import Secant

/// `secant report`: every analysis of a prompt, on one page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes one page with every analysis of a prompt.",
    usage: """
      secant report [<options>] --output <file> <prompt>
      secant report [<options>] --output <file> --tokens <1,2,3>
      """,
    discussion: """
      The page has the tokens' shares and maps, the layers, the logit by block and head, single units, \
      both kinds of Jacobian, and all gate rules. It is self-contained, and its index is the prompt. The \
      command also prints a short summary.

        secant report "The bridge out of Marin is the" -o report.html
        secant report "The capital of France is" -o report.html --figures figures
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @Option(
    name: [.short, .long],
    help: ArgumentHelp("The page to write.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var output: String

  @OptionGroup var target: DivisionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var check: CheckOptions
  @OptionGroup var spectra: SpectraOptions
  @OptionGroup var vectors: VectorOptions

  @Option(
    help: ArgumentHelp(
      "Words, separated by commas, to mark in the table of layers.", valueName: "words"),
    transform: WordList.init)
  var highlight = WordList(words: [])

  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var figures: FigureOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: Why there is no report.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let page = try outputs.file(output, option: "--output")
      let folder = try figures.prepared(in: outputs)
      let asked = try Asked<S>(model, prompt, progress, outputs)
      let inquiry = asked.inquiry
      var options = FullOptions()
      options.explanation = ExplanationOptions(target, map, vectors, memory)
        .decomposing(spectra)
      options.explanation.grouping = try grouping.grouping(sparing: outputs)
      options.explanation.check = check.check
      options.concepts = highlight.words
      if try asked.planned(
        by: dryRun, report.json, { try $0.model.planReport($0.prompt, options) })
      {
        return
      }
      let full = try inquiry.model.report(inquiry.prompt, options) { inquiry.line.show($0) }
      inquiry.line.end()
      try page.write(full.htmlPage())
      try folder?.write(full.figures)
      try report.print(full) { $0.terminalText($1) }
    }
  }
}
