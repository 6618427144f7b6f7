import Foundation

/// A new folder that is removed with the last reference to it.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "secant-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Makes a file known under another name here.
  func link(_ file: URL, as name: String) throws {
    try FileManager.default.createSymbolicLink(
      at: url.appending(path: name), withDestinationURL: file)
  }

  /// Writes a file.
  @discardableResult
  func write(_ bytes: [UInt8], as name: String) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }
}
