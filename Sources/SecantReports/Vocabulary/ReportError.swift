/// Why a report could not be read or written.
public enum ReportError: Error, Hashable, Sendable {
  /// The document is a report of another kind.
  case otherSchema(expected: String, found: String)
  /// A later version of Secant wrote the document.
  case newerVersion(schema: String, newestKnown: Int, found: Int)
  /// The document is not JSON, or lacks a field, or has one of the wrong type.
  case malformed(schema: String, reason: String)
  /// The report cannot be written as JSON.
  case unencodable(schema: String, reason: String)
}

extension ReportError: CustomStringConvertible {
  /// The one line that a user reads.
  public var description: String {
    switch self {
    case .otherSchema(let expected, let found):
      "report: expected schema \(expected), found \(found); give the command that reads \(found)"
    case .newerVersion(let schema, let newestKnown, let found):
      "report: expected schema \(schema) version \(newestKnown) or earlier, "
        + "found version \(found); update Secant to read it"
    case .malformed(let schema, let reason):
      "report: expected the fields of schema \(schema), found \(reason); write the report again"
    case .unencodable(let schema, let reason):
      "report: expected values that JSON can hold in schema \(schema), found \(reason); "
        + "this is a defect of Secant: please report it"
    }
  }
}
