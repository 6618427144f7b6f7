import ArgumentParser
import Secant

/// `secant models`: what is in the cache.
struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Lists the models in Hugging Face's cache, and which of them Secant can run.",
    usage: "secant models [<options>]",
    discussion: """
      Reads configurations and the tensors' headers, but no weights, and downloads nothing. Give a model's listed name \
      to --model, or to -hf if it is a GGUF model.

        secant models
        HF_HUB_CACHE=/data/hub secant models --json
      """)

  @OptionGroup var report: ReportOptions

  /// - Throws: That the environment's variables cannot be used.
  func run() throws {
    let cache = HubCache(at: try HubEnvironment().cache)
    try report.print(ModelsReport(of: cache)) { $0.terminalText($1) }
  }
}
