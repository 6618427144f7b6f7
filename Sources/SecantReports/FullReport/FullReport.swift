/// The result of `secant report`: every analysis of one prompt.
///
/// All parts have the same model, prompt, position and target.
public struct FullReport: Report {
  /// Version 3 of "secant.report": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.report", version: 3)

  /// The prediction as the sum of each token's contribution.
  public let explanation: ExplanationReport
  /// The maps inside the model, block after block.
  public let layers: LayersReport
  /// The logit by token, block and head.
  public let shares: SharesReport
  /// Every token's whole map, and the joint map.
  public let maps: MapsReport
  /// The output as the detached and the ordinary Jacobians rebuild it.
  public let jacobians: JacobiansReport
  /// The same question under every gate rule.
  public let gateRules: GateRulesReport

  /// Gathers the analyses.
  public init(
    explanation: ExplanationReport, layers: LayersReport, shares: SharesReport,
    maps: MapsReport, jacobians: JacobiansReport, gateRules: GateRulesReport
  ) {
    self.explanation = explanation
    self.layers = layers
    self.shares = shares
    self.maps = maps
    self.jacobians = jacobians
    self.gateRules = gateRules
  }
}
