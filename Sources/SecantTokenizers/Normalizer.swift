import Foundation
import SecantCheckpoints

/// What a tokenizer does to a text before it looks at it.
struct Normalizer: Sendable {
  private enum Step: Sendable {
    /// One of Unicode's normalization forms.
    case form(NormalizationForm)
    /// Puts a text in front, unless there is nothing to put it in front of.
    case prepend([UInt8])
    case replace(TextPattern, with: [UInt8])
  }

  private let steps: [Step]

  /// Reads the `normalizer` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    var steps: [Step] = []
    if field.present != nil {
      for part in try field.flattened(by: "normalizers") { steps.append(try Self.step(part)) }
    }
    self.steps = steps
  }

  private static func step(_ field: JSONField) throws(InputError) -> Step {
    switch try field["type"].string() {
    case "Prepend":
      try field.allowOnly("type", "prepend")
      return .prepend(Array(try field["prepend"].string().utf8))
    case "Replace":
      try field.allowOnly("type", "pattern", "content")
      let content = Array(try field["content"].string().utf8)
      return .replace(try TextPattern(field["pattern"]), with: content)
    case let name:
      guard let form = NormalizationForm(rawValue: name) else {
        throw field["type"].unsupported("Sequence, Prepend, Replace, NFC, NFD, NFKC or NFKD")
      }
      try field.allowOnly("type")
      return .form(form)
    }
  }

  /// The normalized text.
  ///
  /// - Throws: That an expression backtracks too much on this text, or that the steps inflate it.
  func normalize(_ text: [UInt8]) throws(InputError) -> [UInt8] {
    let limit = TextPattern.maximumBytes(from: text.count)
    var text = text
    for step in steps {
      switch step {
      case .form(let form):
        text = form.normalize(text)
      case .prepend(let prefix):
        if !text.isEmpty { text = prefix + text }
      case .replace(let pattern, let content):
        text = try pattern.replacing(in: text, with: content, maximumBytes: limit)
      }
      guard text.count <= limit else { throw TextPattern.inflation }
    }
    return text
  }
}

/// Unicode's normalization forms.
enum NormalizationForm: String, Sendable {
  case NFC, NFD, NFKC, NFKD

  func normalize(_ text: [UInt8]) -> [UInt8] {
    // ASCII is its own image under every form.
    guard text.contains(where: { $0 >= 0x80 }) else { return text }
    let string = Self.expandingTibetanVowels(String(decoding: text, as: UTF8.self))
    let normalized =
      switch self {
      case .NFC: string.precomposedStringWithCanonicalMapping
      case .NFD: string.decomposedStringWithCanonicalMapping
      case .NFKC: string.precomposedStringWithCompatibilityMapping
      case .NFKD: string.decomposedStringWithCompatibilityMapping
      }
    return Array(normalized.utf8)
  }

  /// Decomposes the three scalars that are starters and yet decompose to none.
  ///
  /// Every form decomposes them, but Foundation then leaves their marks where they stand, after marks
  /// of higher combining classes.
  private static func expandingTibetanVowels(_ string: String) -> String {
    let expansions: [Unicode.Scalar: [Unicode.Scalar]] = [
      "\u{f73}": ["\u{f71}", "\u{f72}"], "\u{f75}": ["\u{f71}", "\u{f74}"],
      "\u{f81}": ["\u{f71}", "\u{f80}"],
    ]
    guard string.unicodeScalars.contains(where: { (0xf73...0xf81).contains($0.value) }) else {
      return string
    }
    return String(
      String.UnicodeScalarView(string.unicodeScalars.flatMap { expansions[$0] ?? [$0] }))
  }
}
