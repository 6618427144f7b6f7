public import Foundation

/// A folder of a test's own, which goes when the test does.
public final class TemporaryFolder: Sendable {
  /// Where it is, without symbolic links on the way.
  public let url: URL

  /// Makes a new folder.
  ///
  /// - Throws: That the system's folder for temporary files cannot be written.
  public init() throws {
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in the folder.
  public func path(_ name: String) -> String { url.appending(path: name).path }

  /// The names of all files in the folder, hidden ones too.
  public var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  /// Writes a file into the folder and returns its place.
  @discardableResult
  public func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }

  /// Writes a text into the folder and returns the file's place.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> URL {
    try write(Array(text.utf8), to: name)
  }

  /// Copies a folder or file into this folder, under its own name.
  public func copy(of item: URL) throws -> URL {
    let copy = url.appending(path: item.lastPathComponent)
    try FileManager.default.copyItem(at: item, to: copy)
    return copy
  }

  /// Makes a file known under another name here.
  public func link(_ file: URL, as name: String) throws {
    try FileManager.default.createSymbolicLink(
      at: url.appending(path: name), withDestinationURL: file)
  }
}
