/// The estimates of `--dry-run`, before any work starts.
public struct PlanReport: Report {
  /// Version 1 of "secant.plan".
  public static let schema = ReportSchema(name: "secant.plan", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The number of tokens T; of a comparison, of both prompts together.
  public let tokenCount: Int
  /// The number of singular triplets requested for each map, possibly 0.
  public let rank: Int
  /// The arithmetic: "f32" or "f64".
  public let precision: String
  /// The method that would be used: "dense" or "krylov"; "exact" where no triplets are wanted, "mixed" where
  /// the two sides of a comparison differ.
  public let method: String
  /// The methods that were considered, the one that would be used among them.
  public let estimates: [Estimate]
  /// The assumptions of the estimates, one sentence each.
  public let notes: [String]

  /// Gathers the parts of a plan.
  public init(
    secantVersion: String, model: ModelIdentity, tokenCount: Int, rank: Int, precision: String,
    method: String, estimates: [Estimate], notes: [String] = []
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.tokenCount = tokenCount
    self.rank = rank
    self.precision = precision
    self.method = method
    self.estimates = estimates
    self.notes = notes
  }
}

extension PlanReport {
  /// The same plan, with the time that reading the model takes.
  ///
  /// - Parameter seconds: The time that reading has just taken.
  /// - Returns: A plan whose times include it, as a note says.
  public func loading(for seconds: Double) -> PlanReport {
    PlanReport(
      secantVersion: secantVersion, model: model, tokenCount: tokenCount, rank: rank,
      precision: precision, method: method,
      estimates: estimates.map {
        Estimate(
          method: $0.method, operatorProducts: $0.operatorProducts,
          floatingPointOperations: $0.floatingPointOperations, seconds: $0.seconds + seconds,
          peakMemoryBytes: $0.peakMemoryBytes)
      },
      notes: notes + [
        "Times include reading the model, as long as it just took: \(Int((1000 * seconds).rounded())) ms."
      ])
  }

  /// The cost of one method.
  public struct Estimate: Codable, Hashable, Sendable {
    /// The method, spelled as that of the plan.
    public let method: String
    /// Products of a vector with one token's J_i or its transpose, over all tokens.
    ///
    /// For all layers, the vectors that are carried through the blocks, regardless of the sites.
    public let operatorProducts: Int
    /// Floating-point operations; a multiplication and an addition count as two.
    public let floatingPointOperations: Double
    /// The estimated time in seconds on this machine.
    public let seconds: Double
    /// The estimated peak memory in bytes.
    public let peakMemoryBytes: Int

    /// Describes the cost of one method.
    public init(
      method: String, operatorProducts: Int, floatingPointOperations: Double, seconds: Double,
      peakMemoryBytes: Int
    ) {
      self.method = method
      self.operatorProducts = operatorProducts
      self.floatingPointOperations = floatingPointOperations
      self.seconds = seconds
      self.peakMemoryBytes = peakMemoryBytes
    }
  }
}
