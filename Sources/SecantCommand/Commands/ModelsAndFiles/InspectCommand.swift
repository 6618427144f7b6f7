import ArgumentParser
import Secant

/// `secant inspect`: what is in this checkpoint.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Shows a model's configuration, tensors and memory, and what is not understood.",
    usage: "secant inspect [<options>] [<model>]",
    discussion: """
      Reads the configuration and the tensors' headers, but no weights. Also shows models that Secant cannot \
      run, with the reason.

        secant inspect ~/models/tiny
        secant inspect --model ~/models/tiny --json
      """)

  @Argument(
    help: ArgumentHelp("The model, as for --model.", valueName: "model"), completion: .file())
  var named: String?

  @OptionGroup var model: ModelOptions
  @OptionGroup var report: ReportOptions

  /// - Throws: That two models are named, or one with an empty name.
  func validate() throws {
    guard named != nil else { return }
    try checkGiven(named, by: "<model>", "the name of a model")
    if model.gguf != nil || model.model != "demo" {
      throw ValidationError("expected one model, found an argument and an option; give one of them")
    }
  }

  /// - Throws: Why the files cannot be read.
  func run() throws {
    let line = ProgressLine("reading the model", isQuiet: false)
    var model = model
    if let named { model.model = named }
    let inspection = InspectionReport(of: try model.checkpoint(line), name: model.name)
    line.end()
    try report.print(inspection) { $0.terminalText($1) }
  }
}
