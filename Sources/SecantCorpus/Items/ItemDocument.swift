package import Foundation
package import SecantCheckpoints
package import SecantReports

/// What a scan found for one item, as journals hold it.
package struct ItemDocument: Codable, Sendable {
  /// The name of the item's file.
  package let source: String
  /// The line on which the item begins, from 1.
  package let line: Int
  /// The item's fields as a JSON object; nil where the line was not understood.
  package var fields: String?
  /// The prompt; nil where the item has none.
  package var text: String?
  /// The prompt that it was compared with.
  package var other: String?
  /// Why there is no result; nil where there is one.
  package var error: String?
  /// The answer to `explain` and `spectra`.
  package var explanation: Explanation?
  /// The answer to `layers`.
  package var layers: LayersReport?
  /// The answer to `ledger`.
  package var ledger: DifferenceLedger?

  package init(source: String, line: Int) { (self.source, self.line) = (source, line) }

  /// What `secant explain` reports under the same names.
  package struct Explanation: Codable, Sendable {
    /// The text and the tokens.
    package let prompt: ExplanationReport.Prompt
    /// The likeliest next tokens, best first.
    package let prediction: [ExplanationReport.Prediction]
    /// What is divided among the tokens.
    package let target: ExplanationReport.Target
    /// The tokens' shares.
    package let shares: ExplanationReport.Shares
    /// The decomposed maps.
    package let jacobians: [ExplanationReport.TokenJacobian]
  }

  /// The document as JSON, with the spelling of numbers that reports have.
  ///
  /// - Returns: The same bytes for equal documents.
  package func jsonData() -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do { return try encoder.encode(self) } catch {
      preconditionFailure("a document has only texts and numbers: \(error)")
    }
  }

  /// Reads a document.
  ///
  /// - Throws: `InputError` where it is none.
  package init(jsonData: Data) throws(InputError) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    do { self = try decoder.decode(ItemDocument.self, from: jsonData) } catch {
      throw InputError(
        .malformed, subject: "a record", expected: "the result of an item", found: "\(error)",
        remedy: "use the version of Secant that made the run")
    }
  }
}
