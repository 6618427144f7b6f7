import ArgumentParser
import Foundation
import Secant

/// The model.
struct ModelOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      The model: demo (the embedded one), a Hugging Face folder, a GGUF file, or org/name[@revision] \
      on the Hub.
      """, valueName: "model"),
    completion: .file())
  var model = "demo"

  @Option(
    name: [.customLong("hf", withSingleDash: true), .customLong("hf")],
    help: ArgumentHelp(
      "A GGUF model on the Hub, with its quantization.", valueName: "org/name:Q4_K_M"),
    transform: HubGGUF.init(argument:))
  var gguf: HubGGUF?

  @Option(
    help: ArgumentHelp(
      """
      A folder with a LoRA adapter as PEFT writes it, which is applied to the model (not to another one that \
      is compared with it).
      """, valueName: "folder"),
    completion: .directory)
  var adapter: String?

  @Option(
    name: .customLong("ignore-field"),
    help: ArgumentHelp(
      """
      Ignore an unknown field of config.json. Use it only if you know that the field does not change what the \
      model computes. May be repeated; reports record it.
      """, valueName: "name"))
  var ignoredFields: [String] = []

  /// - Throws: That two models are named, or one with an empty name.
  func validate() throws {
    if gguf != nil, model != "demo" {
      throw ValidationError("expected one model, found --model and -hf; give one of them")
    }
    try checkGiven(model, by: "--model", "the name of a model")
    try checkGiven(adapter, by: "--adapter", "the folder of an adapter")
  }

  /// The model as the user named it.
  var name: String { gguf?.description ?? model }

  /// Opens the model's files, and those of its adapter; downloads a model of the Hub that is not in the
  /// cache.
  ///
  /// - Throws: Why the files cannot be opened, or that the adapter is another model's.
  func checkpoint(_ line: ProgressLine) throws -> Checkpoint {
    try Self.adapted(plainCheckpoint(line).ignoringFields(ignoredFields), by: adapter)
  }

  private static func adapted(
    _ checkpoint: Checkpoint, by adapter: String?
  ) throws -> Checkpoint {
    guard let adapter else { return checkpoint }
    let folder = URL(filePath: NSString(string: adapter).expandingTildeInPath)
    return try checkpoint.adapted(by: LowRankAdapter(at: folder))
  }

  private func plainCheckpoint(_ line: ProgressLine) throws -> Checkpoint {
    guard let gguf else { return try Self.checkpoint(model, line) }
    var download = DownloadProgress(line)
    let checkpoint = try Checkpoint(gguf) { download.show($0) }
    line.begin("reading the model")
    return checkpoint
  }

  private static func checkpoint(_ name: String, _ line: ProgressLine) throws -> Checkpoint {
    var download = DownloadProgress(line)
    let checkpoint = try Checkpoint(named: name) { download.show($0) }
    line.begin("reading the model")
    return checkpoint
  }

  /// Opens the model for a computation.
  ///
  /// Its notes belong to the report.
  ///
  /// - Parameters:
  ///   - precision: The scalar of the computation.
  ///   - line: The progress line.
  ///   - outputs: The outputs, which must not replace a file of the model.
  /// - Returns: The model in the given precision.
  /// - Throws: Why the model cannot be opened, or that there is too little memory.
  func open<S: Scalar>(
    _ precision: S.Type, _ line: ProgressLine, sparing outputs: Outputs? = nil
  ) throws -> Model<S> {
    let model: Model<S> = try Self.model(
      name, adapter, passingOver: ignoredFields, outputs, checkpoint: { try checkpoint(line) }
    ) {
      let threads = ProcessInfo.processInfo.activeProcessorCount
      guard let bytes = reserveWorkMemory(threads: threads) else { return }
      throw Failure(
        .noMemory,
        "memory: expected \(bytes >> 20) MB of addresses for linear algebra on "
          + "\(threads) processors, found that the system gives less; raise the limit (ulimit -v)")
    }
    return model
  }

  /// The model's tokenizer: that of the open model in a session, else read from the files.
  ///
  /// - Throws: Why the files cannot be opened, or that they have no tokenizer.
  func tokenizer(_ line: ProgressLine) throws -> Tokenizer {
    let open: Model<Float>? = Invocation.current.models?.model(
      Self.key(Float.self, name, adapter, ignoredFields))
    if let tokenizer = open?.tokenizer { return tokenizer }
    let checkpoint = try checkpoint(line)
    guard Tokenizer.isDefined(in: checkpoint) else {
      throw InputError(
        .missing, file: name, subject: "tokenizer", expected: "one of the files that hold it",
        found: "none", remedy: "name a model with a tokenizer")
    }
    return try Tokenizer(checkpoint)
  }

  /// Opens the model and prints its notes on standard error, for answers that have no place for
  /// notes.
  ///
  /// - Throws: Why the model cannot be opened.
  func openWithNotes<S: Scalar>(
    _: S.Type, _ line: ProgressLine, sparing outputs: Outputs? = nil
  ) throws -> Model<S> {
    let model = try open(S.self, line, sparing: outputs)
    for note in model.notes { line.note(note) }
    return model
  }

  /// Opens a model that other options name.
  ///
  /// It need not have the ignored fields.
  ///
  /// - Parameters:
  ///   - other: Its name; nil for this model.
  ///   - adapter: The folder of its adapter; nil for none.
  ///   - precision: The scalar of the computation.
  ///   - line: The progress line.
  ///   - outputs: The outputs, which must not replace a file of the model.
  /// - Returns: The model in the precision of the type.
  /// - Throws: Why the model cannot be opened.
  func open<S: Scalar>(
    another other: String?, adapter: String?, _ precision: S.Type, _ line: ProgressLine,
    sparing outputs: Outputs
  ) throws -> Model<S> {
    try Self.model(
      other ?? name, adapter, passingOver: ignoredFields, outputs,
      checkpoint: {
        var checkpoint = try other.map { try Self.checkpoint($0, line) } ?? plainCheckpoint(line)
        for field in ignoredFields {
          checkpoint = (try? checkpoint.ignoringFields([field])) ?? checkpoint
        }
        return try Self.adapted(checkpoint, by: adapter)
      }
    ) {}
  }

  /// What an open model is known by.
  private static func key<S: Scalar>(
    _: S.Type, _ name: String, _ adapter: String?, _ fields: [String]
  ) -> String {
    // A relative path is another file in another folder.
    let folder = FileManager.default.currentDirectoryPath
    return ([S.precisionName, folder, name, adapter ?? ""] + fields).joined(separator: "\n")
  }

  /// The model of a name; in a session, the one that is open, where there is one.
  private static func model<S: Scalar>(
    _ name: String, _ adapter: String?, passingOver fields: [String], _ outputs: Outputs?,
    checkpoint: () throws -> Checkpoint, beforeWork: () throws -> Void
  ) throws -> Model<S> {
    let key = key(S.self, name, adapter, fields)
    let models = Invocation.current.models
    if let open: Model<S> = models?.model(key) {
      try outputs?.spare(open.checkpoint.files, "the model \(name)")
      return open
    }
    let checkpoint = try checkpoint()
    try outputs?.spare(checkpoint.files, "the model \(name)")
    try beforeWork()
    let model = try Model<S>(checkpoint, name: adapter.map { "\(name) + \($0)" } ?? name)
    models?.keep(model, as: key)
    return model
  }
}

extension Checkpoint {
  /// The files of the model.
  var files: [URL] {
    let weights = Set(tensors.flatMap { $0.parts.map(\.file.url) })
    guard gguf == nil else { return Array(weights) + [url] }
    // Configuration, tokenizer and template. Other files in the folder may be results.
    let kinds: Set = ["json", "jinja", "model", "txt"]
    let others =
      (try? FileManager.default.contentsOfDirectory(
        at: url, includingPropertiesForKeys: nil)) ?? []
    return Array(weights) + others.filter { kinds.contains($0.pathExtension) }
  }
}
