import SecantCheckpoints
import SecantReports
import SecantTemplates
import SecantTokenizers

/// Tokens that are counted together.
struct TokenSpans: Hashable, Sendable {
  /// One span: its name, and the positions of its tokens.
  struct Span: Hashable, Sendable {
    let name: String
    var positions: [Int]
  }

  /// By what: "word", "sentence", "line", "turn" or "spans".
  let by: String
  /// The spans, in the order of the prompt; every token is in one.
  let spans: [Span]

  /// The name of the tokens that are in no named span.
  static let otherText = "other text"
}

extension Model {
  /// The spans of a prompt up to a position.
  ///
  /// - Parameters:
  ///   - grouping: What is counted together.
  ///   - input: The prompt.
  ///   - position: The last position that counts.
  /// - Returns: The spans; nil for tokens.
  /// - Throws: Why the prompt has no such spans.
  func spans(
    _ grouping: ExplanationOptions.Grouping, of input: EncodedPrompt, upTo position: Int
  ) throws(InputError) -> TokenSpans? {
    let tokens = Array(input.tokens.prefix(position + 1))
    let texts = tokens.map { text(of: $0) }
    func isSpecial(_ place: Int) -> Bool { tokenizer?.isSpecial(tokens[place]) == true }
    // What is blank belongs to what it follows.
    func isBlank(_ place: Int) -> Bool { texts[place].allSatisfy(\.isWhitespace) }
    func endsSentence(before place: Int) -> Bool {
      guard let last = (0..<place).last(where: { !isBlank($0) }) else { return false }
      return texts[last + 1..<place].contains { $0.contains(where: \.isNewline) }
        || texts[last].endsSentence(before: texts[last + 1])
    }
    /// Runs of tokens, of which one begins wherever `isBegun` says so of a place after the first.
    func runs(_ by: String, _ isBegun: (Int) -> Bool) -> TokenSpans {
      var starts = tokens.isEmpty ? [] : [0]
      starts += tokens.indices.dropFirst().filter(isBegun)
      let ends = starts.dropFirst() + [tokens.count]
      return TokenSpans(
        by: by,
        spans: zip(starts, ends).map {
          .init(name: text(of: tokens[$0..<$1]), positions: Array($0..<$1))
        })
    }
    switch grouping {
    case .token: return nil
    case .word:
      return runs("word") {
        isSpecial($0) || isSpecial($0 - 1)
          || !isBlank($0)
            && (texts[$0].first?.isWhitespace == true || texts[$0 - 1].last?.isWhitespace == true)
      }
    case .sentence:
      return runs("sentence") {
        isSpecial($0) || isSpecial($0 - 1) || !isBlank($0) && endsSentence(before: $0)
      }
    case .line: return runs("line") { texts[$0 - 1].contains(where: \.isNewline) }
    case .turn:
      let marker = try turnMarker(of: input)
      let turns = runs("turn") { tokens[$0] == marker && tokens[..<$0].contains(marker) }
      return TokenSpans(
        by: turns.by,
        spans: turns.spans.map { span in
          let begin = span.positions.first { tokens[$0] == marker } ?? span.positions[0]
          let header = span.positions.filter { $0 > begin }
            .prefix { !isSpecial($0) && !texts[$0 - 1].contains(where: \.isNewline) }
          let name = header.map { texts[$0] }.joined().prefix { !$0.isNewline }
          return .init(name: name.isEmpty ? span.name : String(name), positions: span.positions)
        })
    case .spans(let named): return try spans(named, of: input, tokens: tokens)
    }
  }

  func text(of tokens: ArraySlice<Int>) -> String {
    guard let tokenizer else { return tokens.map { text(of: $0) }.joined() }
    return String(
      decoding: tokens.flatMap { (try? tokenizer.bytes(of: $0)) ?? Array(text(of: $0).utf8) },
      as: UTF8.self)
  }

  /// The special token that begins every turn of a conversation: that with which the model's own turn begins.
  private func turnMarker(of input: EncodedPrompt) throws(InputError) -> Int {
    guard let messages = input.messages, let tokenizer, let template = try chatTemplate(),
      let text = input.chat?.text
    else {
      throw InputError(
        .invalid, subject: "shares by turn", expected: "a conversation",
        found: "a text or token ids",
        remedy: "give the prompt with --chat, or take spans by word, sentence or line")
    }
    let before = (try? template.render(messages, addsGenerationPrompt: false)) ?? text
    let header = text.hasPrefix(before) ? String(text.dropFirst(before.count)) : ""
    let marker = try tokenizer.encode(header, addingSpecialTokens: false).tokens.first
    guard let marker, tokenizer.isSpecial(marker) else {
      throw InputError(
        .unsupported, file: template.source, subject: "shares by turn",
        expected: "a chat template that begins each turn with a special token",
        found: "one that does not", remedy: "name the turns as spans, by --spans")
    }
    return marker
  }

  // MARK: - Named spans

