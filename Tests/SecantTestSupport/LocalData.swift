public import Foundation

/// Real files that the repository may not carry: tests that use them skip where they are absent.
public enum LocalData {
  /// The folder named by `SECANT_TEST_DATA`, or `../shared/data` beside the package; nil if absent.
  public static let folder: URL? = {
    let package = Repository.folder
    let named = ProcessInfo.processInfo.environment["SECANT_TEST_DATA"].map { URL(filePath: $0) }
    let folder = named ?? package.deletingLastPathComponent().appending(path: "shared/data")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()
}
