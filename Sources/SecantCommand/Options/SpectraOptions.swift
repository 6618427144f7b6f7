import ArgumentParser
import Secant

/// The tokens whose maps are decomposed.
struct SpectraOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tokens whose maps are decomposed: auto (those with the largest shares, as many as fit a few seconds), \
      none, all, top:N (the N largest shares), or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var spectra = TokenSelection.auto

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Start no further decomposition after this many seconds.", valueName: "seconds"))
  var maxSeconds: Double?

  /// - Throws: That the time is negative.
  func validate() throws {
    if let maxSeconds, !(maxSeconds >= 0) {
      throw ValidationError("--max-seconds: expected 0 or more, found \(maxSeconds)")
    }
  }
}

extension ExplanationOptions {
  /// The same options with a choice of tokens and a time limit.
  func decomposing(_ options: SpectraOptions) -> ExplanationOptions {
    var result = self
    result.spectra = options.spectra
    result.maximumSeconds = options.maxSeconds
    return result
  }
}

extension ArgumentHelp {
  /// The help of `--tolerance`, whose default depends on the command.
  ///
  /// - Parameter standard: The default in words, if the parser does not know it.
  /// - Returns: The help.
  static func tolerance(default standard: String? = nil) -> ArgumentHelp {
    ArgumentHelp(
      "A triplet has converged if its residual is at most this times the largest singular value."
        + (standard.map { " (default: \($0))" } ?? ""), valueName: "number")
  }
}

/// The number of singular vectors, and the method.
struct VectorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The number of singular triplets of each map; 0 means --spectra none.")
  var rank = 8

  @OptionGroup var method: MethodOptions

  @Option(parsing: .unconditional, help: .tolerance(default: "0.001; 0.3 with --method sketch"))
  var tolerance: Double?

  @OptionGroup var seed: SeedOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    try checkTriplets(
      rank: max(rank, 1), tolerance: tolerance ?? method.method.usualTolerance)
    guard rank >= 0 else {
      throw ValidationError("--rank: expected 0 or more, found \(rank)")
    }
  }
}
