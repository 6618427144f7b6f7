import ArgumentParser
import Secant

/// `secant compare`: what differs between two prompts, or between two models.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares two prompts, or two models on one prompt, token by token.",
    usage: """
      secant compare [<options>] <prompt> --with <prompt>
      secant compare [<options>] <prompt> --with-model <model>
      secant compare [<options>] <prompt> --with-adapter <folder>
      """,
    discussion: """
      For two prompts, or two models of one shape, accounts exactly for what changed: the logit of the first \
      prediction over the second (of one prediction over its runner-up), after the first prompt less after the second, as a sum over the changed \
      token vectors, the pattern of each attention head, the gates of each feed-forward layer and the norms, \
      and of two models over their projections. Of prompts of different lengths, what the shorter one lacks is \
      masked in its run. \
      Then explains both prompts and sets them side by side: next tokens, shares of aligned tokens, singular \
      values, how far the leading output directions of both agree (principal angles), the words that \
      they decode to, and those of the leading directions of the difference of both maps. Without --target each side explains its own prediction over its runner-up; with one, shares can be \
      subtracted, and it is what the account is of.

        secant compare "The capital of France is" --with "The capital of Italy is"
        secant compare "The capital of France is" --with "The capital of Italy is" \\
            --target Paris --over Rome
        secant compare "The capital of France is" --with "The capital of Italy is" --circuit 0.9
        secant compare "The capital of France is" --with "The capital of Italy is" \\
            --split-patterns top:4
        secant compare --file a.txt --with-file b.txt --by sentence
        secant compare "The capital of France is" --model ~/models/a --with-model ~/models/b
        secant compare "The capital of France is" --with "The capital of Italy is" \\
            --csv c.csv -o c.safetensors
      """)

  @OptionGroup var prompt: PromptOptions

  @Option(
    name: .customLong("with"),
    help: ArgumentHelp(
      "The text to compare with; - for standard input. (default: the same)", valueName: "prompt"))
  var other: String?

  @Option(
    name: .customLong("with-file"),
    help: ArgumentHelp("Read the text to compare with from a file.", valueName: "file"),
    completion: .file())
  var otherFile: String?

  @Option(
    name: .customLong("with-tokens"), parsing: .unconditional,
    help: ArgumentHelp("Token ids in place of the text to compare with.", valueName: "1,2,3"),
    transform: TokenList.init)
  var otherTokens: TokenList?

  @OptionGroup var model: ModelOptions

  @Option(
    name: .customLong("with-model"),
    help: ArgumentHelp("The model to compare with; by default the same.", valueName: "model"),
    completion: .file())
  var otherModel: String?

  @Option(
    help: ArgumentHelp(
      """
      A folder with a LoRA adapter for the second model, to see what tuning changed. The second model is the first \
      one, unless --with-model names another.
      """, valueName: "folder"),
    completion: .directory)
  var withAdapter: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Also find the fewest of the largest parts that carry this fraction of what changed, such as 0.9, \
      and run the second prompt with only these swapped.
      """, valueName: "fraction"))
  var circuit: Double?

  @Option(
    help: ArgumentHelp(
      """
      Divide what the patterns of some heads gave into what their queries and what their keys gave: top:N (the \
      N that gave most), or heads such as 23.0,24.4 (block and head, from 0).
      """, valueName: "heads"),
    transform: HeadSelection.init(argument:))
  var splitPatterns: HeadSelection?

  @Flag(help: "List all entries of the account of what changed; else the largest of very many.")
  var allEntries = false

  @OptionGroup var target: DivisionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var spectra: SpectraOptions
  @OptionGroup var vectors: VectorOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: That there is nothing to compare with, or two texts.
  func validate() throws {
    let given =
      (other == nil ? [] : ["--with"]) + (otherFile == nil ? [] : ["--with-file"])
      + (otherTokens == nil ? [] : ["--with-tokens"])
    guard given.count < 2 else {
      throw ValidationError(
        "expected one prompt to compare with, found \(given.joined(separator: " and ")); "
          + "give one of them")
    }
    if given.isEmpty, otherModel == nil, withAdapter == nil {
      throw ValidationError(
        "expected something to compare with, found nothing; give --with, --with-model or "
          + "--with-adapter")
    }
    if let other { try checkPrompt(other, by: "--with", or: "--with-tokens") }
    if otherText?.isStandardInput == true, prompt.readsStandardInput {
      throw ValidationError(
        "expected one prompt from standard input, found two; read one of them from a file")
    }
    if let circuit, !(circuit > 0 && circuit <= 1) {
      throw ValidationError("--circuit: expected a number above 0 and at most 1, found \(circuit)")
    }
    try checkGiven(otherFile, by: "--with-file", "the path of a file")
    try checkGiven(otherModel, by: "--with-model", "the name of a model")
    try checkGiven(withAdapter, by: "--with-adapter", "the folder of an adapter")
  }

  /// - Throws: Why there is no comparison.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    var options = ExplanationOptions(target, map, vectors, memory).decomposing(spectra)
    options.circuit = circuit
    options.splitPatterns = splitPatterns
    if allEntries { options.listedEntries = nil }
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planComparison(
        inquiry.prompt, with: try otherInput(inquiry.outputs), by: try second(inquiry), options)
    } ask: { inquiry in
      options.grouping = try grouping.grouping(sparing: inquiry.outputs)
      return try inquiry.model.compare(
        inquiry.prompt, with: try otherInput(inquiry.outputs), by: try second(inquiry), options
      ) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }

  /// The model to compare with; nil where it is the same.
  ///
  /// - Throws: Why there is no such model.
  private func second<S: Scalar>(_ inquiry: Inquiry<S>) throws -> Model<S>? {
    guard otherModel != nil || withAdapter != nil else { return nil }
    return try model.open(
      another: otherModel, adapter: withAdapter, S.self, inquiry.line, sparing: inquiry.outputs)
  }

  /// Where the text to compare with comes from; nil where there is none.
  private var otherText: PromptText? {
    otherFile.map { PromptText(file: $0) } ?? other.map { PromptText($0) }
  }

  /// The prompt to compare with; nil where it is the same.
  ///
  /// - Throws: Why there is no text.
  private func otherInput(_ outputs: Outputs) throws -> PromptInput? {
    if let otherTokens { return .tokens(otherTokens.ids) }
    if let url = otherText?.url { try outputs.spare([url], "the prompt to compare with") }
    return try otherText.map { prompt.input(of: try $0.read()) }
  }
}

extension HeadSelection {
  /// Heads as the command line names them.
  fileprivate init(argument: String) throws {
    guard let heads = HeadSelection(argument) else {
      throw ValidationError(
        "expected top:N or heads such as 23.0,24.4 (block and head), found \"\(argument)\"")
    }
    self = heads
  }
}
