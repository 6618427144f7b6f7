public import SecantCheckpoints

/// The text of tokens that arrive one by one.
///
///     var stream = TextStream(tokenizer)
///     for token in tokens { print(try stream.append(token), terminator: "") }
///     print(stream.finish())
///
/// A token may end within a character. What is returned is always whole, and adds up to
/// ``Tokenizer/decode(_:skippingSpecialTokens:)``.
public struct TextStream: Sendable {
  private let tokenizer: Tokenizer
  private let skipsSpecialTokens: Bool
  private var isFirst = true
  /// Bytes whose text is not certain yet.
  private var pending: [UInt8] = []
  /// How many leading scalars the decoder may still remove from the text.
  private var remainingStrips: Int

  /// A stream that has met no token yet.
  ///
  /// - Parameters:
  ///   - tokenizer: Whose tokens will arrive.
  ///   - skippingSpecialTokens: Whether to leave out tokens such as the beginning of a text.
  public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = false) {
    self.tokenizer = tokenizer
    skipsSpecialTokens = skippingSpecialTokens
    remainingStrips = tokenizer.decoder.strippedCount
  }

  /// Takes one token and returns the text that it completes, which may be empty.
  ///
  /// - Throws: `InputError` if the tokenizer has no such id; the stream is then unchanged.
  public mutating func append(_ token: Int) throws(InputError) -> String {
    let id = try tokenizer.validated(token)
    let kind = tokenizer.kinds[id]
    if skipsSpecialTokens, kind.contains(.special) { return "" }
    let pieces = isFirst ? tokenizer.firstPieces ?? tokenizer.pieces : tokenizer.pieces
    isFirst = false
    if tokenizer.decoder.isByteLevel {
      pending += pieces[id]
      return strip(takeCompleteScalars())
    }
    if kind.contains(.byte) {
      pending += pieces[id]
      return ""
    }
    return strip(takeByteTokens() + String(decoding: pieces[id], as: UTF8.self))
  }

  /// Returns the incomplete rest, and resets the stream.
  public mutating func finish() -> String {
    let text: String
    if tokenizer.decoder.isByteLevel {
      text = String(decoding: pending, as: UTF8.self)
    } else {
      text = takeByteTokens()
    }
    let stripped = strip(text)
    self = TextStream(tokenizer, skippingSpecialTokens: skipsSpecialTokens)
    return stripped
  }

  /// The text without an incomplete scalar at its end, of at most three bytes.
  private mutating func takeCompleteScalars() -> String {
    let end = pending.count - Self.incompleteTail(of: pending)
    let text = String(decoding: pending[..<end], as: UTF8.self)
    pending.removeFirst(end)
    return text
  }

  /// A run of byte tokens is text as a whole or, as in the reference, one U+FFFD a byte.
  private mutating func takeByteTokens() -> String {
    defer { pending.removeAll() }
    return String(validating: pending, as: UTF8.self)
      ?? String(repeating: "\u{fffd}", count: pending.count)
  }

  private mutating func strip(_ text: String) -> String {
    guard remainingStrips > 0 else { return text }
    var scalars = Substring(text).unicodeScalars
    while remainingStrips > 0, let first = scalars.first {
      guard first == tokenizer.decoder.stripped else {
        remainingStrips = 0
        break
      }
      scalars.removeFirst()
      remainingStrips -= 1
    }
    return String(scalars)
  }

  /// How many bytes at the end may yet become a scalar with those that follow.
  static func incompleteTail(of bytes: [UInt8]) -> Int {
    for count in 1...3 where count <= bytes.count {
      let lead = bytes[bytes.count - count]
      if lead & 0xc0 == 0x80 { continue }
      guard (0xc2...0xf4).contains(lead), count < UTF8Scalar.length(atLead: lead) else { return 0 }
      // The second byte's range depends on the first: E0 80, ED A0, F0 80 and F4 90 begin nothing.
      if count > 1 {
        let second = bytes[bytes.count - count + 1]
        let range: ClosedRange<UInt8> =
          switch lead {
          case 0xe0: 0xa0...0xbf
          case 0xed: 0x80...0x9f
          case 0xf0: 0x90...0xbf
          case 0xf4: 0x80...0x8f
          default: 0x80...0xbf
          }
        guard range.contains(second) else { return 0 }
      }
      return count
    }
    return 0
  }
}
