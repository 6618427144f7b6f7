/// The result of `secant verify`: whether the method's laws hold on a model.
public struct VerificationReport: Report {
  /// Version 1 of "secant.verification".
  public static let schema = ReportSchema(name: "secant.verification", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The seed of the random directions.
  public let seed: UInt64
  /// The laws, in the order in which they were tried.
  public let laws: [Law]

  /// Gathers the laws that were tried.
  public init(secantVersion: String, model: ModelIdentity, seed: UInt64, laws: [Law]) {
    self.secantVersion = secantVersion
    self.model = model
    self.seed = seed
    self.laws = laws
  }

  /// Whether no law failed, and none was skipped for want of memory.
  ///
  /// A law that was skipped because it would take long on so wide a model does not count.
  public var isVerified: Bool {
    laws.allSatisfy { $0.outcome != .failed && $0.neededMemoryBytes == nil }
  }
}

extension VerificationReport {
  /// The result of testing a law.
  public enum Outcome: String, Codable, Hashable, Sendable {
    /// The value is within its bound.
    case passed
    /// The value exceeds its bound, or is no number.
    case failed
    /// The law does not apply, or could not be tried.
    case skipped
  }

  /// One law, tried.
  public struct Law: Codable, Hashable, Sendable {
    /// The law, such as "reconstruction".
    public let name: String
    /// The measured quantity, such as "‖Σ J_i x_i + b − y‖ / ‖y‖, f32".
    public let measured: String
    /// The value; nil if the law was skipped.
    public let value: Double?
    /// The largest value that the law allows; nil if the law was skipped.
    public let bound: Double?
    /// The result.
    public let outcome: Outcome
    /// The origin of the bound; nil if the law was skipped.
    public let origin: String?
    /// Why it was skipped or failed; nil if the numbers say it.
    public let reason: String?
    /// If the law was skipped for lack of memory, the bytes that its trial needs beside the weights.
    public let neededMemoryBytes: Int?

    /// Describes the trial of one law.
    public init(
      name: String, measured: String, value: Double?, bound: Double?, outcome: Outcome,
      origin: String? = nil, reason: String? = nil, neededMemoryBytes: Int? = nil
    ) {
      self.name = name
      self.measured = measured
      self.value = value
      self.bound = bound
      self.outcome = outcome
      self.origin = origin
      self.reason = reason
      self.neededMemoryBytes = neededMemoryBytes
    }
  }
}
