import Foundation
import Testing

/// A text that is looked at once, and then must not change unnoticed.
///
/// `SECANT_UPDATE_GOLDEN=1 swift test --filter SecantCommandTests` writes the files anew; the difference is
/// then to be read.
struct GoldenFile {
  private let url: URL

  init(_ name: String) {
    url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden").appending(path: name)
  }

  /// A page of the documentation.
  init(documentation name: String) {
    url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Documentation").appending(path: name)
  }

  /// What the file holds.
  func text() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }

  /// Fails where a text differs from the file, or writes the file.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["SECANT_UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: url)
      return
    }
    #expect(text == (try self.text()), "\(url.lastPathComponent)", sourceLocation: sourceLocation)
  }
}
