import Foundation
import SecantCheckpoints

/// What a tokenizer does to a text before it looks at it.
enum Normalizer: Sendable {
  /// One of Unicode's normalization forms.
  case form(Form)
  /// Puts a text in front, unless there is nothing to put it in front of.
  case prepend([UInt8])
  case replace(TextPattern, with: [UInt8])
  /// One after the other; empty where the text stays as it is.
  case sequence([Normalizer])

  enum Form: String, Sendable { case NFC, NFD, NFKC, NFKD }

  /// Reads the `normalizer` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    guard field.present != nil else {
      self = .sequence([])
      return
    }
    switch try field["type"].string() {
    case "Sequence":
      try field.allowOnly("type", "normalizers")
      var parts: [Normalizer] = []
      for part in try field["normalizers"].array() { parts.append(try Normalizer(part)) }
      self = .sequence(parts)
    case "Prepend":
      try field.allowOnly("type", "prepend")
      self = .prepend(Array(try field["prepend"].string().utf8))
    case "Replace":
      try field.allowOnly("type", "pattern", "content")
      let content = Array(try field["content"].string().utf8)
      self = .replace(try TextPattern(field["pattern"]), with: content)
    case let name:
      guard let form = Form(rawValue: name) else {
        throw field["type"].unsupported("Sequence, Prepend, Replace, NFC, NFD, NFKC or NFKD")
      }
      try field.allowOnly("type")
      self = .form(form)
    }
  }

  /// The normalized text.
  func normalize(_ text: [UInt8]) throws(InputError) -> [UInt8] {
    switch self {
    case .form(let form):
      return form.normalize(text)
    case .prepend(let prefix):
      return text.isEmpty ? text : prefix + text
    case .replace(let pattern, let content):
      return try pattern.replacing(in: text, with: content)
    case .sequence(let parts):
      var text = text
      for part in parts { text = try part.normalize(text) }
      return text
    }
  }
}

extension Normalizer.Form {
  func normalize(_ text: [UInt8]) -> [UInt8] {
    // ASCII is its own image under every form.
    guard text.contains(where: { $0 >= 0x80 }) else { return text }
    let string = String(decoding: text, as: UTF8.self)
    let normalized =
      switch self {
      case .NFC: string.precomposedStringWithCanonicalMapping
      case .NFD: string.decomposedStringWithCanonicalMapping
      case .NFKC: string.precomposedStringWithCompatibilityMapping
      case .NFKD: string.decomposedStringWithCompatibilityMapping
      }
    return Array(normalized.utf8)
  }
}
