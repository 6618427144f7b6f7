package import Foundation
package import SecantAnalysis
package import SecantCheckpoints
package import SecantOperators
import SecantReports

/// A model and the questions that are put to every item.
///
/// The result for an item depends on nothing but the item, the model and the options: not on other items.
package struct ItemAnalysis<S: Scalar>: Sendable {
  private let model: Model<S>
  private let options: ScanOptions
  private let room: MemoryRoom

  /// Questions to a model.
  package init(_ model: Model<S>, _ options: ScanOptions) {
    (self.model, self.options) = (model, options)
    room = MemoryRoom(options.explanation(.prediction).memory)
  }

  /// What a journal holds of an item.
  package struct Result: Sendable {
    /// The document as JSON.
    package let document: Data
    /// The singular vectors in binary16, two bytes each: for each decomposed token, in the order of the report,
    /// u_1 … u_rank and then v_1 … v_rank.
    package let vectors: [UInt8]
    /// Why there is no answer; nil where there is one.
    package let failure: String?
  }

  /// Answers the questions about an item; an item that cannot be answered is a result, too.
  ///
  /// It waits where items that other threads work on leave too little memory.
  package func result(for raw: DataReader.Raw) -> Result {
    var document = ItemDocument(source: raw.source, line: raw.line)
    var vectors: [UInt8] = []
    do throws(InputError) {
      let item = try raw.item()
      document.fields = item.document
      try answer(item, &document, &vectors)
    } catch {
      document.explanation = nil
      document.layers = nil
      document.ledger = nil
      vectors = []
      document.error = error.description
    }
    return Result(document: document.jsonData(), vectors: vectors, failure: document.error)
  }

  /// Makes sure that an item has the fields that options name.
  ///
  /// - Throws: `InputError` that names the fields that it has.
  package func requireFields(of item: DataItem) throws(InputError) {
    _ = try prompts(of: item)
    _ = try target(of: item)
  }

  private func prompts(of item: DataItem) throws(InputError) -> (text: String, other: String?) {
    let text = try item.text(of: options.field, by: "--field")
    guard options.questions.contains(.ledger), let field = options.pairField else {
      return (text, nil)
    }
    return (text, try item.text(of: field, by: "--pair-field"))
  }

  private func target(of item: DataItem) throws(InputError) -> ExplanationOptions.Target {
    guard let field = options.targetField else { return .prediction }
    return .init(try item.text(of: field, by: "--target-field"))
  }

  private func answer(
    _ item: DataItem, _ document: inout ItemDocument, _ vectors: inout [UInt8]
  ) throws(InputError) {
    let (text, other) = try prompts(of: item)
    document.text = text
    document.other = other
    let target = try target(of: item)
    let need = try model.corpusBytes(
      [text, other].compactMap(\.self).map { .text($0) }, options.explanation(target),
      layers: options.asksLayers ? options.layers(target) : nil)
    try room.withRoom(for: need) { () throws(InputError) in
      try answer(text, other, target, &document, &vectors)
    }
  }

  private func answer(
    _ text: String, _ other: String?, _ target: ExplanationOptions.Target,
    _ document: inout ItemDocument, _ vectors: inout [UInt8]
  ) throws(InputError) {
    let questions = options.questions
    if questions.contains(.explain) || questions.contains(.spectra) {
      let found = try model.corpusExplanation(.text(text), options.explanation(target))
      document.explanation = ItemDocument.Explanation(
        prompt: found.answer.prompt, prediction: found.answer.prediction,
        target: found.answer.target, shares: found.answer.shares, jacobians: found.maps)
      for token in found.directions {
        for matrix in [token.left, token.right] {
          for element in matrix.elements { vectors.append(binary16(Float(element))) }
        }
      }
    }
    if options.asksLayers {
      document.layers = try model.layers(.text(text), options.layers(target))
    }
    if let other {
      document.ledger = try model.difference(
        .text(text), from: .text(other), options.explanation(target))
    }
  }
}

/// The bits of the nearest IEEE 754 binary16 number, ties to even; numbers beyond its range become infinite.
///
/// In whole numbers, because a build for every processor may use neither the instruction nor `Float16`.
package func binary16(_ value: Float) -> UInt16 {
  let bits = value.bitPattern
  let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
  let magnitude = bits & 0x7fff_ffff
  if magnitude > 0x7f80_0000 { return sign | 0x7e00 }
  if magnitude >= 0x477f_f000 { return sign | 0x7c00 }
  // Below 2^-14 the distance between numbers is fixed: 2^-24.
  let shift = magnitude < 0x3880_0000 ? min(25, 126 - (magnitude >> 23)) : 13
  let significand =
    shift == 13
    ? magnitude - 0x3800_0000 : magnitude & 0x7f_ffff | (magnitude < 0x80_0000 ? 0 : 0x80_0000)
  let half = UInt32(1) << (shift - 1)
  let rest = significand & ((half << 1) - 1)
  var result = significand >> shift
  if rest > half || rest == half && result & 1 == 1 { result += 1 }
  return sign | UInt16(truncatingIfNeeded: result)
}
