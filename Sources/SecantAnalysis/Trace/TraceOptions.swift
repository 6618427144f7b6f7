public import SecantDecoders

/// What a trace should contain, and how it is computed.
public struct TraceOptions: Hashable, Sendable {
  /// The answer whose tokens are traced.
  public enum Answer: Hashable, Sendable {
    /// The model's own likeliest continuation, so many tokens at most.
    case continuation(Int)
    /// A text. If its leading space may be missing, the spelling that the model finds likelier is used.
    case text(String)
    /// Exactly this text, spaces included.
    case exactly(String)
    /// Token ids.
    case tokens([Int])
  }

  /// What each token of the answer is held against.
  public enum Reference: Hashable, Sendable {
    /// The likeliest token beside the answer's.
    case runnerUp
    /// The mean logit of the whole vocabulary.
    case mean
    /// Nothing: the logits themselves are added up.
    case nothing
    /// Another answer of as many tokens, token by token.
    case answer(Answer)
  }

  /// How a span is taken out of the prompt.
  public enum Removal: String, Hashable, Sendable, CaseIterable {
    /// No later position attends to it.
    case mask
    /// A neutral text with the same number of tokens replaces it; special tokens stay.
    case replace
  }

  /// What each token of the answer is held against; the runner-up by default.
  public var reference = Reference.runnerUp
  /// How the prompt's tokens are grouped; nil for lines, or with fewer than three of them for sentences or words.
  public var grouping: ExplanationOptions.Grouping?
  /// Whether a first token to which much of the attention goes (an attention sink) is set apart as baseline.
  public var marksBaseline = true
  /// Whether each token of the answer is divided separately too.
  public var hasMatrix = false
  /// Whether what the answer's own words gave is passed on to the prompt; this needs the matrix.
  public var passesOnOwnWords = false
  /// How spans are removed, to measure what they do; nil for not at all.
  public var check: Removal?
  /// Which factor of gated products stays linear.
  public var gate = GateRule.up
  /// Seconds after which no further row of the matrix, and no further removal, is begun; nil for no bound.
  ///
  /// With a bound, what is found depends on the machine.
  public var maximumSeconds: Double?
  /// Bytes that the work may take beside the weights.
  public var memory = 4 << 30
  /// What the result's provenance says of the command line; nil where the library was called.
  public var commandLine: [String]?

  /// The defaults: the answer over its runners-up, by line, without matrix and check.
  public init() {}
}

extension TraceOptions.Answer {
  /// A text from its spelling on the command line: between quotes, or with a space before it, it is taken exactly.
  public init(_ spelling: String) {
    switch ExplanationOptions.Target.TokenName(spelling) {
    case .exactly(let text): self = .exactly(text)
    case .id, .text: self = .text(spelling)
    }
  }
}

extension TraceOptions.Reference {
  /// A reference from its spelling on the command line: one of `runner-up`, `mean` and `none`, or another answer,
  /// which of such a text stands between quotes.
  public init(_ spelling: String) {
    switch spelling {
    case "runner-up": self = .runnerUp
    case "mean": self = .mean
    case "none": self = .nothing
    default: self = .answer(.init(spelling))
    }
  }
}
