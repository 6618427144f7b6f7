import ArgumentParser
import Foundation
import Secant

// The options that several commands share, each declared once.

/// Which model is asked.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
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

  /// - Throws: That two models are named, or one with an empty name.
  func validate() throws {
    if gguf != nil, model != "demo" {
      throw ValidationError("expected one model, found --model and -hf; give one of them")
    }
    try checkGiven(model, by: "--model", "the name of a model")
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

  /// Opens the model, to compute with it; its notes belong to the report that is made of it.
  ///
  /// - Parameters:
  ///   - precision: The scalar that is computed with.
  ///   - line: Where progress is shown.
  ///   - outputs: What must not replace a file of the model.
  /// - Returns: The model in the given precision.
  /// - Throws: Why there is no such model, or no memory to compute in.
  func open<S: Scalar>(
    _ precision: S.Type, _ line: ProgressLine, sparing outputs: Outputs? = nil
  ) throws -> Model<S> {
    let model: Model<S> = try Self.model(checkpoint(line), name, outputs) {
      let threads = ProcessInfo.processInfo.activeProcessorCount
      guard let bytes = reserveWorkMemory(threads: threads) else { return }
      throw Failure(
        .noMemory,
        "memory: expected \(bytes >> 20) MB of addresses for linear algebra on "
          + "\(threads) processors, found that the system gives less; raise the limit (ulimit -v)")
    }
    return model
  }

  /// Opens the model, and says on standard error what a user should know of its files: for answers that
  /// have no room for notes.
  ///
  /// - Throws: Why there is no such model.
  func openWithNotes<S: Scalar>(
    _: S.Type, _ line: ProgressLine, sparing outputs: Outputs? = nil
  ) throws -> Model<S> {
    let model = try open(S.self, line, sparing: outputs)
    for note in model.notes { line.write("secant: note: \(note)") }
    return model
  }

  /// Opens a model that another option names, as `--model` names one; of the fields to pass over, it need not
  /// have any.
  ///
  /// - Throws: Why there is no such model.
  func open<S: Scalar>(
    another name: String, _: S.Type, _ line: ProgressLine, sparing outputs: Outputs
  ) throws -> Model<S> {
    var checkpoint = try Self.checkpoint(name, line)
    for field in ignoredFields {
      checkpoint = (try? checkpoint.ignoringFields([field])) ?? checkpoint
    }
    return try Self.model(checkpoint, name, outputs) {}
  }

  private static func model<S: Scalar>(
    _ checkpoint: Checkpoint, _ name: String, _ outputs: Outputs?, beforeWork: () throws -> Void
  ) throws -> Model<S> {
    try outputs?.spare(checkpoint.files, "the model \(name)")
    try beforeWork()
    return try Model<S>(checkpoint, name: name)
  }
}

extension Checkpoint {
  /// The files that make up the model.
  var files: [URL] {
    let weights = Set(tensors.flatMap { $0.parts.map(\.file.url) })
    guard gguf == nil else { return Array(weights) + [url] }
    // Configuration, tokenizer and template; other files in the folder may be results.
    let kinds: Set = ["json", "jinja", "model", "txt"]
    let others =
      (try? FileManager.default.contentsOfDirectory(
        at: url, includingPropertiesForKeys: nil)) ?? []
    return Array(weights) + others.filter { kinds.contains($0.pathExtension) }
  }
}

/// Refuses an option's empty value, which a script's empty variable makes.
///
/// - Throws: What should stand there.
func checkGiven(_ text: String?, by option: String, _ expected: String) throws {
  guard text?.isEmpty == true else { return }
  throw ValidationError(
    "\(option): expected \(expected), found an empty text; leave the option out or give one")
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

  /// - Throws: That the target is empty.
  func validate() throws { try checkGiven(target, by: "--target", "a token") }
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
