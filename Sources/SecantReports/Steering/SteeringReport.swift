/// The result of `secant steer run`: a prompt's continuations, steered and unsteered.
public struct SteeringReport: Report {
  /// Version 1 of "secant.steering".
  public static let schema = ReportSchema(name: "secant.steering", version: 1)

  /// Model, operator, prompt and concept.
  public let setting: SteeringSetting
  /// The strength s; at 0 nothing changes.
  public let strength: Double
  /// The unsteered continuation.
  public let unsteered: SteeringTrial
  /// The steered continuation.
  public let steered: SteeringTrial

  /// Gathers both continuations of a prompt.
  public init(
    setting: SteeringSetting, strength: Double, unsteered: SteeringTrial, steered: SteeringTrial
  ) {
    self.setting = setting
    self.strength = strength
    self.unsteered = unsteered
    self.steered = steered
  }
}

/// The result of `secant steer run --sweep`: effect against damage over strengths and blocks.
public struct SteeringSweepReport: Report {
  /// Version 1 of "secant.steering-sweep".
  public static let schema = ReportSchema(name: "secant.steering-sweep", version: 1)

  /// Model, operator, prompt and concept.
  public let setting: SteeringSetting
  /// The unsteered continuation.
  public let unsteered: SteeringTrial
  /// The trials: block by block, for each the operator and then the baseline, by ascending strength.
  public let points: [Point]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the trials of a sweep.
  public init(
    setting: SteeringSetting, unsteered: SteeringTrial, points: [Point], notes: [String] = []
  ) {
    self.setting = setting
    self.unsteered = unsteered
    self.points = points
    self.notes = notes
  }

  /// The method of changing the stream.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// The steering operator.
    case jacobian
    /// The difference of the mean streams of phrase and prompt, scaled to the operator's change.
    case difference
  }

  /// One trial of a sweep.
  public struct Point: Codable, Hashable, Sendable {
    /// The block after which the stream is changed, from 0.
    public let block: Int
    /// The method of changing the stream.
    public let method: Method
    /// The strength s.
    public let strength: Double
    /// The continuation.
    public let trial: SteeringTrial

    /// Describes one trial.
    public init(block: Int, method: Method, strength: Double, trial: SteeringTrial) {
      self.block = block
      self.method = method
      self.strength = strength
      self.trial = trial
    }
  }
}

/// The settings of continuations, except the strength.
public struct SteeringSetting: Codable, Hashable, Sendable {
  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The arithmetic of the continuation: "f32" or "f64".
  public let precision: String
  /// The operator.
  public let steeringOperator: SteeringDescription
  /// How it changes the stream: "mix" or "add".
  public let mode: String
  /// The prompt as the user gave it; nil if tokens were given by number.
  public let promptText: String?
  /// The prompt's tokens, special ones included.
  public let promptTokens: [SteeringToken]
  /// The concept searched for in the continuation, as tokens that may follow the prompt.
  public let concept: [SteeringToken]
  /// The sampling settings; nil if each token is the most likely.
  public let sampling: Sampling?
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?
  /// The conversation that became the prompt; nil if the prompt is not one.
  public let chat: Provenance.Chat?

  /// Makes the settings of continuations.
  public init(
    secantVersion: String, model: ModelIdentity, precision: String,
    steeringOperator: SteeringDescription, mode: String, promptText: String?,
    promptTokens: [SteeringToken], concept: [SteeringToken], sampling: Sampling?,
    commandLine: [String]? = nil, chat: Provenance.Chat? = nil
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.precision = precision
    self.steeringOperator = steeringOperator
    self.mode = mode
    self.promptText = promptText
    self.promptTokens = promptTokens
    self.concept = concept
    self.sampling = sampling
    self.commandLine = commandLine
    self.chat = chat
  }

  /// The settings of random sampling.
  public struct Sampling: Codable, Hashable, Sendable {
    /// The temperature, above 0.
    public let temperature: Double
    /// Sampling is restricted to this number of most likely tokens, at least 1; nil for all.
    public let topK: Int?
    /// The probability of the likeliest tokens that are drawn among, above 0 and at most 1.
    public let topP: Double
    /// The seed of the sampling.
    public let seed: UInt64

    /// Makes sampling settings.
    public init(temperature: Double, topK: Int? = nil, topP: Double, seed: UInt64) {
      self.temperature = temperature
      self.topK = topK
      self.topP = topP
      self.seed = seed
    }
  }
}

/// A continuation with its effect and its damage.
public struct SteeringTrial: Codable, Hashable, Sendable {
  /// The text that follows the prompt.
  public let text: String
  /// Its tokens; none where the text ended at once.
  public let tokens: [SteeringToken]
  /// Effect: the probability, from 0 to 1, that the concept's tokens follow the prompt, one after the other.
  ///
  /// Nil if they do not fit into the context.
  public let conceptProbability: Double?
  /// Effect: the probability of all of the concept's tokens together, averaged over the continuation.
  ///
  /// Nil where the continuation is empty, as the next two.
  public let conceptShare: Double?
  /// Effect: whether the text contains the concept, whatever its case.
  ///
  /// Where the concept was given by number: whether its tokens occur, one after the other.
  public let containsConcept: Bool
  /// Damage: the perplexity of the continuation under the unsteered model, 1 or more.
  public let perplexity: Double?
  /// Damage: KL(changed ‖ unsteered) of the next token, in nats, averaged over the continuation.
  public let divergence: Double?

  /// Describes a continuation.
  public init(
    text: String, tokens: [SteeringToken], conceptProbability: Double?, conceptShare: Double?,
    containsConcept: Bool, perplexity: Double?, divergence: Double?
  ) {
    self.text = text
    self.tokens = tokens
    self.conceptProbability = conceptProbability
    self.conceptShare = conceptShare
    self.containsConcept = containsConcept
    self.perplexity = perplexity
    self.divergence = divergence
  }
}
