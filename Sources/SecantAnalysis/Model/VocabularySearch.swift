public import SecantReports
public import SecantTokenizers

extension VocabularyReport {
  /// The tokens of a tokenizer that have a text in them.
  ///
  /// - Parameters:
  ///   - text: What to look for; ASCII letters match in either case.
  ///   - tokenizer: The model's tokenizer.
  ///   - model: The model's name.
  ///   - limit: The largest number of tokens that are listed.
  /// - Precondition: `limit` is not negative.
  public init(of text: String, in tokenizer: Tokenizer, model: String, limit: Int) {
    let found = tokenizer.tokens(containing: text)
    self.init(
      secantVersion: SecantVersion.current, model: model, text: text, count: found.count,
      tokens: found.prefix(limit).map { id, match in
        Token(
          id: id, text: String(decoding: (try? tokenizer.bytes(of: id)) ?? [], as: UTF8.self),
          match: "\(match)")
      })
  }
}
