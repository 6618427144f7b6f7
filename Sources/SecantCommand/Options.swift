import ArgumentParser
import Foundation
import Secant

// The options that several commands share, each declared once.

/// Which model is asked.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The model: the word demo for the embedded one, a Hugging Face folder, a GGUF file, or \
      org/name[@revision] of the Hub.
      """, valueName: "model"),
    completion: .file())
  var model = "demo"

  @Option(
    name: [.customLong("hf", withSingleDash: true), .customLong("hf")],
    help: ArgumentHelp(
      "A GGUF model of the Hub, by its quantization.", valueName: "org/name:Q4_K_M"),
    transform: HubGGUF.init(argument:))
  var gguf: HubGGUF?

  @Option(
    name: .customLong("ignore-field"),
    help: ArgumentHelp(
      """
      A field of config.json that is not known, to pass over: only where you know that it does not change \
      what the model computes. May be repeated; reports record it.
      """, valueName: "name"))
  var ignoredFields: [String] = []

  /// - Throws: That two models are named.
  func validate() throws {
    if gguf != nil, model != "demo" {
      throw ValidationError("expected one model, found --model and -hf; give one of them")
    }
  }

  /// The model as the user named it.
  var name: String { gguf?.description ?? model }

  /// Opens the model's files, and downloads them where they are models of the Hub that are not in the cache.
  ///
  /// - Throws: Why there are no such files.
  func checkpoint(_ line: ProgressLine) throws -> Checkpoint {
    guard let gguf else {
      return try Self.checkpoint(model, line).ignoringFields(ignoredFields)
    }
    var download = DownloadProgress(line)
    let checkpoint = try Checkpoint(gguf) { download.show($0) }
    line.begin("reading the model")
    return try checkpoint.ignoringFields(ignoredFields)
  }

  private static func checkpoint(_ name: String, _ line: ProgressLine) throws -> Checkpoint {
    var download = DownloadProgress(line)
    let checkpoint = try Checkpoint(named: name) { download.show($0) }
    line.begin("reading the model")
    return checkpoint
  }

  /// Opens the model, whose notes belong to the report that is made of it.
  ///
  /// - Throws: Why there is no such model.
  func open<S: Scalar>(_: S.Type, _ line: ProgressLine) throws -> Model<S> {
    try Model<S>(checkpoint(line), name: name)
  }

  /// Opens the model, and says on standard error what a user should know of its files: for answers that
  /// have no room for notes.
  ///
  /// - Throws: Why there is no such model.
  func openWithNotes<S: Scalar>(_: S.Type, _ line: ProgressLine) throws -> Model<S> {
    let model = try open(S.self, line)
    for note in model.notes { line.write("secant: note: \(note)") }
    return model
  }

  /// Opens a model that another option names, as `--model` names one; of the fields to pass over, it need not
  /// have any.
  ///
  /// - Throws: Why there is no such model.
  func open<S: Scalar>(
    another name: String, _: S.Type, _ line: ProgressLine
  ) throws -> Model<S> {
    var checkpoint = try Self.checkpoint(name, line)
    for field in ignoredFields {
      checkpoint = (try? checkpoint.ignoringFields([field])) ?? checkpoint
    }
    return try Model<S>(checkpoint, name: name)
  }
}

/// What the model reads.
struct PromptOptions: ParsableArguments {
  @Argument(help: "The text that the model reads.")
  var prompt: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Token ids in place of a text, for exact replay: nothing is added to them.",
      valueName: "1,2,3"),
    transform: TokenList.init)
  var tokens: TokenList?

  @Flag(help: "Write the prompt as the user's turn of a conversation, by the model's own template.")
  var chat = false

  @Option(
    help: ArgumentHelp("With --chat: what the conversation's system turn says.", valueName: "text"))
  var system: String?

  /// - Throws: That there is neither, that there are both, or that the text is empty.
  func validate() throws {
    if system != nil, !chat {
      throw ValidationError("--system: expected --chat with it, found none; give both")
    }
    if chat, tokens != nil {
      throw ValidationError("--chat: expected a text, found --tokens; give one of them")
    }
    switch (prompt, tokens) {
    case (nil, nil):
      throw ValidationError("expected a prompt, found none; give a text, or ids with --tokens")
    case (.some, .some):
      throw ValidationError(
        "expected one prompt, found a text and --tokens; give one of them "
          + "(a text of several words needs quotes)")
    case (let text?, nil): try checkPrompt(text)
    default: break
    }
  }

  /// The prompt as the questions take it.
  var input: PromptInput { tokens.map { .tokens($0.ids) } ?? input(of: prompt ?? "") }

  /// A text as the prompt is read: with --chat, a user's turn.
  func input(of text: String) -> PromptInput {
    guard chat else { return .text(text) }
    let turns = [system.map { ChatMessage(role: .system, content: $0) }].compactMap(\.self)
    return .chat(turns + [ChatMessage(role: .user, content: text)])
  }
}

/// Refuses a text without any words, which a script's empty variable makes; its token ids are accepted.
///
/// - Parameters:
///   - text: The prompt.
///   - option: What it was given by; nil for an argument.
///   - tokens: The option that takes ids in its place.
/// - Throws: What was found in place of a prompt.
func checkPrompt(_ text: String, by option: String? = nil, or tokens: String = "--tokens") throws {
  guard text.allSatisfy(\.isWhitespace) else { return }
  throw ValidationError(
    (option.map { $0 + ": " } ?? "") + "expected a prompt, found "
      + (text.isEmpty ? "an empty text" : "nothing but white space")
      + "; give a text, or \(tokens)")
}

/// Where in the prompt and in the model the question is asked.
struct PlaceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The position whose output is explained, from 0; a negative one counts from the end.")
  var position = -1

  @Option(
    help: ArgumentHelp(
      """
      The place that is explained: output, or block.N.residual, block.N.attention or \
      block.N.feedForward with N from 0, read through the final norm. (default: output)
      """, valueName: "site"),
    transform: Site.init(argument:))
  var site = Site.output
}

/// Which of the prompt's linear maps is meant.
struct MapOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions

  @OptionGroup var rule: GateOptions

  /// The factor of gated products that stays linear.
  var gate: GateRule { rule.gate }
  /// The position whose output is explained.
  var position: Int { place.position }
  /// The place that is explained.
  var site: Site { place.site }
}

/// How gated products are frozen.
struct GateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The factor of gated products that stays linear; half is the mean of both.",
      valueName: "rule"))
  var gate = GateRule.up
}

/// Which logit is asked about.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The logit that the shares divide: a token's text, its id as #312, or "A - B" for a difference; \
      by default the likeliest next token.
      """, valueName: "token"))
  var target: String?
}

