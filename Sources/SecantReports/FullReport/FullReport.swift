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
  /// The shares of the same prompt for other targets and gate rules, the report's own question among them.
  ///
  /// For each gate rule: the report's target; its logit alone, where the target is a difference; and the prediction
  /// over its runner-up, where that is another target. Nil in reports that were written before.
  public let views: [View]?

  /// Gathers the analyses.
  public init(
    explanation: ExplanationReport, layers: LayersReport, shares: SharesReport,
    maps: MapsReport, jacobians: JacobiansReport, gateRules: GateRulesReport,
    views: [View]? = nil
  ) {
    self.explanation = explanation
    self.layers = layers
    self.shares = shares
    self.maps = maps
    self.jacobians = jacobians
    self.gateRules = gateRules
    self.views = views
  }
}

extension FullReport {
  /// The shares of one target under one gate rule.
  public struct View: Codable, Hashable, Sendable {
    /// What the shares divide.
    public let target: ExplanationReport.Target
    /// The factor of a gated product that stays linear: "up", "gate" or "half".
    public let gateRule: String
    /// The target, divided among the tokens and the bias.
    public let shares: ExplanationReport.Shares

    /// Describes one view.
    public init(
      target: ExplanationReport.Target, gateRule: String, shares: ExplanationReport.Shares
    ) {
      self.target = target
      self.gateRule = gateRule
      self.shares = shares
    }
  }
}
