import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

/// The laws checked so far, and the settings.
struct LawSuite {
  /// The findings, in order.
  private(set) var laws: [VerificationReport.Law] = []
  private let report: AnalysisProgress.Handler

  /// The number of triplets per token whose residuals are measured again.
  private static let rank = 4
  /// Their requested residual.
  private static let tolerance = 1e-3
  /// The width up to which matrices are formed and decomposed completely, which costs d³.
  private static let denseWidth = 1024
  /// The number of laws: in both precisions, for the other gate rules, and between the precisions.
  private static let count = 2 * 12 + 2 + 2

  /// No laws yet.
  init(report: @escaping AnalysisProgress.Handler) {
    self.report = report
    report(AnalysisProgress(stage: .laws, fraction: 0))
  }

  /// The results in one precision, for comparison with the other.
  struct Outcome {
    /// y at the last position.
    let output: [Double]
    /// ‖Σ J_i x_i + b − y‖ / ‖y‖.
    let reconstruction: Double
  }

  /// Checks every law in one precision.
  ///
  /// - Throws: Why the prompt cannot be used.
  mutating func run<S: Scalar>(
    _ decoder: Decoder<S>, _ tokens: [Int], _ options: VerificationOptions
  ) throws(InputError) -> Outcome {
    let laws = try Laws(decoder, at: tokens, seed: options.seed)
    let batches = batches(decoder, tokens, options)
    let contributions = laws.contributions(batches)
    let reconstruction = laws.reconstruction(contributions)
    let precision = S.precisionName
    let rounding = "roundings of \(precision), ε = \(Double(S.ulpOfOne))"
    add(
      "forward pass", "‖F(x) − y‖ / ‖y‖, token by token, \(precision)", "200 \(rounding)",
      try laws.forwardPass())
    add(
      "reconstruction", "‖Σ J_i x_i + b − y‖ / ‖y‖, \(precision)",
      "\(rounding), for terms as long as their sum", reconstruction)
    add(
      "shares", "|Σ shares − logit| / (‖w‖ ‖y‖), \(precision)", "as for the reconstruction",
      laws.shares(contributions))
    add(
      "shares by component", "|Σ shares by component − logit| / (‖w‖ ‖y‖), \(precision)",
      "as for the shares, for components as large as their sum",
      laws.componentShares(contributions, batches))
    add(
      "dot test", "|⟨u, J v⟩ − ⟨Jᵀu, v⟩| / (‖u‖ ‖J v‖), \(precision)", "200 \(rounding)",
      laws.dotTest())
    add(
      "dot test, ordinary", "|⟨u, K v⟩ − ⟨Kᵀu, v⟩| / (‖u‖ ‖K v‖), \(precision)", "200 \(rounding)",
      try laws.ordinaryDotTest())
    add(
      "second difference", "‖A(x+h+k) − A(x+h) − A(x+k) + A x‖ / ‖A(x+h+k)‖, \(precision)",
      "200 \(rounding)", laws.secondDifference())
    add(
      "frozen invariance", "‖J v among others − J v alone‖ / ‖J v‖, \(precision)",
      "200 \(rounding)", laws.independence())
    add(
      "blocks compose", "‖blocks in turn − whole‖ / ‖whole‖, \(precision)", "200 \(rounding)",
      laws.composition())
    add(
      "branches sum", "‖before + attention + feed-forward − after‖ / ‖after‖, \(precision)",
      "200 \(rounding)", laws.branches())
    let (rank, tolerance) = (min(Self.rank, decoder.configuration.width), Self.tolerance)
    let triplets = laws.triplets(rank: rank, tolerance: tolerance)
    add(
      "triplet residuals", "√(‖J v − σu‖² + ‖Jᵀu − σv‖²) / σ₁, rank \(rank), \(precision)",
      "the tolerance asked for", laws.residuals(of: triplets, rank: rank))
    tryDense(laws, triplets, rank, options)
    return Outcome(
      output: laws.linearization.output().map(Double.init), reconstruction: reconstruction.value)
  }

