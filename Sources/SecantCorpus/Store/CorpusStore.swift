import Foundation
import GRDB
import SecantCheckpoints

/// The database of a merged corpus, which is only read.
struct CorpusStore {
  private let path: String
  private let database: DatabaseQueue

  /// Opens the database of a run.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - name: What the user calls it.
  /// - Throws: `InputError` where it has not been merged, or by another version.
  init(of folder: RunFolder, name: String) throws(InputError) {
    let path = folder.storeURL.path(percentEncoded: false)
    self.path = path
    guard FileManager.default.fileExists(atPath: path) else {
      throw InputError(
        .missing, file: name, subject: "corpus.sqlite", expected: "a merged run", found: "none",
        remedy: "run secant scan merge first")
    }
    var configuration = Configuration()
    configuration.readonly = true
    database = try Self.reading(path) {
      try DatabaseQueue(path: path, configuration: configuration)
    }
    let version = try read { database in
      try String.fetchOne(database, sql: "SELECT value FROM run WHERE name = 'schema'")
    }
    guard version == "\(Schema.version)" else {
      throw InputError(
        .unsupported, file: path, subject: "the tables", expected: "version \(Schema.version)",
        found: version ?? "none", remedy: "run secant scan merge again")
    }
  }

  /// Reads from the database.
  ///
  /// - Throws: `InputError` as `body` throws it, or that the database is damaged.
  func read<Result>(_ body: (Database) throws -> Result) throws(InputError) -> Result {
    try Self.reading(path) { try database.read(body) }
  }

  private static func reading<Result>(
    _ path: String, _ body: () throws -> Result
  ) throws(InputError) -> Result {
    do { return try body() } catch let error as InputError {
      throw error
    } catch {
      throw InputError(
        .malformed, file: path, subject: "the database", expected: "one that can be read",
        found: "\(error)", remedy: "run secant scan merge again")
    }
  }
}
