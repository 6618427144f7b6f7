/// The result of `secant steer toward`: a prompt's continuations, with and without a push along a direction.
public struct SteeringVectorReport: Report {
  /// Version 1 of "secant.steering-vector".
  public static let schema = ReportSchema(name: "secant.steering-vector", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The arithmetic of the continuation: "f32" or "f64".
  public let precision: String
  /// The direction.
  public let direction: Direction
  /// The strength s; at 0 nothing changes, and at 1 the push is half as long as the stream.
  public let strength: Double
  /// The prompt as the user gave it; nil if tokens were given by number.
  public let promptText: String?
  /// The prompt's tokens, special ones included.
  public let promptTokens: [SteeringToken]
  /// The concept searched for in the continuation, as tokens that may follow the prompt.
  public let concept: [SteeringToken]
  /// The sampling settings; nil if each token is the most likely.
  public let sampling: SteeringSetting.Sampling?
  /// The unsteered continuation.
  public let unsteered: SteeringTrial
  /// The steered continuation.
  public let steered: SteeringTrial
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?
  /// The conversation that became the prompt; nil if the prompt is not one.
  public let chat: Provenance.Chat?

  /// Gathers both continuations of a prompt.
  public init(
    secantVersion: String, model: ModelIdentity, precision: String, direction: Direction,
    strength: Double, promptText: String?, promptTokens: [SteeringToken],
    concept: [SteeringToken], sampling: SteeringSetting.Sampling?, unsteered: SteeringTrial,
    steered: SteeringTrial, commandLine: [String]? = nil, chat: Provenance.Chat? = nil
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.precision = precision
    self.direction = direction
    self.strength = strength
    self.promptText = promptText
    self.promptTokens = promptTokens
    self.concept = concept
    self.sampling = sampling
    self.unsteered = unsteered
    self.steered = steered
    self.commandLine = commandLine
    self.chat = chat
  }

  /// A direction of the stream after a block.
  public struct Direction: Codable, Hashable, Sendable {
    /// What it is: "token", "left-vector" (of a token's map to the stream), or "difference" (of the mean streams of
    /// two texts).
    public let kind: String
    /// The block n after which the stream is changed, from 0.
    public let block: Int
    /// The token that it points toward; nil for other kinds.
    public let token: SteeringToken?
    /// The text whose token's map it is of, or the text that a difference leads to; nil for a token, and if tokens
    /// were given by number.
    public let prompt: String?
    /// The tokens of that text; nil for a token.
    public let promptTokens: [SteeringToken]?
    /// The text that a difference leads from; nil for other kinds, and if tokens were given by number.
    public let fromText: String?
    /// The tokens of that text; nil for other kinds.
    public let fromTokens: [SteeringToken]?
    /// The place in its text of the token whose map it is of; nil for other kinds.
    public let position: Int?
    /// The number k of u_k, from 1; nil for other kinds.
    public let triplet: Int?
    /// The factor of a gated product that stays linear in the map; nil for other kinds.
    public let gateRule: String?
    /// The norm before the direction is scaled to 1; of u_k its singular value.
    public let length: Double
    /// The tokens whose logits a push along it raises most, through the final norm's weights.
    public let writes: [ExplanationReport.DecodedToken]

    /// Describes a direction.
    public init(
      kind: String, block: Int, token: SteeringToken? = nil, prompt: String? = nil,
      promptTokens: [SteeringToken]? = nil, fromText: String? = nil,
      fromTokens: [SteeringToken]? = nil, position: Int? = nil, triplet: Int? = nil,
      gateRule: String? = nil, length: Double, writes: [ExplanationReport.DecodedToken]
    ) {
      self.kind = kind
      self.block = block
      self.token = token
      self.prompt = prompt
      self.promptTokens = promptTokens
      self.fromText = fromText
      self.fromTokens = fromTokens
      self.position = position
      self.triplet = triplet
      self.gateRule = gateRule
      self.length = length
      self.writes = writes
    }
  }
}
