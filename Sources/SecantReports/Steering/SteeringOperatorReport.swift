/// The result of `secant steer build`: a steering operator, described.
public struct SteeringOperatorReport: Report {
  /// Version 1 of "secant.steering-operator".
  public static let schema = ReportSchema(name: "secant.steering-operator", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model whose map the operator is.
  public let model: ModelIdentity
  /// The operator.
  public let steeringOperator: SteeringDescription
  /// The bytes that its file takes.
  public let fileBytes: Int
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?

  /// Makes the report of a written operator.
  public init(
    secantVersion: String, model: ModelIdentity, steeringOperator: SteeringDescription,
    fileBytes: Int, commandLine: [String]? = nil
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.steeringOperator = steeringOperator
    self.fileBytes = fileBytes
    self.commandLine = commandLine
  }
}

/// A steering operator: the joint detached Jacobian of the stream after a block, `[d, T·d]`.
///
/// J = [J_0 | … | J_{T−1}] maps the vectors that enter block 0 at a phrase's T tokens to the stream
/// after the block at the last of them, without the final norm.
public struct SteeringDescription: Codable, Hashable, Sendable {
  /// The phrase as the user gave it; nil if tokens were given by number.
  public let text: String?
  /// The phrase's tokens `[T]`, special ones included.
  public let tokens: [SteeringToken]
  /// The block n after which J is read and the stream is changed, from 0.
  public let block: Int
  /// The width d of the stream.
  public let width: Int
  /// The factor of a gated product that stays linear: "up", "gate" or "half".
  public let gateRule: String
  /// The arithmetic in which J was computed: "f32" or "f64".
  public let precision: String
  /// The form of J: "exact" (never formed), "full" or "low-rank".
  public let form: String
  /// The rank r and what it keeps; nil if J is held whole.
  public let truncation: Truncation?

  /// Describes a steering operator.
  public init(
    text: String?, tokens: [SteeringToken], block: Int, width: Int, gateRule: String,
    precision: String, form: String, truncation: Truncation?
  ) {
    self.text = text
    self.tokens = tokens
    self.block = block
    self.width = width
    self.gateRule = gateRule
    self.precision = precision
    self.form = form
    self.truncation = truncation
  }

  /// The accuracy of J if only its leading singular triplets are kept.
  public struct Truncation: Codable, Hashable, Sendable {
    /// r: the number of triplets.
    public let rank: Int
    /// The energy kept, Σ_{k<r} σ_k² / ‖J‖_F²: 1 at full rank.
    public let energyKept: Double
    /// One standard error of it; 0 where ‖J‖_F is exact up to rounding.
    public let energyError: Double
    /// The largest measured residual of a triplet, relative to σ₁.
    public let residual: Double

    /// Describes a truncation.
    public init(rank: Int, energyKept: Double, energyError: Double, residual: Double) {
      self.rank = rank
      self.energyKept = energyKept
      self.energyError = energyError
      self.residual = residual
    }
  }
}

/// A token, by its number and as text.
public struct SteeringToken: Codable, Hashable, Sendable {
  /// The token's number in the vocabulary.
  public let id: Int
  /// The token as text.
  public let text: String

  /// Names a token.
  public init(id: Int, text: String) {
    self.id = id
    self.text = text
  }
}
