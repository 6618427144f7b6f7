import Foundation

extension Checkpoint {
  /// The checkpoint that a user names: the word `demo`, or a folder's path that may begin with `~`.
  ///
  /// A folder of that name is meant by `./demo`.
  ///
  /// - Throws: What about the folder or its files is wrong.
  public init(named name: String) throws(InputError) {
    guard name == "demo" else {
      try self.init(at: name)
      return
    }
    let folder: URL
    do {
      folder = try DemoModel.folder()
    } catch {
      throw InputError(
        .missing, subject: "the embedded model", expected: "its folder beside the program",
        found: "none", remedy: "keep the program together with its .resources folder")
    }
    try self.init(at: folder)
  }
}

extension Model {
  /// The model that a user names: the word `demo`, or a folder's path that may begin with `~`.
  ///
  /// - Throws: What about the folder or its files is wrong.
  public init(named name: String) throws(InputError) {
    try self.init(Checkpoint(named: name), name: name)
  }
}
