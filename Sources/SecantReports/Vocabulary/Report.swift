public import Foundation

/// The name and version of a report's JSON form.
public struct ReportSchema: Codable, Hashable, Sendable {
  /// The kind of report, such as "secant.explanation".
  public let name: String
  /// Grows when a field is removed or changes its meaning; fields may be added without that.
  public let version: Int

  /// Names one schema.
  public init(name: String, version: Int) {
    self.name = name
    self.version = version
  }
}

/// A result: written by an analysis, read by renderers and scripts.
///
/// Its JSON form is one object: the report's own fields beside `schema`. Keys are sorted, numbers
/// keep every bit (the shortest decimal that reads back as the same `Double`), and the numbers that
/// JSON lacks are the strings "NaN", "Infinity" and "-Infinity", as Python's `float` and
/// JavaScript's `Number` read them. Equal reports give equal bytes.
public protocol Report: Codable, Hashable, Sendable {
  /// The schema that this version of Secant writes, and the newest that it reads.
  static var schema: ReportSchema { get }
}

extension Report {
  /// The report as UTF-8 JSON that ends in a line feed.
  ///
  /// - Parameter isIndented: Whether to break lines for people; scripts read both forms.
  /// - Returns: The same bytes for equal reports.
  /// - Throws: `ReportError.unencodable`, which no report of this module causes.
  public func jsonData(isIndented: Bool = true) throws(ReportError) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      return try encoder.encode(ReportDocument(report: self)) + Data("\n".utf8)
    } catch {
      throw .unencodable(schema: Self.schema.name, reason: String(describing: error))
    }
  }

  /// Reads a report that `jsonData` wrote, by this or an earlier version of Secant.
  ///
  /// - Parameter jsonData: UTF-8 JSON; indentation does not matter.
  /// - Throws: `ReportError` if the schema differs, the version is newer, or this is not a report.
  public init(jsonData: Data) throws(ReportError) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do {
      self = try decoder.decode(ReportDocument<Self>.self, from: jsonData).report
    } catch let error as ReportError {
      throw error
    } catch {
      throw .malformed(schema: Self.schema.name, reason: String(describing: error))
    }
  }
}

/// A report and its schema side by side in one JSON object.
private struct ReportDocument<Content: Report>: Codable {
  enum CodingKeys: String, CodingKey { case schema }

  let report: Content

  init(report: Content) { self.report = report }

  init(from decoder: any Decoder) throws {
    let found = try decoder.container(keyedBy: CodingKeys.self)
      .decode(ReportSchema.self, forKey: .schema)
    let known = Content.schema
    guard found.name == known.name else {
      throw ReportError.otherSchema(expected: known.name, found: found.name)
    }
    // Checked before any other field is read: a newer schema may lack or change all of them.
    guard found.version <= known.version else {
      throw ReportError.newerVersion(
        schema: known.name, newestKnown: known.version, found: found.version)
    }
    report = try Content(from: decoder)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Content.schema, forKey: .schema)
    try report.encode(to: encoder)
  }
}
