import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

/// An answer whose tokens have been found.
struct TracedAnswer: Hashable, Sendable {
  /// Its token ids, at least one.
  let tokens: [Int]
  /// "continuation", or "given".
  var origin = "given"
  /// Whether the model ended it.
  var isEnded = false
  /// How the text was read, if the user may have meant another reading: one sentence each.
  var notes: [String] = []
}

extension Model {
  /// The tokens of an answer to a prompt.
  ///
  /// A continuation costs a forward pass and one row for each token. A text that may lack a space costs one forward
  /// pass.
  ///
  /// - Parameters:
  ///   - answer: What the user asked for.
  ///   - input: The prompt.
  ///   - observer: Told how many tokens of a continuation there are.
  /// - Returns: The tokens.
  /// - Throws: That there is none, that it cannot be split where the prompt ends, or that the context is exceeded.
  func traced(
    _ answer: TraceOptions.Answer, after input: EncodedPrompt,
    observer: (Int) -> Void = { _ in }
  ) throws(InputError) -> TracedAnswer {
    let result: TracedAnswer
    switch answer {
    case .continuation(let count):
      result = try continuation(count, after: input, observer: observer)
    case .tokens(let tokens): result = TracedAnswer(tokens: tokens)
    case .exactly(let text): result = try TracedAnswer(tokens: tokens(of: text, after: input))
    case .text(let text): result = try spelled(text, after: input)
    }
    guard !result.tokens.isEmpty else {
      throw InputError(
        .invalid, subject: "the answer", expected: "at least one token", found: "none",
        remedy: "give an answer that is not empty")
    }
    try requireRoom(for: result.tokens.count, after: input)
    try decoder.validate(result.tokens)
    return result
  }

  private func continuation(
    _ count: Int, after input: EncodedPrompt, observer: (Int) -> Void
  ) throws(InputError) -> TracedAnswer {
    guard count >= 1 else {
      throw InputError(
        .invalid, subject: "the number of answer tokens", expected: "at least 1",
        found: "\(count)", remedy: "ask for one token or more")
    }
    try requireRoom(for: count, after: input)
    var made = 0
    let tokens = try decoder.generate(
      after: input.tokens, count: count, endOfText: endTokens()
    ) { _ in
      made += 1
      observer(made)
      return true
    }
    guard !tokens.isEmpty else {
      throw InputError(
        .invalid, subject: "the model's answer", expected: "at least one token",
        found: "that the model ends at once",
        remedy: "give an answer as a text, or a prompt that asks for one")
    }
    return TracedAnswer(
      tokens: tokens, origin: "continuation", isEnded: tokens.count < count)
  }

  /// Refuses an answer that does not fit into the context; its last token is predicted, and never read.
  func requireRoom(for count: Int, after input: EncodedPrompt) throws(InputError) {
    let context = decoder.configuration.contextLength
    let room = context - input.tokens.count + 1
    guard count > room else { return }
    throw InputError(
      .invalid, subject: "the answer",
      expected: "at most \(room) tokens after a prompt of \(input.tokens.count), as the context is "
        + "\(context)",
      found: "\(count)", remedy: "ask for fewer tokens, or shorten the prompt")
  }

  /// A text with or without a space before it: where neither side of the seam has white space, the likelier.
  private func spelled(
    _ text: String, after input: EncodedPrompt
  ) throws(InputError) -> TracedAnswer {
    let before = input.chat?.text ?? input.text ?? ""
    let isOpen = before.last?.isWhitespace == false && text.first?.isWhitespace == false
    let spaced = isOpen ? try? tokens(of: " " + text, after: input) : nil
    let plain: [Int]
    do throws(InputError) {
      plain = try tokens(of: text, after: input)
    } catch {
      guard let spaced else { throw error }
      return TracedAnswer(
        tokens: spaced,
        notes: [
          "The answer is read as \" \(text)\": the tokenizer cannot spell it without a space where the prompt ends."
        ])
    }
    guard let spaced, let a = plain.first, let b = spaced.first, a != b else {
      return TracedAnswer(tokens: plain)
    }
    var cache = KeyValueCache<S>(decoder.configuration)
    let output = try decoder.forward(input.tokens, cache: &cache)
    let last = output.rows(output.rows - 1..<output.rows)
    let logits = decoder.unembedding.products(last).elements
    guard logits.indices.contains(a), logits.indices.contains(b) else {
      return TracedAnswer(tokens: plain)
    }
    let takesSpace = logits[b] > logits[a]
    let (chosen, other) = takesSpace ? (" " + text, text) : (text, " " + text)
    return TracedAnswer(
      tokens: takesSpace ? spaced : plain,
      notes: [
        "The answer is read as \"\(chosen)\", which the model finds likelier to begin so than \"\(other)\"; between "
          + "quotes, as '\"\(other)\"', a text is taken exactly."
      ])
  }

