/// The result of `secant verify --against paper`: how closely a model agrees with published figures for it.
public struct PaperReport: Report {
  /// Version 1 of "secant.paper".
  public static let schema = ReportSchema(name: "secant.paper", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model that was measured.
  public let model: ModelIdentity
  /// The model that the figures were published for, such as "Qwen/Qwen3-8B".
  public let publishedModel: String
  /// How the two were matched, in a sentence.
  public let match: String
  /// The source of the figures.
  public let source: String
  /// The prompts that were run, in the order of the figures.
  public let runs: [Run]
  /// Caveats that belong to all figures, each a sentence.
  public let caveats: [String]

  /// Makes the report of a comparison.
  public init(
    secantVersion: String, model: ModelIdentity, publishedModel: String, match: String,
    source: String, runs: [Run], caveats: [String]
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.publishedModel = publishedModel
    self.match = match
    self.source = source
    self.runs = runs
    self.caveats = caveats
  }

  /// Whether every figure agrees.
  public var isInAgreement: Bool { runs.allSatisfy { $0.findings.allSatisfy(\.agrees) } }
}

extension PaperReport {
  /// One prompt.
  public struct Run: Codable, Hashable, Sendable {
    /// The text.
    public let prompt: String
    /// The factor of gated products that stayed linear, there and here.
    public let gateRule: String
    /// The arithmetic there, such as "float32".
    public let arithmetic: String
    /// The notebook, the cell and, where numbers were not printed, the figure.
    public let source: String
    /// Caveats that belong to this run.
    public let caveats: [String]
    /// Every figure, compared.
    public let findings: [Finding]

    /// Gathers the figures of one prompt.
    public init(
      prompt: String, gateRule: String, arithmetic: String, source: String, caveats: [String],
      findings: [Finding]
    ) {
      self.prompt = prompt
      self.gateRule = gateRule
      self.arithmetic = arithmetic
      self.source = source
      self.caveats = caveats
      self.findings = findings
    }
  }

  /// One figure, compared.
  public struct Finding: Codable, Hashable, Sendable {
    /// The compared quantity, such as "largest singular value".
    public let quantity: String
    /// The token's place in the prompt; nil if the figure is about the whole prompt.
    public let position: Int?
    /// The published value, as text.
    public let published: String
    /// Secant's value, as text.
    public let found: String
    /// How far apart they are: a relative difference, or the share of words that are not found; nil
    /// where they are equal or not.
    public let difference: Double?
    /// The largest difference that counts as agreement.
    public let bound: Double?
    /// Whether they agree.
    public let agrees: Bool

    /// Describes one comparison.
    public init(
      quantity: String, position: Int? = nil, published: String, found: String,
      difference: Double? = nil, bound: Double? = nil, agrees: Bool
    ) {
      self.quantity = quantity
      self.position = position
      self.published = published
      self.found = found
      self.difference = difference
      self.bound = bound
      self.agrees = agrees
    }
  }
}
