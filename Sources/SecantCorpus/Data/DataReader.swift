package import SecantCheckpoints
import SecantDigests

/// The items of some files, one after the other; only the one at hand is in memory.
///
/// Lines of white space alone are no items. Every item has a number, from 0, over all files.
package struct DataReader {
  /// An item before its fields are read.
  package struct Raw: Sendable {
    /// Its number, from 0.
    package let index: Int
    /// The name of its file.
    package let source: String
    /// The line on which it begins, from 1.
    package let line: Int
    fileprivate let bytes: [UInt8]
    fileprivate let format: DataFormat
    /// The columns of its file; empty for other formats.
    fileprivate let columns: [String]
  }

  private let files: [DataFile]
  private var next = 0
  private var lines: LineReader?
  private var columns: [String] = []
  private var index = 0
  private var digest = Digest(.sha256)

  /// Begins at the first item.
  package init(_ files: [DataFile]) { self.files = files }

  /// The SHA-256 digest of the names and contents of all files that were read to their end.
  package var contentDigest: String { digest.hexadecimal }

  /// The next item; nil at the end.
  ///
  /// - Throws: `InputError` where a file cannot be read, or is no file of prompts.
  package mutating func nextItem() throws(InputError) -> Raw? {
    while true {
      if lines == nil {
        guard next < files.count else { return nil }
        lines = LineReader(try CompressedFile(at: files[next].url))
        next += 1
        if files[next - 1].format == .csv { try readColumns() }
      }
      let file = files[next - 1]
      guard let (bytes, line) = try lines?.next(isQuoted: file.format == .csv) else {
        finish(file)
        continue
      }
      if bytes.allSatisfy({ " \t\r\n".utf8.contains($0) }) { continue }
      defer { index += 1 }
      return Raw(
        index: index, source: file.name, line: line, bytes: bytes, format: file.format,
        columns: columns)
    }
  }

  private mutating func finish(_ file: DataFile) {
    digest.update("\(file.name)\n\(file.format.rawValue)\n\(lines?.digest.hexadecimal ?? "")\n")
    lines = nil
    columns = []
  }

  private mutating func readColumns() throws(InputError) {
    let name = files[next - 1].name
    guard let (bytes, _) = try lines?.next(isQuoted: true) else {
      throw Self.malformed(name, 1, "a first line that names the columns", "an empty file")
    }
    columns = try CSV.fields(of: bytes, file: name, line: 1)
    if let twice = columns.first(where: { column in columns.count { $0 == column } > 1 }) {
      throw Self.malformed(name, 1, "each column once", "\(twice) twice")
    }
  }

  /// Says what is wrong on a line.
  static func malformed(
    _ file: String, _ line: Int, _ expected: String, _ found: String
  ) -> InputError {
    InputError(
      .malformed, file: file, subject: "line \(line)", expected: expected, found: found,
      remedy: "correct the line")
  }
}

extension DataReader.Raw {
  /// The item with its fields.
  ///
  /// - Throws: `InputError` where the line is not of its file's format.
  package func item() throws(InputError) -> DataItem {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DataReader.malformed(source, line, "UTF-8", "bytes that are not")
    }
    let document: String
    switch format {
    case .txt: document = "{\"text\":\(JSON.quoted(text))}"
    case .csv:
      let values = try CSV.fields(of: bytes, file: source, line: line)
      guard values.count == columns.count else {
        throw DataReader.malformed(
          source, line, "\(columns.count) fields, as many as columns", "\(values.count)")
      }
      document =
        "{"
        + zip(columns, values).map { "\(JSON.quoted($0)):\(JSON.quoted($1))" }
        .joined(separator: ",") + "}"
    case .jsonl:
      switch try JSON(parsing: bytes, file: "\(source), line \(line)") {
      case .object: document = text
      case .string: document = "{\"text\":\(text)}"
      case let other:
        throw DataReader.malformed(source, line, "an object or a string", other.summary)
      }
    }
    return DataItem(
      index: index, source: source, line: line, document: document,
      fields: try JSON(parsing: Array(document.utf8), file: "\(source), line \(line)"))
  }
}

/// One prompt of a corpus with its fields.
package struct DataItem: Sendable {
  /// Its number, from 0, over all files.
  package let index: Int
  /// The name of its file.
  package let source: String
  /// The line on which it begins, from 1.
  package let line: Int
  /// Its fields as a JSON object; those of JSON Lines as the file has them.
  package let document: String
  private let fields: JSON

  fileprivate init(index: Int, source: String, line: Int, document: String, fields: JSON) {
    (self.index, self.source, self.line) = (index, source, line)
    (self.document, self.fields) = (document, fields)
  }

  /// The names of the fields, in the order of the file.
  package var names: [String] {
    guard case .object(let object) = fields else { return [] }
    return object.members.map(\.key)
  }

  /// The text of a field.
  ///
  /// - Throws: `InputError` where there is no such field, or it is no text.
  package func text(of name: String, by option: String) throws(InputError) -> String {
    guard let value = fields[name] else {
      throw InputError(
        .invalid, file: source, subject: "line \(line)",
        expected: "a field \(name) (\(option))", found: names.joined(separator: ", "),
        remedy: "name one of the fields with \(option)")
    }
    guard case .string(let text) = value else {
      throw InputError(
        .invalid, file: source, subject: "line \(line), field \(name)", expected: "a text",
        found: value.summary, remedy: "correct the line")
    }
    return text
  }
}