  private func spans(
    _ named: [ExplanationOptions.NamedSpan], of input: EncodedPrompt, tokens: [Int]
  ) throws(InputError) -> TokenSpans {
    guard let text = input.text, let tokenizer else {
      throw InputError(
        .invalid, subject: "spans", expected: "a prompt that is a text", found: "token ids",
        remedy: "give the prompt as a text")
    }
    // The tokens of the whole prompt spell its text, but for special tokens and what a tokenizer puts before it.
    let pieces = input.tokens.map { (try? tokenizer.bytes(of: $0)) ?? [] }
    let all = pieces.flatMap(\.self)
    let wanted = Array(text.utf8)
    guard let start = all.lastIndex(of: wanted) else {
      throw InputError(
        .unsupported, subject: "spans", expected: "tokens that spell the prompt's text",
        found: "that the tokenizer changes it", remedy: "take spans by word, sentence or line")
    }
    var places: [(name: String, range: Range<Int>)] = []
    for span in named {
      let range = try bytes(of: span, in: text)
      if let other = places.first(where: { $0.range.overlaps(range) }) {
        throw InputError(
          .invalid, subject: "span \"\(span.name)\"", expected: "spans that do not overlap",
          found: "that it overlaps \"\(other.name)\"", remedy: "a token counts once: part them")
      }
      places.append((span.name, start + range.lowerBound..<start + range.upperBound))
    }
    // A token belongs to the span of its first character that is no white space.
    var spans = places.map { TokenSpans.Span(name: $0.name, positions: []) }
    var others: [Int] = []
    var offset = 0
    for position in tokens.indices {
      let piece = pieces[position]
      let lead = piece.firstIndex { !Self.isWhiteSpace($0) } ?? 0
      let place = places.firstIndex { $0.range.contains(offset + lead) && !piece.isEmpty }
      if let place { spans[place].positions.append(position) } else { others.append(position) }
      offset += piece.count
    }
    if let empty = spans.first(where: \.positions.isEmpty) {
      throw InputError(
        .invalid, subject: "span \"\(empty.name)\"",
        expected: "at least one token that begins in it, up to the analyzed position",
        found: "none", remedy: "widen it")
    }
    spans.sort { $0.positions[0] < $1.positions[0] }
    return TokenSpans(
      by: "spans",
      spans: spans
        + (others.isEmpty ? [] : [.init(name: TokenSpans.otherText, positions: others)]))
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }

  /// The bytes of a text that a span holds.
  private func bytes(
    of span: ExplanationOptions.NamedSpan, in text: String
  ) throws(InputError) -> Range<Int> {
    switch span.place {
    case .characters(let range):
      let scalars = Array(text.unicodeScalars)
      guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= scalars.count else {
        throw InputError(
          .invalid, subject: "span \"\(span.name)\"",
          expected: "a start below its end in 0...\(scalars.count), the prompt's characters",
          found: "\(range.lowerBound) and \(range.upperBound)",
          remedy: "count characters from 0; the end is the first that does not belong to it")
      }
      func length(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        scalars.reduce(0) { $0 + UTF8.width($1) }
      }
      let start = length(scalars[..<range.lowerBound])
      return start..<start + length(scalars[range])
    case .text(let part):
      let (whole, wanted) = (Array(text.utf8), Array(part.utf8))
      let places = whole.indices(of: wanted)
      guard places.count == 1 else {
        throw InputError(
          .invalid, subject: "span \"\(span.name)\"",
          expected: "one place of \"\(part)\" in the prompt",
          found: places.isEmpty ? "none" : "\(places.count)",
          remedy: places.isEmpty
            ? "copy the text from the prompt" : "give its start and end in characters")
      }
      return places[0]..<places[0] + wanted.count
    }
  }
}

extension UTF8 {
  /// The bytes of a scalar.
  fileprivate static func width(_ scalar: Unicode.Scalar) -> Int {
    UTF8.encode(scalar)?.count ?? 0
  }
}

extension [UInt8] {
  /// Where a list of bytes, at least one, stands in this one.
  fileprivate func indices(of part: [UInt8]) -> [Int] {
    guard !part.isEmpty, part.count <= count else { return [] }
    return (0...count - part.count).filter {
      self[$0] == part[0] && self[$0..<$0 + part.count].elementsEqual(part)
    }
  }

  /// The last place at which a list of bytes stands in this one.
  fileprivate func lastIndex(of part: [UInt8]) -> Int? { indices(of: part).last }
}

extension String {
  /// Whether a token's text ends a sentence, given that of the next token.
  fileprivate func endsSentence(before next: String) -> Bool {
    if contains(where: \.isNewline) { return true }
    var text = Substring(self)
    let isSpaced = text.last?.isWhitespace == true || next.first?.isWhitespace == true
    while let last = text.last, last.isWhitespace || "\"'”’)]»".contains(last) { text.removeLast() }
    guard let last = text.last else { return false }
    return ".!?…".contains(last) && isSpaced || "。！？".contains(last)
  }
}
