public import SecantCheckpoints

/// A checkpoint's tokenizer: turns text into a model's tokens and back.
///
///     let tokenizer = try Tokenizer(folder: checkpointFolder)
///     let prompt = try tokenizer.encode("The bridge out of Marin is the")
///     try tokenizer.decode(prompt.tokens)
///
/// Every step that a file names is followed to the letter or refused: byte pairs over bytes (Llama 3,
/// Qwen, OLMo 2, Phi-4, GPT-2) and over characters with bytes for the rest (Llama 2, Gemma, Mistral,
/// Phi-3), and Unigram models. ``init(folder:)`` lists the files. A value: it may be shared between tasks.
public struct Tokenizer: Sendable {
  /// The bytes of the tokens, by id.
  let pieces: Vocabulary
  /// The bytes of a token at the beginning of a text, if they differ.
  let firstPieces: Vocabulary?
  /// The kind of each token.
  let kinds: [TokenKind]
  let decoder: TokenDecoder
  let template: SpecialTokenTemplate

  let rawAddedTokens: AddedTokenFinder
  let normalizer: Normalizer
  let normalizedAddedTokens: AddedTokenFinder
  let preTokenizer: PreTokenizer
  let model: TokenModel
  /// The most bytes of a text that become one token; nil if there is no bound.
  let mostBytesOfToken: Int?
  /// Notes on the files that a user may not expect, one line each.
  public let notes: [String]

  /// The token that begins a text, if the tokenizer has one.
  ///
  /// It is `bos_token` of tokenizer_config.json; without such a file, the token that tokenizer.json
  /// puts first. A model may have one and yet not use it: ``encode(_:addingSpecialTokens:)`` tells.
  public let beginningOfText: Int?

  /// The token that ends a text, if tokenizer_config.json names one as `eos_token`.
  public let endOfText: Int?

  /// One more than the largest id of a token.
  ///
  /// The model's vocabulary may be larger: it is often padded to a round number.
  public var vocabularyCount: Int { pieces.count }

  /// The longest text that is encoded at once, in bytes.
  public static let maximumTextBytes = 1 << 30

  /// Encodes a text.
  ///
  /// Special tokens in the text, such as `<|endoftext|>`, are encoded as such. The cost is
  /// O(n log n) in the length of the text.
  ///
  /// - Parameters:
  ///   - text: Any text; it may be empty.
  ///   - addingSpecialTokens: Whether to begin and end it as the tokenizer's configuration says: in
  ///     most families with ``beginningOfText`` or not at all.
  /// - Returns: The text and its tokens.
  /// - Throws: `InputError` if the vocabulary has no token for a part, or the text is too long.
  public func encode(
    _ text: String, addingSpecialTokens: Bool = true
  ) throws(InputError) -> Prompt {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.maximumTextBytes else {
      throw InputError(
        .invalid, subject: "the text", expected: "at most \(Self.maximumTextBytes) bytes",
        found: "\(bytes.count)", remedy: "encode it in parts")
    }
    var tokens = addingSpecialTokens ? template.prefix : []
    var words = WordEncoder(model)
    for part in rawAddedTokens.parts(of: bytes) {
      switch part {
      case .token(let id): tokens.append(id)
      case .text(let range):
        try encode(
          Array(bytes[range]), isStart: range.lowerBound == 0, with: &words, into: &tokens)
      }
    }
    if addingSpecialTokens { tokens += template.suffix }
    return Prompt(text: text, tokens: tokens)
  }

  private func encode(
    _ text: [UInt8], isStart: Bool, with encoder: inout WordEncoder, into tokens: inout [Int]
  ) throws(InputError) {
    let normalized = try normalizer.normalize(text)
    for part in normalizedAddedTokens.parts(of: normalized) {
      switch part {
      case .token(let id): tokens.append(id)
      case .text(let range):
        let words = try preTokenizer.words(
          in: Array(normalized[range]), isStart: isStart && range.lowerBound == 0)
        let bytes = words.bytes.span
        for word in words.ranges { try encoder.encode(bytes.extracting(word), into: &tokens) }
      }
    }
  }

  /// The prompt of given tokens: exactly these, nothing added.
  ///
  /// - Throws: `InputError` if this tokenizer has no such id.
  public func prompt(tokens: [Int]) throws(InputError) -> Prompt {
    Prompt(text: try decode(tokens), tokens: tokens)
  }

  /// The text of tokens.
  ///
  /// U+FFFD replaces bytes that are not UTF-8. Nothing is cleaned up:
  /// the spaces are those of the tokens.
  ///
  /// - Parameters:
  ///   - tokens: Ids, from 0.
  ///   - skippingSpecialTokens: Whether to leave out tokens such as ``beginningOfText``.
  /// - Returns: The same text as the parts of a ``TextStream`` together.
  /// - Throws: `InputError` if this tokenizer has no such id.
  public func decode(
    _ tokens: [Int], skippingSpecialTokens: Bool = false
  ) throws(InputError) -> String {
    var stream = TextStream(self, skippingSpecialTokens: skippingSpecialTokens)
    var text = ""
    for token in tokens { text += try stream.append(token) }
    return text + stream.finish()
  }

  /// The bytes of a token within a text; they need not be UTF-8 on their own.
  ///
  /// - Throws: `InputError` if this tokenizer has no such id.
  public func bytes(of token: Int) throws(InputError) -> [UInt8] {
    Array(pieces[try validated(token)])
  }

  /// The token with these bytes within a text; nil if there is none.
  ///
  /// If several match, such as the letter and the byte `A`, the one with the lowest id.
  public func token(of bytes: [UInt8]) -> Int? { pieces.id(of: bytes.span).map(Int.init) }

  /// Whether a token has no text, such as ``beginningOfText``; false for ids of no token.
  public func isSpecial(_ token: Int) -> Bool {
    kinds.indices.contains(token) && kinds[token].contains(.special)
  }

  /// Whether an id is that of a token.
  public func contains(_ token: Int) -> Bool {
    kinds.indices.contains(token) && kinds[token].contains(.defined)
  }

  func validated(_ token: Int) throws(InputError) -> Int {
    guard contains(token) else {
      throw InputError(
        .invalid, subject: "token \(token)", expected: "the id of a token, below \(pieces.count)",
        found: "none", remedy: "use ids of this tokenizer")
    }
    return token
  }
}

/// A token's kind, apart from its bytes.
struct TokenKind: OptionSet, Sendable {
  let rawValue: UInt8

  /// The id has a token.
  static let defined = TokenKind(rawValue: 1)
  /// A control token, without text.
  static let special = TokenKind(rawValue: 2)
  /// It is one byte of a scalar that the vocabulary lacks.
  static let byte = TokenKind(rawValue: 4)
}
