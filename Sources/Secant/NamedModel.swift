import Foundation

extension Checkpoint {
  /// The checkpoint that a user names: the word `demo`, a path that may begin with `~`, or a model of the Hub.
  ///
  /// An existing path takes precedence over a model's name; write `./demo` for a folder called demo. A model of
  /// the Hub is `org/name` or `org/name@revision`, or an address that `HubAddress` reads. Files missing from the
  /// cache are downloaded.
  ///
  /// - Parameters:
  ///   - name: The name as the user typed it.
  ///   - progress: Called while a model is downloaded.
  /// - Throws: `InputError` if the folder or its files are invalid, or the download fails.
  public init(
    named name: String, progress: (HubProgress) -> Void = { _ in }
  ) throws(InputError) {
    if name == "demo" {
      try self.init(at: DemoModel.folder())
    } else if HubAddress.isOne(name), HubModelID(name) == nil {
      let isFile = HubAddress(name)?.file != nil
      throw InputError(
        .invalid, file: name, subject: "model",
        expected: "the address of a model's page, such as https://huggingface.co/org/name",
        found: isFile ? "that of a GGUF file" : "another one",
        remedy: isFile
          ? "name it by its quantization, org/name:Q4_K_M" : "give the model's name, org/name")
    } else if let model = HubModelID(name), !Self.exists(name), !name.hasSuffix(".gguf") {
      try self.init(at: Hub(HubEnvironment()).folder(of: model, progress: progress))
    } else {
      try self.init(at: name)
    }
  }

  /// A GGUF model of the Hub; files missing from the cache are downloaded.
  ///
  /// - Parameters:
  ///   - gguf: The model's name on the Hub.
  ///   - progress: Called while it is downloaded.
  /// - Throws: `InputError` if the download fails or the file is damaged.
  public init(
    _ gguf: HubGGUF, progress: (HubProgress) -> Void = { _ in }
  ) throws(InputError) {
    try self.init(at: Hub(HubEnvironment()).ggufFile(of: gguf, progress: progress))
  }

  private static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: NSString(string: path).expandingTildeInPath)
  }
}

extension Model {
  /// The model that a user names, as `Checkpoint(named:progress:)` finds it.
  ///
  /// - Parameters:
  ///   - name: The name as the user typed it.
  ///   - progress: Called while a model is downloaded.
  /// - Throws: `InputError` if the folder or its files are invalid, or the download fails.
  public init(
    named name: String, progress: (HubProgress) -> Void = { _ in }
  ) throws(InputError) {
    try self.init(Checkpoint(named: name, progress: progress), name: name)
  }
}