  /// Checks the reconstruction with the gate rules other than the default.
  ///
  /// - Throws: Why the prompt cannot be used.
  mutating func tryRules<S: Scalar>(
    _ decoder: Decoder<S>, _ tokens: [Int], _ options: VerificationOptions
  ) throws(InputError) {
    let batches = batches(decoder, tokens, options)
    for rule in decoder.configuration.gateRules where rule != .up {
      let laws = try Laws(decoder, at: tokens, rule: rule, seed: options.seed)
      add(
        "reconstruction", "‖Σ J_i x_i + b − y‖ / ‖y‖, rule \(rule.rawValue), \(S.precisionName)",
        "roundings of \(S.precisionName), ε = \(Double(S.ulpOfOne)), for terms as long as their sum",
        laws.reconstruction(laws.contributions(batches)))
    }
  }

  /// Compares the two precisions.
  mutating func compare(_ single: Outcome, _ double: Outcome) {
    let difference = norm(zip(single.output, double.output).map { $0 - $1 })
    let epsilon = Double(Float.ulpOfOne)
    add(
      "f32 against f64", "‖y in f32 − y in f64‖ / ‖y‖",
      "4096 roundings of f32: those of each block, amplified by the blocks that follow",
      Measurement(value: difference / norm(double.output), bound: 4096 * epsilon))
    add(
      "eight orders", "reconstruction error in f64 / in f32",
      "the ratio of the unit roundoffs, 1.9e-9, and room for chance",
      Measurement(
        value: double.reconstruction / max(epsilon, single.reconstruction), bound: 1e-7))
  }

  private mutating func tryDense<S: Scalar>(
    _ laws: Laws<S>, _ triplets: [TruncatedSVD<S>], _ rank: Int, _ options: VerificationOptions
  ) {
    let width = laws.decoder.configuration.width
    let measured = "|σ truncated − σ dense| / σ₁, rank \(rank), \(S.precisionName)"
    // The computed rows, the matrix, and a copy for the decomposition.
    let bytes = 3 * width * width * MemoryLayout<S>.stride
    if width > Self.denseWidth {
      skip(
        "truncated against dense", measured,
        "a width of \(width) exceeds \(Self.denseWidth): decomposing whole matrices would take long"
      )
    } else if bytes > options.memory {
      skip(
        "truncated against dense", measured,
        "needs more memory (\(bytes) bytes for its matrices)", neededMemoryBytes: bytes)
    } else {
      add(
        "truncated against dense", measured,
        "the tolerance asked for, which bounds the error of a singular value",
        laws.singularValues(of: triplets))
    }
  }

  /// The number of tokens whose contributions are computed together.
  private func batches<S: Scalar>(
    _ decoder: Decoder<S>, _ tokens: [Int], _ options: VerificationOptions
  ) -> [[Int]] {
    let scope = ExplanationScope(
      tokens: tokens.count, position: tokens.count - 1,
      lastBlock: decoder.configuration.blockCount - 1, rank: 1, tolerance: Self.tolerance)
    return CostModel(
      decoder.configuration, scope, precision: S.self, memory: options.memory
    ).sweeps(of: Array(tokens.indices))
  }

  private mutating func add(
    _ name: String, _ measured: String, _ origin: String, _ measurement: Measurement
  ) {
    let holds = measurement.value <= measurement.bound
    append(
      .init(
        name: name, measured: measured, value: measurement.value, bound: measurement.bound,
        outcome: holds ? .passed : .failed, origin: origin))
  }

  private mutating func skip(
    _ name: String, _ measured: String, _ reason: String, neededMemoryBytes: Int? = nil
  ) {
    append(
      .init(
        name: name, measured: measured, value: nil, bound: nil, outcome: .skipped, reason: reason,
        neededMemoryBytes: neededMemoryBytes))
  }

  private mutating func append(_ law: VerificationReport.Law) {
    laws.append(law)
    report(
      AnalysisProgress(stage: .laws, fraction: min(1, Double(laws.count) / Double(Self.count))))
  }
}
