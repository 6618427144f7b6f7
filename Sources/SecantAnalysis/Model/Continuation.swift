public import SecantCheckpoints
public import SecantDecoders
import SecantOperators
public import SecantReports
import SecantTokenizers

extension Model {
  /// How the model goes on after a prompt.
  ///
  /// Ends at any token that the model's files name as the end of a text or a turn. One forward pass of the prompt, and
  /// one of a token for each that is appended; keys and values are cached.
  ///
  /// - Parameters:
  ///   - prompt: A text, a conversation or token ids.
  ///   - count: How many tokens to append at most, at least 1.
  ///   - sampling: How they are chosen.
  ///   - commandLine: The command's arguments, for the report; nil where the library was called.
  /// - Returns: The continuation, and all that it depends on.
  /// - Throws: What in the prompt cannot be satisfied, that the context has no room, or that numbers overflow.
  public func continuation(
    of prompt: PromptInput, count: Int, sampling: Sampling = .greedy, commandLine: [String]? = nil
  ) throws(InputError) -> GenerationReport {
    let input = try read(prompt)
    try checkRoom(for: count, after: input.tokens.count)
    let tokens = try decoder.generate(
      after: input.tokens, count: count, endOfText: endTokens(), sampling: sampling)
    return GenerationReport(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      promptText: input.text, promptTokens: named(input.tokens), sampling: .init(sampling),
      text: text(of: tokens, after: input.tokens), tokens: named(tokens),
      isEnded: tokens.count < count, commandLine: commandLine, chat: input.chat, notes: notes)
  }

  /// - Throws: That the last token would lie beyond the context.
  func checkRoom(for count: Int, after prompt: Int) throws(InputError) {
    // The last token is only reported: the model never reads it.
    let room = decoder.configuration.contextLength - prompt + 1
    guard count < 1 || count > room else { return }
    throw InputError(
      .invalid, subject: "the number of tokens to append",
      expected: "1 to \(room) after a prompt of \(prompt) tokens", found: "\(count)",
      remedy: "ask for another number or shorten the prompt")
  }

  /// The text of tokens that follow others; their ids where there is no tokenizer.
  func text(of tokens: [Int], after prompt: [Int]) -> String {
    let ids = tokens.map(String.init).joined(separator: " ")
    guard let tokenizer else { return ids }
    var stream = TextStream(tokenizer, skippingSpecialTokens: true)
    do {
      for token in prompt { _ = try stream.append(token) }
      var text = ""
      for token in tokens { text += try stream.append(token) }
      return text + stream.finish()
    } catch {
      // An id that the tokenizer does not know, as in the padding of a vocabulary.
      return ids
    }
  }
}

extension SteeringSetting.Sampling {
  /// How tokens are chosen, as reports say it; nil where each is the likeliest.
  init?(_ sampling: Sampling) {
    guard case .random(let temperature, let topK, let topP, let seed) = sampling else { return nil }
    self.init(temperature: temperature, topK: topK, topP: topP, seed: seed)
  }
}
