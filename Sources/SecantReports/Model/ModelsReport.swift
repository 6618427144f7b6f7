/// The result of `secant models`: the models in the cache, and which of them Secant can run.
public struct ModelsReport: Report {
  /// Version 1 of "secant.models".
  public static let schema = ReportSchema(name: "secant.models", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The path of the cache.
  public let cache: String
  /// The models, in ascending order of their names.
  public let models: [Model]

  /// Gathers a list of models.
  public init(secantVersion: String, cache: String, models: [Model]) {
    self.secantVersion = secantVersion
    self.cache = cache
    self.models = models
  }
}

extension ModelsReport {
  /// One model of the cache.
  public struct Model: Codable, Hashable, Sendable {
    /// The name that the option takes, such as "Qwen/Qwen3-0.6B".
    public let name: String
    /// The option that takes it: "--model" or "-hf".
    public let option: String
    /// The commit, 40 hexadecimal digits.
    public let commit: String
    /// The branches and tags of the commit in the cache.
    public let revisions: [String]
    /// The length of all files together.
    public let bytes: Int
    /// The form of the weights: "safetensors", "gguf" or "other".
    public let format: String
    /// The architecture as the files name it; nil if they name none.
    public let architecture: String?
    /// Whether Secant can run it, as far as the configuration and the tensors' headers tell.
    public let isRunnable: Bool
    /// Why it cannot be run; nil if it can.
    public let reason: String?

    /// Describes one model.
    public init(
      name: String, option: String, commit: String, revisions: [String], bytes: Int, format: String,
      architecture: String?, isRunnable: Bool, reason: String?
    ) {
      self.name = name
      self.option = option
      self.commit = commit
      self.revisions = revisions
      self.bytes = bytes
      self.format = format
      self.architecture = architecture
      self.isRunnable = isRunnable
      self.reason = reason
    }
  }
}
