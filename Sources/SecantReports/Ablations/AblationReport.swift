/// The result of `secant ablate`: the change of the target where parts of the run are scaled.
///
/// Each part is scaled by itself, by factors from 0 (taken away) to 1 (as it is). The predicted change comes from
/// the frozen map and is exactly linear in the factor: `(keep − 1)·share`. The measured change comes from a
/// forward pass of the model with nothing frozen. Where both part, attention patterns, gates and norms answer
/// the change.
public struct AblationReport: Report {
  /// Version 1 of "secant.ablation".
  public static let schema = ReportSchema(name: "secant.ablation", version: 1)

  /// Model and settings; the method is "exact" unless singular vectors were computed.
  public let provenance: Provenance
  /// The prompt as the model reads it.
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
  public let prediction: [ExplanationReport.Prediction]
  /// What changes: by default the prediction's logit less its runner-up's.
  public let target: ExplanationReport.Target
  /// Whether the parts were chosen by their shares, the largest first; otherwise they were named.
  public let isRanked: Bool
  /// The parts, in order.
  public let parts: [Part]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of an ablation.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target,
    isRanked: Bool, parts: [Part], notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.isRanked = isRanked
    self.parts = parts
    self.notes = notes
  }
}

extension AblationReport {
  /// One part, and what scaling it does.
  public struct Part: Codable, Hashable, Sendable {
    /// What it is: "token" (its vector moves toward the mean of all tokens' vectors), "head", "feed-forward",
    /// "block", or "direction" (a right singular vector of a token's map).
    public let kind: String
    /// The block, from 0; nil for tokens and directions.
    public let block: Int?
    /// The head, from 0; nil where the part is no head.
    public let head: Int?
    /// The token's place in the prompt; nil for heads, layers and blocks.
    public let position: Int?
    /// The number k of the direction v_k, from 1; nil where the part is no direction.
    public let triplet: Int?
    /// The singular value σ_k of a direction; nil otherwise.
    public let singularValue: Double?
    /// The residual of its triplet, relative to the largest singular value; nil otherwise.
    public let residual: Double?
    /// The share of the target that passes through the part, in logits.
    public let share: Double
    /// The changes, one for each factor.
    public let points: [Point]

    /// Describes a part.
    public init(
      kind: String, block: Int? = nil, head: Int? = nil, position: Int? = nil,
      triplet: Int? = nil, singularValue: Double? = nil, residual: Double? = nil, share: Double,
      points: [Point]
    ) {
      self.kind = kind
      self.block = block
      self.head = head
      self.position = position
      self.triplet = triplet
      self.singularValue = singularValue
      self.residual = residual
      self.share = share
      self.points = points
    }
  }

  /// The change of the target at one factor, in logits.
  public struct Point: Codable, Hashable, Sendable {
    /// What is kept of the part: 0 for nothing, 1 for all of it.
    public let keep: Double
    /// The change by the frozen map, `(keep − 1)·share`.
    public let predicted: Double
    /// The change in a forward pass with nothing frozen.
    public let measured: Double
    /// Whether both part: they differ by more than half of the larger magnitude.
    public let isParted: Bool

    /// Sets a measurement beside its prediction.
    public init(keep: Double, predicted: Double, measured: Double) {
      self.keep = keep
      self.predicted = predicted
      self.measured = measured
      isParted = abs(measured - predicted) > max(abs(measured), abs(predicted)) / 2
    }
  }
}