/// Of which tokens singular vectors are found.
struct SpectraOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tokens whose maps are decomposed: auto (the largest shares, as many as fit some seconds), \
      none, all, top:N (the N largest shares), or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var spectra = TokenSelection.auto

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decompose no further map after so many seconds.", valueName: "seconds"))
  var maxSeconds: Double?

  /// - Throws: That the time is negative.
  func validate() throws {
    if let maxSeconds, !(maxSeconds >= 0) {
      throw ValidationError("--max-seconds: expected 0 or more, found \(maxSeconds)")
    }
  }
}

extension ExplanationOptions {
  /// The same, for some tokens.
  func decomposing(_ options: SpectraOptions) -> ExplanationOptions {
    var result = self
    result.spectra = options.spectra
    result.maximumSeconds = options.maxSeconds
    return result
  }
}

/// How many singular vectors are found, and how.
struct VectorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Singular triplets of each map; 0 means --spectra none.")
  var rank = 8

  @OptionGroup var method: MethodOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The largest residual of a triplet that counts as converged, relative to the largest singular \
      value.
      """, valueName: "number"))
  var tolerance = 1e-3

  @OptionGroup var seed: SeedOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    try checkTriplets(rank: max(rank, 1), tolerance: tolerance)
    guard rank >= 0 else {
      throw ValidationError("--rank: expected 0 or more, found \(rank)")
    }
  }
}

/// By which tokens' vectors components are divided.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tokens by whose vectors each component is divided too, a sweep for each: auto (all of at most \
      64), none, all, top:N, or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var sources = TokenSelection.auto
}

extension ExplanationOptions {
  /// What the options of a command line ask for.
  init(
    _ target: TargetOptions?, _ map: MapOptions, _ vectors: VectorOptions?, _ memory: MemoryOptions
  ) {
    self.init(target, map.place, vectors, memory)
    gate = map.gate
  }

  /// What the options of a command line ask for that has no gate rule.
  init(
    _ target: TargetOptions?, _ place: PlaceOptions, _ vectors: VectorOptions?,
    _ memory: MemoryOptions
  ) {
    self.init()
    self.target = target?.target.map { .init($0) } ?? .prediction
    position = place.position
    site = place.site
    if let vectors {
      rank = vectors.rank
      method = vectors.method.method
      tolerance = vectors.tolerance
      seed = vectors.seed.seed
    }
    self.memory = memory.memory.bytes
    commandLine = ["secant"] + CommandLine.arguments.dropFirst()
  }
}

/// How singular vectors are found.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How singular vectors are found: from the formed matrix, from products alone, or by cost.",
      valueName: "method"))
  var method = ExplanationOptions.Method.auto
}

/// Refuses numbers of triplets and tolerances that mean nothing.
///
/// - Throws: Which of them, and what it should be.
func checkTriplets(rank: Int, tolerance: Double) throws {
  guard rank >= 1 else {
    throw ValidationError("--rank: expected at least 1, found \(rank)")
  }
  guard tolerance > 0, tolerance < 1 else {
    throw ValidationError("--tolerance: expected a number between 0 and 1, found \(tolerance)")
  }
}

/// With which numbers is computed.
struct PrecisionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The arithmetic.", valueName: "type"))
  var precision = Precision.f32
}

/// How much memory the work may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The memory that the work may take beside the weights, such as 512M. (default: 4G)",
      valueName: "size"),
    transform: ByteCount.init)
  var memory = ByteCount(bytes: 4 << 30)
}

/// What is drawn at random.
struct SeedOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What random numbers are drawn from.", valueName: "number"))
  var seed: UInt64 = 0
}

/// Whether progress is shown.
struct ProgressOptions: ParsableArguments {
  @Flag(help: "Show no progress, which else appears after two seconds on a terminal.")
  var quiet = false
}

/// Whether the work is done, or only what it would take is said.
struct DryRunOptions: ParsableArguments {
  @Flag(help: "Print the estimated time and memory, and stop.")
  var dryRun = false
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON, whose schema has a version.")
  var json = false

  /// Prints a report on standard output.
  ///
  /// - Throws: `Failure` where it cannot be written.
  func print<R: Report>(_ report: R, text: (R, TerminalStyle) -> String) throws {
    try StandardOutput.write(report, asJSON: json, text: text)
  }
}
