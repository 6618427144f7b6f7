import SecantCheckpoints

/// The model that turns words into tokens.
enum TokenModel: Sendable {
  case bytePairs(BytePairEncoding)
  case unigram(Unigram)
}

/// Encodes words one after the other, with a cache.
struct WordEncoder {
  // Two optionals and no enumeration, so that an encoder is changed in place.
  private var bytePairs: BytePairEncoder?
  private var unigram: Unigram?
  private var path = BestPath()

  init(_ model: TokenModel) {
    switch model {
    case .bytePairs(let model): bytePairs = BytePairEncoder(model)
    case .unigram(let model): unigram = model
    }
  }

  /// Appends the tokens of one word, which is not empty.
  ///
  /// - Throws: `InputError` if the vocabulary has no token for a part of the word.
  mutating func encode(_ word: Span<UInt8>, into tokens: inout [Int]) throws(InputError) {
    try bytePairs?.encode(word, into: &tokens)
    try unigram?.encode(word, with: &path, into: &tokens)
  }
}

extension InputError {
  /// The error if a vocabulary has no token for a part of a word.
  static func noToken(for word: Span<UInt8>, _ range: Range<Int>) -> InputError {
    let bytes = range.map { String(word[$0], radix: 16, uppercase: true) }
    return InputError(
      .unsupported, subject: "the text", expected: "only what the tokenizer has tokens for",
      found: "the bytes \(bytes.joined(separator: " ")), for which it has none",
      remedy: "leave that character out")
  }
}
