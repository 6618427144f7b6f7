import ArgumentParser
import Secant

/// Of which tokens singular vectors are found.
struct SpectraOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tokens whose maps are decomposed: auto (the largest shares, as many as fit some seconds), \
      none, all, top:N (the N largest shares), or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var spectra = TokenSelection.auto

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Decompose no further map after so many seconds.", valueName: "seconds"))
  var maxSeconds: Double?

  /// - Throws: That the time is negative.
  func validate() throws {
    if let maxSeconds, !(maxSeconds >= 0) {
      throw ValidationError("--max-seconds: expected 0 or more, found \(maxSeconds)")
    }
  }
}

extension ExplanationOptions {
  /// The same, for some tokens.
  func decomposing(_ options: SpectraOptions) -> ExplanationOptions {
    var result = self
    result.spectra = options.spectra
    result.maximumSeconds = options.maxSeconds
    return result
  }
}

/// How many singular vectors are found, and how.
struct VectorOptions: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Singular triplets of each map; 0 means --spectra none.")
  var rank = 8

  @OptionGroup var method: MethodOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The largest residual of a triplet that counts as converged, relative to the largest singular \
      value. (default: 0.001; 0.3 by --method sketch)
      """, valueName: "number"))
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
