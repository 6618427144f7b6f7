import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// `secant audit`: which directions of a corpus carry the words of a list.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract:
      "Finds directions of a merged corpus that carry words of a list more than chance does.",
    usage: "secant audit <run> --words <list> [<options>]",
    discussion: """
      Counts, for each direction, the words of the list among the tokens that it decodes to, and sets the count \
      beside random directions and shuffled lists: p is the larger of both, q the false discovery rate over all \
      directions (Benjamini-Hochberg). Says whether prompts and predictions have the words, too. Then takes the \
      directions that are found out of their tokens' vectors, one at a time, and runs the model.

      Lists of the project's own are hazards (chemistry, biology, radiation) and groups (groups of people). A file \
      has a word a line; lines that begin with # are remarks. The run needs scan --ask spectra.

        secant audit RUN --words hazards
        secant audit RUN --words words.txt --html audit.html --csv audit.csv
        secant audit RUN --words groups --side right --no-ablation --json
      """)

  @OptionGroup var run_: RunArgument

  @Option(
    help: ArgumentHelp("hazards, groups, or the file of a list.", valueName: "list"),
    completion: .file())
  var words: String

  @Option(
    help: ArgumentHelp("left for what maps write, right for what they read.", valueName: "side"))
  var side = CorpusQuery.Side.left

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The number of random directions, and of shuffled lists. (default: 9999, or as many up to 99999 as it takes \
      to find a single direction)
      """, valueName: "number"))
  var samples: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The false discovery rate below which a direction is found.", valueName: "q"))
  var level = 0.05

  @Option(
    parsing: .unconditional,
    help: "The number of directions that are listed and taken away; --json has all.")
  var top = 10

  @Flag(help: "Take no direction away.")
  var noAblation = false

  @OptionGroup var model: RunModelOptions
  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    try checkGiven(words, by: "--words", "hazards, groups, or the path of a list")
    if let samples, samples < 99 {
      throw ValidationError("--samples: expected at least 99, found \(samples)")
    }
    if top < 1 { throw ValidationError("--top: expected at least 1, found \(top)") }
    if !(level > 0 && level < 1) {
      throw ValidationError("--level: expected a number between 0 and 1, found \(level)")
    }
  }

  /// - Throws: Why there is no audit.
  func run() throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let file = URL(filePath: NSString(string: words).expandingTildeInPath)
      try outputs.spare([file], "the list of words")
      var options = AuditOptions(try AuditList(named: words, orAt: file))
      options.side = side
      options.samples = samples
      options.level = level
      options.ablations = noAblation ? 0 : top
      options.seed = seed.seed
      options.commandLine = Invocation.current.commandLine
      let audit = try CorpusAudit(of: run_.folder, name: run_.run)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let opened = try model.open(of: audit.manifest, line, sparing: outputs)
      let answer = try audit.report(opened, options) { stage, fraction in
        line.update(
          stage == .ablation ? "taking directions away" : "decoding random directions",
          fraction: fraction)
      }
      line.end()
      try documents.write(answer)
      try files.write(answer)
      try report.print(answer) { $0.terminalText($1, count: top) }
    }
  }
}

/// The model of a run, opened again.
struct RunModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The run's model, where it has another path now. (default: as the run names it)",
      valueName: "model"),
    completion: .file())
  var model: String?

  /// - Throws: That the name is empty.
  func validate() throws { try checkGiven(model, by: "--model", "the name of a model") }

  /// Opens the model of a run, with the adapter and the ignored fields that the run has.
  ///
  /// - Throws: Why the model cannot be opened.
  func open(
    of manifest: RunManifest, _ line: ProgressLine, sparing outputs: Outputs
  ) throws -> Model<Float> {
    var options = ModelOptions()
    let name = model ?? manifest.modelName
    let isThere = FileManager.default.fileExists(
      atPath: NSString(string: name).expandingTildeInPath)
    // A run of a GGUF file on the Hub names it as -hf does.
    options.gguf = isThere || !name.contains(":") ? nil : try? HubGGUF(argument: name)
    options.model = name
    options.adapter = manifest.options["--adapter"]
    options.ignoredFields =
      manifest.options["--ignore-field"]?.split(separator: ",").map(String.init) ?? []
    return try options.open(Float.self, line, sparing: outputs)
  }
}
