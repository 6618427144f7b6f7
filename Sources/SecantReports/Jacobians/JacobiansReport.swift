/// The result of `secant jacobians`: the output rebuilt by the detached and by the ordinary Jacobian.
///
/// With x_i the vector of token i that enters block 0 and y the vector before the unembedding at the
/// analyzed position: the detached Jacobians J_i give y = Σ J_i x_i + b, where b comes from biases alone.
/// The ordinary Jacobians K_i = ∂y/∂x_i give the tangent at the prompt; Σ K_i x_i is no part of any
/// identity, and how far it is from y says how far the decoder is from linear there.
/// Source: the paper's figure 3.
public struct JacobiansReport: Report {
  /// Version 2 of "secant.jacobians": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.jacobians", version: 2)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The factor of a gated product that stays linear in the detached Jacobian: "up", "gate" or "half".
  public let gateRule: String
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?
  /// The conversation that became the prompt; nil if the prompt is not one.
  public let chat: Provenance.Chat?
  /// The prompt as the model reads it.
  public let prompt: ExplanationReport.Prompt
  /// What the contributions make, by default a difference of logits; as the first comparison computed it.
  public let target: ExplanationReport.Target
  /// The target, divided by the detached Jacobians of the first comparison; nil in reports of version 1.
  public let shares: ExplanationReport.Shares?
  /// One comparison for each requested precision, in that order, at least one.
  public let comparisons: [Comparison]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a comparison.
  public init(
    secantVersion: String, model: ModelIdentity, gateRule: String, commandLine: [String]? = nil,
    chat: Provenance.Chat? = nil, prompt: ExplanationReport.Prompt,
    target: ExplanationReport.Target, shares: ExplanationReport.Shares? = nil,
    comparisons: [Comparison], notes: [String] = []
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.gateRule = gateRule
    self.commandLine = commandLine
    self.chat = chat
    self.prompt = prompt
    self.target = target
    self.shares = shares
    self.comparisons = comparisons
    self.notes = notes
  }
}

extension JacobiansReport {
  /// Both Jacobians in one precision.
  public struct Comparison: Codable, Hashable, Sendable {
    /// With which numbers was computed.
    public let precision: Precision
    /// The likeliest next token in this precision.
    public let prediction: ExplanationReport.Prediction
    /// The target's logit in this precision, before any bound on logits.
    public let logit: Double
    /// The output y `[d]` of the forward pass in this precision.
    public let output: [Double]
    /// y rebuilt by the detached Jacobians: Σ J_i x_i + b.
    public let detached: Reconstruction
    /// y rebuilt by the ordinary Jacobians: Σ K_i x_i.
    public let ordinary: Reconstruction

    /// Makes the comparison of one precision.
    public init(
      precision: Precision, prediction: ExplanationReport.Prediction, logit: Double,
      output: [Double], detached: Reconstruction, ordinary: Reconstruction
    ) {
      self.precision = precision
      self.prediction = prediction
      self.logit = logit
      self.output = output
      self.detached = detached
      self.ordinary = ordinary
    }
  }

  /// With which numbers a comparison was computed.
  public struct Precision: Codable, Hashable, Sendable {
    /// The arithmetic: "f32" or "f64".
    public let arithmetic: String
    /// The precision of the weights: "stored" as in the checkpoint, or rounded to "f16" or "bf16".
    public let weights: String

    /// Names a precision.
    public init(arithmetic: String, weights: String) {
      self.arithmetic = arithmetic
      self.weights = weights
    }
  }

  /// The output rebuilt by one kind of Jacobian.
  public struct Reconstruction: Codable, Hashable, Sendable {
    /// The rebuilt output `[d]`, component by component as in `output`: the ordinates of the scatter.
    public let values: [Double]
    /// The relative error ‖values − y‖ / ‖y‖.
    public let relativeError: Double
    /// The paper's measure: std(values − y) / std(y), over the d components.
    public let standardDeviationRatio: Double
    /// Pearson's correlation of the values with the components of y, from −1 to 1.
    public let correlation: Double
    /// The contribution of each token up to the analyzed position to the target's logit: w·J_i x_i, or
    /// w·K_i x_i, with w the target's unembedding row.
    public let contributions: [Double]
    /// The contribution of the offset b; 0 for the ordinary Jacobian, which has none.
    public let bias: Double

    /// Gathers the measures of one kind.
    public init(
      values: [Double], relativeError: Double, standardDeviationRatio: Double, correlation: Double,
      contributions: [Double], bias: Double
    ) {
      self.values = values
      self.relativeError = relativeError
      self.standardDeviationRatio = standardDeviationRatio
      self.correlation = correlation
      self.contributions = contributions
      self.bias = bias
    }

    /// The sum of all contributions and the bias: the logit itself for the detached Jacobian.
    public var sum: Double { contributions.reduce(bias, +) }
  }
}
