import Foundation
import Secant

/// Where a file is to appear.
struct OutputPath {
  let url: URL
  /// The path as the user gave it.
  let path: String

  /// A path that may begin with `~`.
  ///
  /// - Throws: `Failure` where it is `-`: standard output is for reports.
  init(_ path: String, option: String) throws {
    guard path != "-", !path.isEmpty else {
      throw Failure(
        .usage,
        "\(option): expected the path of a file, found \"\(path)\"; name a file: "
          + "standard output is for reports")
    }
    self.path = path
    url = URL(filePath: NSString(string: path).expandingTildeInPath)
  }

  /// A file in a folder that the user named.
  init(url: URL, path: String) {
    self.url = url
    self.path = path
  }

  /// Makes sure, before the work starts, that the file can be created when it is done.
  ///
  /// - Throws: `Failure` where it cannot.
  func checkWritable() throws { try begin { _ = try AtomicFile(at: url) } }

  /// Writes a whole text file, which appears when it is complete.
  ///
  /// - Throws: `Failure` where it cannot be written.
  func write(_ text: String) throws { try write { try AtomicFile.write(text, to: url) } }

  /// Begins a file.
  ///
  /// - Throws: `Failure` where it cannot be created.
  func begin<File>(_ create: () throws -> File) throws -> File {
    do { return try create() } catch let error as InputError {
      throw Failure(.cannotCreate, error.description)
    }
  }

  /// Writes to a file that was begun.
  ///
  /// - Throws: `Failure` where the disk is full or fails.
  func write(_ body: () throws -> Void) throws {
    do { try body() } catch let error as InputError {
      throw Failure(.inputOutput, error.description)
    }
  }
}
