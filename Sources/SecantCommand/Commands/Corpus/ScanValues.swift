import ArgumentParser
import Foundation
import Secant
import SecantCorpus

// The spellings of what a scan is told.

/// Questions, as `--ask` spells them.
struct QuestionList: CustomStringConvertible {
  let questions: Set<ScanQuestion>

  init(questions: Set<ScanQuestion>) { self.questions = questions }

  /// Names separated by commas.
  ///
  /// - Throws: That the text has another form.
  init(_ text: String) throws {
    questions = Set(
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
        let name = part.trimmingCharacters(in: .whitespaces)
        guard let question = ScanQuestion(rawValue: name) else {
          throw ValidationError(
            "expected explain, spectra, layers, layer-spectra or ledger, separated by commas, found \"\(name)\""
          )
        }
        return question
      })
  }

  /// The names in their usual order.
  var description: String {
    ScanQuestion.allCases.filter(questions.contains).map(\.rawValue).joined(separator: ",")
  }
}

extension DataFormat: ExpressibleByArgument {}

extension Shard {
  /// A shard as the command line names it.
  ///
  /// - Throws: That the text has another form.
  init(argument: String) throws {
    guard let shard = Shard(argument) else {
      throw ValidationError("expected i/n with i from 0 to n - 1, such as 0/8")
    }
    self = shard
  }
}

/// The folder of a run.
struct RunArgument: ParsableArguments {
  @Argument(help: "The folder of the run.", completion: .directory)
  var run: String

  /// - Throws: That the path is empty.
  func validate() throws { try checkGiven(run, by: "<run>", "the folder of a run") }

  /// The folder; its path may begin with `~`.
  var folder: RunFolder { RunFolder(named: run) }
}

extension RunFolder {
  /// The folder of a path that may begin with `~`.
  init(named path: String) {
    self.init(at: URL(filePath: NSString(string: path).expandingTildeInPath))
  }
}

/// What is asked about every item.
struct ScanQuestionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What is asked, separated by commas: explain (predictions and shares of tokens), spectra (leading singular \
      vectors of tokens' maps, with explain), layers (the logit lens and blocks' shares), layer-spectra (stable \
      ranks of tokens' maps to each block, with layers), ledger (what changed from the item's other text to its \
      text).
      """, valueName: "questions"),
    transform: QuestionList.init)
  var ask = QuestionList(questions: [.explain])

  @Option(help: ArgumentHelp("The field with the prompt.", valueName: "name"))
  var field = "text"

  @Option(
    help: ArgumentHelp("The field with the text that ledger compares with.", valueName: "name"))
  var pairField: String?

  @Option(
    help: ArgumentHelp(
      """
      The field with the target, spelled as --target of explain takes it. (default: the likeliest next token over \
      the runner-up)
      """, valueName: "name"))
  var targetField: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Take this many items, from the first on. (default: all)", valueName: "n"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      """
      The tokens whose maps spectra and layer-spectra decompose: all, top:N (the N largest shares), or positions such as \
      0,5,9. (default: top:3)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var spectra = TokenSelection.top(3)

  @Option(
    parsing: .unconditional, help: "The number of singular triplets of each map of spectra.")
  var rank = 4

  @Option(parsing: .unconditional, help: .tolerance())
  var tolerance = 1e-2

  @OptionGroup var seed: SeedOptions
  @OptionGroup var gate: GateOptions

  /// - Throws: That a number is out of range, or that a field and a question do not fit.
  func validate() throws {
    try checkTriplets(rank: rank, tolerance: tolerance)
    try checkGiven(field, by: "--field", "the name of a field")
    try checkGiven(pairField, by: "--pair-field", "the name of a field")
    try checkGiven(targetField, by: "--target-field", "the name of a field")
    if let limit, limit < 1 {
      throw ValidationError("--limit: expected at least 1, found \(limit)")
    }
    let asksLedger = ask.questions.contains(.ledger)
    guard asksLedger == (pairField != nil) else {
      throw ValidationError(
        asksLedger
          ? "--ask ledger: expected --pair-field with it, found none; name the field with the other text"
          : "--pair-field: expected --ask ledger with it, found none; give both")
    }
    if case .auto = spectra {
      throw ValidationError(
        "--spectra: expected tokens that do not depend on the machine, found auto; give top:N")
    }
  }

  /// The options as the library takes them.
  var value: ScanOptions {
    var options = ScanOptions()
    options.questions = ask.questions
    options.field = field
    options.pairField = pairField
    options.targetField = targetField
    options.limit = limit
    options.spectra = spectra
    options.rank = rank
    options.tolerance = tolerance
    options.seed = seed.seed
    options.gate = gate.gate
    return options
  }

  /// The options by their names, as a run records them.
  ///
  /// - Parameter model: Its options are those of the run, too.
  /// - Returns: Only options on which results depend.
  func recorded(_ model: ModelOptions) -> [String: String] {
    var options = [
      "--ask": ask.description, "--field": field, "--gate": gate.gate.rawValue,
    ]
    options["--pair-field"] = pairField
    options["--target-field"] = targetField
    options["--limit"] = limit.map(String.init)
    if ask.questions.contains(.spectra) || ask.questions.contains(.layerSpectra) {
      options["--spectra"] = spectra.spelling
      if ask.questions.contains(.spectra) { options["--rank"] = "\(rank)" }
      options["--tolerance"] = "\(tolerance)"
      options["--seed"] = "\(seed.seed)"
    }
    options["--adapter"] = model.adapter
    options["--ignore-field"] =
      model.ignoredFields.isEmpty ? nil : model.ignoredFields.sorted().joined(separator: ",")
    return options
  }
}

extension TokenSelection {
  /// The text from which this selection is read.
  var spelling: String {
    switch self {
    case .auto: "auto"
    case .none: "none"
    case .all: "all"
    case .top(let count): "top:\(count)"
    case .positions(let positions): positions.map(String.init).joined(separator: ",")
    }
  }
}
