/// What `secant steer run` found: how a prompt goes on, steered and not.
public struct SteeringReport: Report {
  /// Version 1 of "secant.steering".
  public static let schema = ReportSchema(name: "secant.steering", version: 1)

  /// Model, operator, prompt and concept.
  public let setting: SteeringSetting
  /// The strength s; at 0 nothing changes.
  public let strength: Double
  /// How the unsteered model goes on.
  public let unsteered: SteeringTrial
  /// How the steered model goes on.
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

/// What `secant steer run --sweep` found: effect against damage over strengths and blocks.
public struct SteeringSweepReport: Report {
  /// Version 1 of "secant.steering-sweep".
  public static let schema = ReportSchema(name: "secant.steering-sweep", version: 1)

  /// Model, operator, prompt and concept.
  public let setting: SteeringSetting
  /// How the unsteered model goes on.
  public let unsteered: SteeringTrial
  /// The trials: block by block, for each the operator and then the baseline, by ascending strength.
  public let points: [Point]
  /// Caveats that belong to the numbers, each a sentence; empty where there are none.
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

  /// What the stream was changed by.
  public enum Method: String, Codable, Hashable, Sendable, CaseIterable {
    /// The steering operator.
    case jacobian
    /// The difference of the mean streams of phrase and prompt, as long as what the operator changes.
    case difference
  }

  /// One trial of a sweep.
  public struct Point: Codable, Hashable, Sendable {
    /// The block after which the stream is changed, from 0.
    public let block: Int
    /// What it is changed by.
    public let method: Method
    /// The strength s.
    public let strength: Double
    /// How the model goes on.
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

/// All that continuations depend on, but for the strength.
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
  /// The prompt as the user gave it; nil where tokens were given by number.
  public let promptText: String?
  /// The prompt's tokens, special ones included.
  public let promptTokens: [SteeringToken]
  /// What is looked for in the continuation, as tokens that may follow the prompt.
  public let concept: [SteeringToken]
  /// How tokens are chosen; nil where each is the likeliest.
  public let sampling: Sampling?
  /// The command's arguments, the program's name first; nil where the library was called.
  public let commandLine: [String]?
  /// How the prompt was written as a conversation; nil where it was not.
  public let chat: Provenance.Chat?

  /// Gathers what continuations depend on.
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

  /// How tokens are drawn at random.
  public struct Sampling: Codable, Hashable, Sendable {
    /// The temperature, above 0.
    public let temperature: Double
    /// How many of the likeliest tokens are drawn among, at least 1; nil where all are.
    public let topK: Int?
    /// The probability of the likeliest tokens that are drawn among, above 0 and at most 1.
    public let topP: Double
    /// What the tokens were drawn from.
    public let seed: UInt64

    /// Describes a way of drawing.
    public init(temperature: Double, topK: Int? = nil, topP: Double, seed: UInt64) {
      self.temperature = temperature
      self.topK = topK
      self.topP = topP
      self.seed = seed
    }
  }
}

/// A continuation with its effect, what it says of the concept, and its damage.
public struct SteeringTrial: Codable, Hashable, Sendable {
  /// The text that follows the prompt.
  public let text: String
  /// Its tokens; none where the text ended at once.
  public let tokens: [SteeringToken]
  /// Effect: the probability, from 0 to 1, that the concept's tokens follow the prompt, one after the other.
  ///
  /// Nil where they do not fit into the context.
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
