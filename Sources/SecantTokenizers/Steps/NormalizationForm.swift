import Foundation

/// Unicode's normalization forms, as Hugging Face's `tokenizers` have them.
///
/// Its tables are those of Unicode 9: later scalars stay unchanged and in place.
enum NormalizationForm: String, Sendable {
  case NFC, NFD, NFKC, NFKD

  func normalize(_ text: [UInt8]) -> [UInt8] {
    // ASCII is its own image under every form.
    guard text.contains(where: { $0 >= 0x80 }) else { return text }
    var result: [UInt8] = []
    var start = 0
    var position = 0
    while position < text.count {
      let length = UTF8Scalar.length(atLead: text[position])
      defer { position += length }
      guard length > 1,
        let scalar = Unicode.Scalar(UTF8Scalar(text.span, at: position).value),
        scalar.isAssigned(since: Self.firstUnknownVersion)
      else { continue }
      result += map(Array(text[start..<position]))
      result += text[position..<position + length]
      start = position + length
    }
    return start == 0 ? map(text) : result + map(Array(text[start...]))
  }

  /// The first version of Unicode whose scalars no form changes or moves.
  private static let firstUnknownVersion = 10

  /// The form by the tables of the Swift runtime.
  private func map(_ text: [UInt8]) -> [UInt8] {
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
  /// Every form decomposes them, but Foundation then leaves their marks in place, after marks
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

extension Unicode.Scalar {
  /// Whether this version of Unicode or a later one assigned it.
  func isAssigned(since version: Int) -> Bool {
    // Most texts need no look into the tables: Unicode 9 had all of these.
    switch value {
    case ..<0x530, 0x3000..<0x312d, 0x3400..<0x4db6, 0x4e00..<0x9fd6, 0xac00..<0xd7a4: return false
    default: return (properties.age?.major ?? 0) >= version
    }
  }
}
