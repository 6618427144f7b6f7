public import Foundation
public import Testing

/// A text that is looked at once, and then must not change unnoticed.
///
/// With `SECANT_UPDATE_GOLDEN=1` the tests write the files anew; the difference is then to be read.
public struct GoldenFile: Sendable {
  /// Where it is.
  public let url: URL

  /// Whether golden files are to be written anew.
  public static var isUpdated: Bool {
    ProcessInfo.processInfo.environment["SECANT_UPDATE_GOLDEN"] != nil
  }

  /// A file in the folder `Golden` of the tests to which a source belongs.
  public init(_ name: String, ofTestsWith source: String = #fileID) {
    let module = source.prefix { $0 != "/" }
    url = Repository.folder.appending(path: "Tests/\(module)/Golden").appending(path: name)
  }

  /// A file anywhere.
  public init(at url: URL) { self.url = url }

  /// A page of the documentation.
  public init(documentation name: String) {
    url = Repository.folder.appending(path: "Documentation").appending(path: name)
  }

  /// What the file holds.
  public func text() throws -> String { String(decoding: try Data(contentsOf: url), as: UTF8.self) }

  /// Fails where a text differs from the file in any byte, or writes the file.
  public func expect(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if Self.isUpdated {
      try Data(text.utf8).write(to: url)
      return
    }
    let golden = try self.text()
    // Swift's strings also equate what only looks the same.
    #expect(
      Array(text.utf8) == Array(golden.utf8), "\(url.lastPathComponent):\n\(text)",
      sourceLocation: sourceLocation)
  }
}

/// Where the package's files are.
public enum Repository {
  /// The package's own folder.
  public static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
