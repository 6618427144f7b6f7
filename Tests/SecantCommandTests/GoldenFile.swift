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

  /// Fails where a text differs from the file, or writes the file.
  func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    if ProcessInfo.processInfo.environment["SECANT_UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: url)
      return
    }
    let golden = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    #expect(text == golden, "\(url.lastPathComponent)", sourceLocation: sourceLocation)
  }
}
