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

  /// Changes nothing.
  init() { steps = [] }

  /// Brings a text into a normal form.
  init(form: NormalizationForm) { steps = [.form(form)] }

  /// Puts a text in front, unless it is empty, and writes spaces in another way.
  init(prepending prefix: [UInt8], replacingSpacesBy content: [UInt8]) {
    steps = (prefix.isEmpty ? [] : [.prepend(prefix)]) + [.replace(.text([0x20]), with: content)]
  }

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
    let string = String(decoding: Self.expandingTibetanVowels(text), as: UTF8.self)
    let normalized =
      switch self {
      case .NFC: string.precomposedStringWithCanonicalMapping
      case .NFD: string.decomposedStringWithCanonicalMapping
      case .NFKC: string.precomposedStringWithCompatibilityMapping
      case .NFKD: string.decomposedStringWithCompatibilityMapping
      }
    return Array(normalized.utf8)
  }

  /// Decomposes U+0F73, U+0F75 and U+0F81, which are starters and yet decompose to none.
  ///
  /// Every form decomposes them, but Foundation then leaves their marks where they stand, after marks
  /// of higher combining classes.
  private static func expandingTibetanVowels(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    for index in text.indices.dropLast(2) where text[index] == 0xe0 {
      let expansion: String
      switch (text[index + 1], text[index + 2]) {
      case (0xbd, 0xb3): expansion = "\u{f71}\u{f72}"
      case (0xbd, 0xb5): expansion = "\u{f71}\u{f74}"
      case (0xbe, 0x81): expansion = "\u{f71}\u{f80}"
      default: continue
      }
      result += text[copied..<index]
      result += expansion.utf8
      copied = index + 3
    }
    return copied == 0 ? text : result + text[copied...]
  }
}
