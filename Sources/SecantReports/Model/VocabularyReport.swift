/// The result of `secant vocabulary`: the model's tokens that have a text in them.
public struct VocabularyReport: Report {
  /// Version 1 of "secant.vocabulary".
  public static let schema = ReportSchema(name: "secant.vocabulary", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model's name.
  public let model: String
  /// What was looked for.
  public let text: String
  /// The number of tokens that have it; `tokens` may be fewer.
  public let count: Int
  /// The closest tokens, closest first.
  public let tokens: [Token]

  /// Gathers tokens.
  public init(secantVersion: String, model: String, text: String, count: Int, tokens: [Token]) {
    self.secantVersion = secantVersion
    self.model = model
    self.text = text
    self.count = count
    self.tokens = tokens
  }
}

extension VocabularyReport {
  /// One token of the vocabulary.
  public struct Token: Codable, Hashable, Sendable {
    /// The token's number in the vocabulary, from 0.
    public let id: Int
    /// The token as text, its leading space included; bytes that are no text are U+FFFD.
    public let text: String
    /// How it has the text: "whole", "beginning" or "inside".
    ///
    /// A space before the text does not count.
    public let match: String

    /// Describes one token.
    public init(id: Int, text: String, match: String) {
      self.id = id
      self.text = text
      self.match = match
    }
  }
}
