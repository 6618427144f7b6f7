import ArgumentParser
import Foundation
import Secant

/// `secant validate`: which rule of attribution predicts what really happens.
struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Measures how well rules of attribution predict real effects, over many prompts.",
    usage: """
      secant validate [<options>]
      secant validate [<options>] --data <file>
      """,
    discussion: """
      Every rule says of each token what it does: shares by each gate rule (up, half, gate), gradient times \
      input (gradient), integrated gradients (integrated), the difference ledger (ledger), and random numbers \
      (random). Then the model is run with tokens removed, heads silenced, and all but a circuit held at what \
      it gives after a counterfactual prompt. Prints medians over items, with bootstrap intervals.

      The built-in items ask for indirect objects, agreement, capitals, comparisons, pronouns and opposites. \
      Items after which the model prefers the other answer are counted and left out. --data takes items in \
      their place, in every line of the file an object:

        {"prompt": "The capital of France is", "counterfactual": "The capital of Italy is", \\
         "target": " Paris", "over": " Rome", "family": "capitals"}

        secant validate --model ~/models/tiny --items 20
        secant validate --rules up,gradient,random --html validity.html --json > validity.json
        secant validate --items 300 --max-seconds 600 --json > part-1.json
        secant validate --items 300 --max-seconds 600 --json --continue part-1.json > part-2.json
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "A file of items instead of the built-in ones, one JSON object per line.", valueName: "file"),
    completion: .file(extensions: ["jsonl"]))
  var data: String?

  @Option(
    help: ArgumentHelp(
      """
      The rules to test, separated by commas: up, half, gate, gradient, integrated, ledger, random. \
      (default: all)
      """, valueName: "rules"),
    transform: PredictionRule.list(argument:))
  var rules = PredictionRule.allCases

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest number of items.", valueName: "number"))
  var items = 60

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Start no further item after this many seconds.", valueName: "seconds"))
  var maxSeconds: Double?

  @Option(
    name: .customLong("continue"),
    help: ArgumentHelp(
      "Continue an earlier validation of the same settings, which --json wrote: its items are kept.",
      valueName: "file"),
    completion: .file(extensions: ["json"]))
  var earlier: String?

  @OptionGroup var seed: SeedOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That a number is out of range, or a path empty.
  func validate() throws {
    guard items >= 1 else {
      throw ValidationError("--items: expected at least 1, found \(items)")
    }
    if let maxSeconds, !(maxSeconds >= 0) {
      throw ValidationError("--max-seconds: expected 0 or more, found \(maxSeconds)")
    }
    try checkGiven(data, by: "--data", "the path of a file")
    try checkGiven(earlier, by: "--continue", "the path of a file")
  }

  /// - Throws: Why nothing can be measured.
  func run() throws { try run(arithmetic.precision.scalar) }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let options = try options(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.open(S.self, line, sparing: outputs)
      if dryRun.dryRun {
        let plan = try model.planValidation(options)
        line.end()
        try report.print(plan) { $0.terminalText($1) }
        return
      }
      let validation = try model.validate(options) { line.show($0) }
      line.end()
      try documents.write(validation)
      try files.write(validation)
      try report.print(validation) { $0.terminalText($1) }
    }
  }

  /// - Throws: Why the items cannot be read.
  private func options(sparing outputs: Outputs) throws -> ValidationOptions {
    var options = ValidationOptions()
    options.rules = rules
    options.itemCount = items
    options.seed = seed.seed
    options.maximumSeconds = maxSeconds
    options.memory = memory.memory.bytes
    options.commandLine = Invocation.current.commandLine
    if let earlier {
      let url = URL(filePath: NSString(string: earlier).expandingTildeInPath)
      try outputs.spare([url], "the validation that is continued")
      options.earlier = try ValidationReport(contentsOf: url, name: earlier)
    }
    if let data {
      let url = URL(filePath: NSString(string: data).expandingTildeInPath)
      try outputs.spare([url], "the items")
      options.items = try ValidationItem.items(contentsOf: url, name: data)
      options.dataName = data
    }
    return options
  }
}

extension PredictionRule {
  /// Rules as the command line names them.
  fileprivate static func list(argument: String) throws -> [PredictionRule] {
    guard let rules = list(argument) else {
      throw ValidationError(
        "expected one or more of \(allCases.map(\.rawValue).joined(separator: ", ")), "
          + "separated by commas, each once"
      )
    }
    return rules
  }
}