  /// The tokens of exactly a text, as they follow the prompt's.
  func tokens(
    of text: String, after input: EncodedPrompt
  ) throws(InputError) -> [Int] {
    guard let tokenizer else {
      throw InputError(
        .missing, file: name, subject: "tokenizer.json", expected: "the model's tokenizer",
        found: "no such file", remedy: "give the answer by its token ids")
    }
    // Together with the prompt, as the model would have met it; a tokenizer may join both where they meet.
    let whole = (input.chat?.text ?? input.text).map { $0 + text }
    if let whole {
      let joined = try tokenizer.encode(whole, addingSpecialTokens: input.chat == nil).tokens
      if joined.count > input.tokens.count, joined.starts(with: input.tokens) {
        return Array(joined.dropFirst(input.tokens.count))
      }
    }
    let alone = try tokenizer.encode(text, addingSpecialTokens: false).tokens
    let bytes = alone.flatMap { (try? tokenizer.bytes(of: $0)) ?? [] }
    guard bytes == Array(text.utf8) else {
      throw InputError(
        .unsupported, subject: "the answer", expected: "tokens that spell it where the prompt ends",
        found: "that the tokenizer changes it", remedy: "give the answer by its token ids")
    }
    return alone
  }

  /// The tokens of another answer, as many as the first has.
  ///
  /// - Parameters:
  ///   - other: What the user asked for.
  ///   - answer: The answer that is traced.
  ///   - input: The prompt.
  /// - Returns: The ids, one for each token of the answer.
  /// - Throws: That it has another number of tokens, or is the same.
  func alternative(
    _ other: TraceOptions.Answer, to answer: TracedAnswer, after input: EncodedPrompt
  ) throws(InputError) -> [Int] {
    let count = answer.tokens.count
    var candidates: [[Int]]
    switch other {
    case .continuation, .tokens, .exactly:
      candidates = [try traced(other, after: input).tokens]
    case .text(let text):
      // With a space first where the answer has one.
      let isSpaced = self.text(of: answer.tokens[0]).first?.isWhitespace == true
      let spellings = isSpaced ? [" " + text, text] : [text, " " + text]
      candidates = spellings.compactMap { try? tokens(of: $0, after: input) }
      if candidates.isEmpty { candidates = [try tokens(of: text, after: input)] }
    }
    guard let tokens = candidates.first(where: { $0.count == count }) else {
      throw InputError(
        .invalid, subject: "the other answer",
        expected: "\(count) token\(count == 1 ? "" : "s"), as the answer has: "
          + list(answer.tokens),
        found: "\(candidates[0].count): \(list(candidates[0]))",
        remedy: "give another answer of that length, or shorten this one")
    }
    if let wrong = tokens.first(where: { !(0..<decoder.configuration.vocabularySize).contains($0) })
    {
      throw InputError(
        .invalid, subject: "token id \(wrong) of the other answer",
        expected: "an id in 0..<\(decoder.configuration.vocabularySize)", found: "\(wrong)",
        remedy: "use the tokenizer that belongs to this model")
    }
    guard tokens != answer.tokens else {
      throw InputError(
        .invalid, subject: "the other answer", expected: "another than the one that is traced",
        found: "the same tokens", remedy: "give an answer that differs from it")
    }
    return tokens
  }
}
