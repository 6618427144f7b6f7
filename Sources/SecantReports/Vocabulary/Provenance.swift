/// The identity of a model.
public struct ModelIdentity: Codable, Hashable, Sendable {
  /// The model as the user named it: "demo", a folder or a file.
  public let name: String
  /// The model's fingerprint, such as "sha256:3f1c9a0de2b47785…".
  public let fingerprint: String
  /// The architecture as the checkpoint names it, such as "LlamaForCausalLM".
  public let architecture: String
  /// The number of parameters in the checkpoint; tied weights count once.
  public let parameterCount: Int
  /// The element types that the weights are stored in, such as "bf16", in alphabetical order.
  public let elementTypes: [String]
  /// The fields of the configuration that the user passed over; nil if there are none.
  public let ignoredFields: [String]?

  /// Makes a model's identity.
  public init(
    name: String, fingerprint: String, architecture: String, parameterCount: Int,
    elementTypes: [String], ignoredFields: [String]? = nil
  ) {
    self.name = name
    self.fingerprint = fingerprint
    self.architecture = architecture
    self.parameterCount = parameterCount
    self.elementTypes = elementTypes
    self.ignoredFields = ignoredFields
  }
}

/// Everything that a result depends on, so the same seed and machine give the same bytes.
///
/// It has no date and no duration. The settings are words of an open vocabulary: a reader shows
/// the ones that it does not know.
public struct Provenance: Codable, Hashable, Sendable {
  /// The version of Secant, such as "0.1.0".
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The arithmetic: "f32" or "f64".
  public let precision: String
  /// The factor of a gated product that stays linear: "up", "gate" or "half" (the mean of both).
  public let gateRule: String
  /// How singular vectors were found: "dense" or "krylov".
  public let method: String
  /// The largest residual, relative to σ₁, of a triplet that counts as converged.
  public let tolerance: Double
  /// The seed of the random starting vectors.
  public let seed: UInt64
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?
  /// The conversation that became the prompt; nil if the prompt is not one.
  public let chat: Chat?

  /// The text that a model's chat template made of a prompt.
  public struct Chat: Codable, Hashable, Sendable {
    /// The file that the template is from, such as "tokenizer_config.json".
    public let template: String
    /// The whole text that was split into tokens, special tokens spelled out.
    public let text: String

    /// Describes how a prompt was written as a conversation.
    public init(template: String, text: String) {
      self.template = template
      self.text = text
    }
  }

  /// Makes a provenance.
  public init(
    secantVersion: String, model: ModelIdentity, precision: String, gateRule: String,
    method: String, tolerance: Double, seed: UInt64, commandLine: [String]? = nil, chat: Chat? = nil
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.precision = precision
    self.gateRule = gateRule
    self.method = method
    self.tolerance = tolerance
    self.seed = seed
    self.commandLine = commandLine
    self.chat = chat
  }
}
