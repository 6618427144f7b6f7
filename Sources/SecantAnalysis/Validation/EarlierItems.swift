public import Foundation
public import SecantCheckpoints
public import SecantReports

extension ValidationReport {
  /// The largest report that is read, in bytes.
  private static let largest = 1 << 30

  /// A validation that was written as JSON.
  ///
  /// - Parameters:
  ///   - url: Where the file is.
  ///   - name: What errors call it.
  /// - Throws: That the file cannot be read, or is no validation.
  public init(contentsOf url: URL, name: String) throws(InputError) {
    let bytes = try MappedFile.contents(of: url, atMost: Self.largest)
    do {
      try self.init(jsonData: Data(bytes))
    } catch {
      throw InputError(
        .malformed, file: name, subject: "the file", expected: "a validation, as --json writes it",
        found: error.description, remedy: "give a file that secant validate --json wrote")
    }
  }
}

/// The items that an earlier validation of the same model and settings measured.
struct EarlierItems {
  /// What makes an item one.
  private struct Key: Hashable {
    let prompt: String
    let counterfactual: String
    let target: Int
    let over: Int
  }

  private let items: [Key: ValidationReport.Item]

  /// - Throws: That the report is of another model, or was made by other settings.
  init(
    _ report: ValidationReport, continuedBy options: ValidationOptions, _ model: ModelIdentity,
    precision: String
  ) throws(InputError) {
    let rules = options.rules.map(\.rawValue).joined(separator: ",")
    let compared = [
      ("model", model.fingerprint, report.provenance.model.fingerprint),
      ("precision", precision, report.provenance.precision),
      ("seed", String(options.seed), String(report.provenance.seed)),
      ("items", options.dataName, report.data),
      ("rules", rules, report.rules.map(\.name).joined(separator: ",")),
    ]
    if let other = compared.first(where: { $0.1 != $0.2 }) {
      throw InputError(
        .invalid, subject: "the validation that is continued",
        expected: "the same \(other.0), \(other.1)", found: other.2,
        remedy: "continue it with its own settings, or begin a new one")
    }
    items = Dictionary(
      report.items.map {
        (
          Key(
            prompt: $0.prompt, counterfactual: $0.counterfactual, target: $0.target.id,
            over: $0.over.id), $0
        )
      }
    ) { first, _ in first }
  }

  /// What was measured of an item; nil where it was not.
  func item(_ candidate: CandidateItem) -> ValidationReport.Item? {
    items[
      Key(
        prompt: candidate.item.prompt, counterfactual: candidate.item.counterfactual,
        target: candidate.answers.target, over: candidate.answers.over)]
  }
}
