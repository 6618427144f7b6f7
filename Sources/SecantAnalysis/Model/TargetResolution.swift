import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

/// A target whose tokens have been found.
struct ResolvedTarget: Hashable, Sendable {
  /// The token whose logit is explained.
  let token: Int
  /// The token whose logit is subtracted; nil where there is none.
  let contrast: Int?
}

extension Model {
  /// The tokens that a target names.
  ///
  /// - Parameters:
  ///   - target: As the user gave it.
  ///   - prediction: The likeliest next token.
  /// - Returns: The token, and the one that is subtracted.
  /// - Throws: The name that is no token, or may be two.
  func resolve(
    _ target: ExplanationOptions.Target, prediction: Int
  ) throws(InputError) -> ResolvedTarget {
    switch target {
    case .prediction:
      return ResolvedTarget(token: prediction, contrast: nil)
    case .token(let name):
      return ResolvedTarget(token: try token(named: name), contrast: nil)
    case .difference(let first, let second):
      let target = ResolvedTarget(
        token: try token(named: first), contrast: try token(named: second))
      guard target.token != target.contrast else {
        throw InputError(
          .invalid, subject: "target", expected: "two different tokens",
          found: "#\(target.token) twice", remedy: "name another token to subtract")
      }
      return target
    }
  }

  /// The one token that a name stands for.
  ///
  /// A text is a token as it stands or with a space before it, never a part of several: which part
  /// was meant, only the user knows.
  private func token(
    named name: ExplanationOptions.Target.TokenName
  ) throws(InputError) -> Int {
    switch name {
    case .id(let id):
      let count = decoder.configuration.vocabularySize
      guard (0..<count).contains(id) else {
        throw InputError(
          .invalid, subject: "target #\(id)", expected: "an id in 0..<\(count)", found: "\(id)",
          remedy: "use an id of this model")
      }
      return id
    case .text(let text):
      guard let tokenizer else {
        throw InputError(
          .missing, file: self.name, subject: "tokenizer.json", expected: "the model's tokenizer",
          found: "no such file", remedy: "name the target by its id, such as #312")
      }
      guard !text.isEmpty else {
        throw InputError(
          .invalid, subject: "target", expected: "a token", found: "an empty text",
          remedy: "name a token by its text or its id, or leave the target out")
      }
      let spellings = text.hasPrefix(" ") ? [text] : [text, " " + text]
      let count = decoder.configuration.vocabularySize
      let candidates = spellings.compactMap { tokenizer.token(of: Array($0.utf8)) }
        .filter { $0 < count }
      if candidates.count == 1 { return candidates[0] }
      if candidates.isEmpty {
        let parts = (try? tokenizer.encode(text, addingSpecialTokens: false).tokens) ?? []
        throw InputError(
          .invalid, subject: "target \"\(text)\"", expected: "one token of the vocabulary",
          found: parts.isEmpty ? "none" : "the tokens \(list(parts, tokenizer))",
          remedy: "name one token by its text or its id, such as #\(parts.first ?? 0)")
      }
      throw InputError(
        .invalid, subject: "target \"\(text)\"", expected: "one token of the vocabulary",
        found: "both \(list(candidates, tokenizer))",
        remedy: "name one by its id, such as #\(candidates[candidates.count - 1])")
    }
  }

  private func list(_ tokens: [Int], _ tokenizer: Tokenizer) -> String {
    let shown = tokens.prefix(8).map { "#\($0) \"\(tokenizer.displayText(of: $0))\"" }
    return shown.joined(separator: ", ") + (tokens.count > 8 ? ", …" : "")
  }
}
