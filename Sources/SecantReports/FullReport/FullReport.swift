/// What `secant report` found: every analysis of one prompt.
///
/// All parts are about the same model, prompt, position and target.
public struct FullReport: Report {
  /// Version 1 of "secant.report".
  public static let schema = ReportSchema(name: "secant.report", version: 1)

  /// The prediction as the sum of what each token's map gave to it.
  public let explanation: ExplanationReport
  /// The maps inside the model, block after block.
  public let layers: LayersReport
  /// The logit by token, block and head.
  public let shares: SharesReport
  /// Every token's map looked at whole, and the map of all tokens.
  public let features: FeaturesReport
  /// The output as the detached and the ordinary Jacobians rebuild it.
  public let kinds: JacobianComparisonReport
  /// The same question under every gate rule.
  public let gates: GateReport

  /// Gathers the analyses.
  public init(
    explanation: ExplanationReport, layers: LayersReport, shares: SharesReport,
    features: FeaturesReport, kinds: JacobianComparisonReport, gates: GateReport
  ) {
    self.explanation = explanation
    self.layers = layers
    self.shares = shares
    self.features = features
    self.kinds = kinds
    self.gates = gates
  }
}
