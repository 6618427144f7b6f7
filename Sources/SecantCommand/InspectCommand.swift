import ArgumentParser
import Secant

/// `secant inspect`: what is in this checkpoint.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows a model's configuration, tensors and memory, and what is not understood.",
    usage: "secant inspect [<options>]",
    discussion: """
      Reads the configuration and the tensors' headers, no weight. A model that Secant cannot run is \
      shown all the same, with the reason.

        secant inspect --model ~/models/tiny
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var report: ReportOptions

  /// - Throws: Why the files cannot be read.
  func run() throws {
    let line = ProgressLine("reading the model", isQuiet: false)
    let inspection = InspectionReport(of: try model.checkpoint(line), name: model.name)
    line.end()
    try report.print(inspection) { $0.terminalText($1) }
  }
}
