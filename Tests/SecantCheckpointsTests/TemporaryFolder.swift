import Foundation
import SecantCheckpoints

/// A folder of a test's own, which goes when the test does.
final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file into the folder and returns its place.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = url.appending(path: name)
    try Data(bytes).write(to: file)
    return file
  }

  @discardableResult
  func write(_ text: String, to name: String) throws -> URL {
    try write(Array(text.utf8), to: name)
  }

  /// The names of all files in the folder, hidden ones too.
  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
  }

  /// The message of the error that `body` throws, without this folder's own path; nil if it throws none.
  func message(of body: () throws(InputError) -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return error.description.replacing(url.path + "/", with: "")
        .replacing(url.path, with: "FOLDER")
    }
  }
}

/// The bytes of a safetensors file with that header, unpadded, and so many bytes of data.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

extension MappedFile {
  /// A copy of all bytes.
  var bytes: [UInt8] { withBytes { span in span.indices.map { span[$0] } } }
}
