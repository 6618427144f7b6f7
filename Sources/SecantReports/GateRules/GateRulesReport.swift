/// The result of `secant gate-rules`: one question answered under every gate rule, and what they agree on.
///
/// Each rule gives a complete decomposition of the same output; they differ in what they hold
/// fixed. What all of them say does not depend on that choice.
public struct GateRulesReport: Report {
  /// Version 2 of "secant.gate-rules": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.gate-rules", version: 2)

  /// Model, settings and seed; its gate rule is "all".
  public let provenance: Provenance
  /// The prompt as the model reads it.
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
  public let prediction: [ExplanationReport.Prediction]
  /// What the shares divide: by default the prediction's logit less its runner-up's.
  public let target: ExplanationReport.Target
  /// The answer under each rule: "up", "gate" and "half", in this order.
  public let answers: [Answer]
  /// Each token up to the analyzed position, in order, with the results of all rules side by side.
  public let tokens: [Token]
  /// Statements about the prompt, and whether they hold whatever the rule.
  public let conclusions: [Conclusion]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a comparison.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target,
    answers: [Answer], tokens: [Token], conclusions: [Conclusion], notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.answers = answers
    self.tokens = tokens
    self.conclusions = conclusions
    self.notes = notes
  }
}

extension GateRulesReport {
  /// The decomposition under one rule, with the same fields as an explanation.
  public struct Answer: Codable, Hashable, Sendable {
    /// The factor of a gated product that stays linear: "up", "gate" or "half".
    public let gateRule: String
    /// The error of the linear map against the model's own output.
    public let reconstruction: ExplanationReport.Reconstruction
    /// The target's logit, divided among the tokens and the bias.
    public let shares: ExplanationReport.Shares
    /// The maps that were decomposed, by the tokens' positions.
    public let jacobians: [ExplanationReport.TokenJacobian]

    /// Gathers the answer under one rule.
    public init(
      gateRule: String, reconstruction: ExplanationReport.Reconstruction,
      shares: ExplanationReport.Shares, jacobians: [ExplanationReport.TokenJacobian]
    ) {
      self.gateRule = gateRule
      self.reconstruction = reconstruction
      self.shares = shares
      self.jacobians = jacobians
    }

    /// The decomposed map of the token at a position; nil if it was not decomposed.
    public func jacobian(at position: Int) -> ExplanationReport.TokenJacobian? {
      jacobians.first { $0.position == position }
    }
  }

  /// One token under all rules; lists are in the order of `answers`.
  public struct Token: Codable, Hashable, Sendable {
    /// The token's place in the prompt.
    public let position: Int
    /// Its rank by the magnitude of its share, 1 for the largest; of equal shares the earlier token first, and a
    /// baseline last.
    public let shareRanks: [Int]
    /// Whether its share has the same sign under all rules.
    public let hasOneSign: Bool
    /// The largest stable rank of its map over the smallest, at least 1; nil if its map was not decomposed.
    public let stableRankRatio: Double?
    /// The number of tokens decoded from u₁ that all rules have in common.
    public let commonLeftCount: Int
    /// The number of tokens decoded from v₁ that all rules have in common.
    public let commonRightCount: Int
    /// Whether every rule determines the leading pair of vectors: it converged, and belongs to no cluster.
    public let isLeadingPairDetermined: Bool

    /// Makes the comparison of the rules for one token.
    public init(
      position: Int, shareRanks: [Int], hasOneSign: Bool, stableRankRatio: Double?,
      commonLeftCount: Int, commonRightCount: Int, isLeadingPairDetermined: Bool
    ) {
      self.position = position
      self.shareRanks = shareRanks
      self.hasOneSign = hasOneSign
      self.stableRankRatio = stableRankRatio
      self.commonLeftCount = commonLeftCount
      self.commonRightCount = commonRightCount
      self.isLeadingPairDetermined = isLeadingPairDetermined
    }
  }

  /// A kind of statement, tried in all its cases: tokens, or pairs of tokens.
  ///
  /// The statement survives if every case comes out the same under all rules.
  public struct Conclusion: Codable, Hashable, Sendable {
    /// The statement in a few words, such as "order of shares".
    public let name: String
    /// A sentence that defines a case, and when it comes out the same.
    public let definition: String
    /// The number of cases that come out the same under all rules.
    public let holding: Int
    /// The number of cases; 0 if the statement could not be tested.
    public let cases: Int
    /// Whether all cases hold, and there is one.
    public let survives: Bool

    /// Describes a statement that was tried.
    public init(name: String, definition: String, holding: Int, cases: Int) {
      self.name = name
      self.definition = definition
      self.holding = holding
      self.cases = cases
      survives = cases > 0 && holding == cases
    }
  }
}
