import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// What a scan is of: the corpus, the run, the model and the questions.
struct ScanWork: ParsableArguments {
  @Argument(help: "The corpus: a file, a folder, or - for standard input.", completion: .file())
  var data: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder of the run, made if necessary.", valueName: "run"),
    completion: .directory)
  var output: String

  @OptionGroup var model: ModelOptions
  @OptionGroup var questions: ScanQuestionOptions

  @Option(
    help: ArgumentHelp(
      "The format of the data. (default: by their names; jsonl for standard input)",
      valueName: "format"))
  var format: DataFormat?

  /// - Throws: That a path is empty.
  func validate() throws {
    try checkGiven(data, by: "<data>", "the path of the data, or - for standard input")
    try checkGiven(output, by: "--output", "the folder of a run")
  }

  /// A scan whose data are counted and whose model is open.
  struct Opened {
    /// The files of the corpus.
    let files: [DataFile]
    /// The questions to the model.
    let analysis: ItemAnalysis<Float>
    fileprivate let whole: RunManifest

    /// What a run is of that has so many shards.
    func manifest(shards: Int) -> RunManifest { whole.divided(into: shards) }

    /// The number of items.
    var itemCount: Int { whole.itemCount }
  }

  /// Counts the items, opens the model, and makes sure that the first item has the fields.
  ///
  /// - Throws: What cannot be read, or which field is missing.
  func opened(_ line: ProgressLine) throws -> Opened {
    let options = questions.value
    let files = try files()
    let count = try CorpusCount(files, limit: options.limit)
    let model = try model.openWithNotes(Float.self, line)
    let analysis = ItemAnalysis(model, options)
    if let first = count.first, let item = try? first.item() {
      try analysis.requireFields(of: item)
    }
    return Opened(
      files: files, analysis: analysis,
      whole: RunManifest(
        secantVersion: SecantVersion.current, modelName: model.name,
        modelFingerprint: model.identity.fingerprint, data: data, dataDigest: count.digest,
        itemCount: count.items, options: questions.recorded(self.model), shardCount: 1))
  }

  /// The files of the corpus; standard input is kept in the run first.
  private func files() throws -> [DataFile] {
    guard data == "-" else {
      return try DataFile.files(
        at: URL(filePath: NSString(string: data).expandingTildeInPath), as: format)
    }
    return [
      try DataFile.kept(
        from: .standardInput, as: format ?? .jsonl,
        in: RunFolder(named: output).standardInputFolder)
    ]
  }
}
