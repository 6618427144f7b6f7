/// The result of `secant generate --json`: how a model goes on after a prompt.
public struct GenerationReport: Report {
  /// Version 1 of "secant.generation".
  public static let schema = ReportSchema(name: "secant.generation", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The arithmetic: "f32" or "f64".
  public let precision: String
  /// The prompt as the user gave it; nil if tokens were given by number.
  public let promptText: String?
  /// The prompt's tokens, special ones included.
  public let promptTokens: [SteeringToken]
  /// The sampling settings; nil if each token is the most likely.
  public let sampling: SteeringSetting.Sampling?
  /// The text that follows the prompt.
  public let text: String
  /// Its tokens; none where the text ended at once.
  public let tokens: [SteeringToken]
  /// Whether the model ended the text; false where as many tokens came as were asked for.
  public let isEnded: Bool
  /// The command's arguments, the program's name first; nil if the library was called.
  public let commandLine: [String]?
  /// The conversation that became the prompt; nil if the prompt is not one.
  public let chat: Provenance.Chat?
  /// Caveats, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers a continuation and what it depends on.
  public init(
    secantVersion: String, model: ModelIdentity, precision: String, promptText: String?,
    promptTokens: [SteeringToken], sampling: SteeringSetting.Sampling?, text: String,
    tokens: [SteeringToken], isEnded: Bool, commandLine: [String]? = nil,
    chat: Provenance.Chat? = nil, notes: [String] = []
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.precision = precision
    self.promptText = promptText
    self.promptTokens = promptTokens
    self.sampling = sampling
    self.text = text
    self.tokens = tokens
    self.isEnded = isEnded
    self.commandLine = commandLine
    self.chat = chat
    self.notes = notes
  }
}
