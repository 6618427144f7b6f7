/// A report whose numbers can leave it as a table and as arrays, for a notebook.
public protocol TabularReport: Report {
  /// The numbers, one fact a row.
  var numbers: NumberTable { get }
  /// The numbers as arrays; a value that does not exist is NaN.
  var arrays: [NumberArray] { get }
}

/// A table of numbers and their labels.
public struct NumberTable: Hashable, Sendable {
  /// One cell of a table.
  public enum Cell: Hashable, Sendable {
    /// A word.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
  }

  /// The names of the columns.
  public let columns: [String]
  /// The rows, each with as many cells as there are columns.
  public let rows: [[Cell]]

  /// A table of rows that fit its columns.
  public init(columns: [String], rows: [[Cell]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "rows of other lengths")
    self.columns = columns
    self.rows = rows
  }

  /// The table as RFC 4180 has it, with lines that end in CR LF; numbers keep every bit.
  ///
  /// A text that spreadsheets would take for a formula, because it begins with `=`, `+`, `-`, `@`, a tab or a line
  /// break (after any apostrophes), has one apostrophe more before it.
  public var commaSeparated: String {
    ([columns.map(Cell.text)] + rows).map { row in
      row.map(\.commaSeparated).joined(separator: ",") + "\r\n"
    }.joined()
  }
}

extension NumberTable.Cell {
  fileprivate var commaSeparated: String {
    switch self {
    case .integer(let value): return "\(value)"
    case .number(let value):
      if value.isNaN { return "NaN" }
      return value.isFinite ? "\(value)" : value < 0 ? "-Infinity" : "Infinity"
    case .text(let text): return Self.quoted(Self.asText(text))
    }
  }

  /// A text that spreadsheets keep: an apostrophe precedes a text that they would compute.
  ///
  /// If apostrophes precede such a text already, one more is added. Removing one restores the text.
  private static func asText(_ text: String) -> String {
    let first = text.unicodeScalars.first { $0 != "'" }
    let signs = "=+-@\t\r\n\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".unicodeScalars
    return first.map(signs.contains) == true ? "'" + text : text
  }

  private static func quoted(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { "\",\r\n\t".unicodeScalars.contains($0) }) else {
      return text
    }
    // By scalars: a quotation mark and a combining mark after it are one character.
    return text.unicodeScalars.reduce(into: "\"") { quoted, scalar in
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    } + "\""
  }
}

/// An array of numbers with a name, row-major.
public struct NumberArray: Hashable, Sendable {
  /// The name.
  public let name: String
  /// The extent of each dimension, slowest first.
  public let shape: [Int]
  /// The numbers, as many as the shape says.
  public let values: [Double]

  /// Names an array.
  public init(name: String, shape: [Int], values: [Double]) {
    precondition(values.count == shape.reduce(1, *), "values do not fill the shape")
    self.name = name
    self.shape = shape
    self.values = values
  }

  /// A list of numbers.
  init(_ name: String, _ values: [Double]) {
    self.init(name: name, shape: [values.count], values: values)
  }

  /// Rows as a rectangle: as wide as the longest, or as is said, and NaN where a row is shorter.
  init(_ name: String, rows: [[Double]], width: Int? = nil) {
    let width = width ?? rows.map(\.count).max() ?? 0
    self.init(
      name: name, shape: [rows.count, width],
      values: rows.flatMap { row in
        row.prefix(width) + [Double](repeating: .nan, count: max(0, width - row.count))
      })
  }
}
