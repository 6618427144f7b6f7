import ArgumentParser
import Secant

/// How tokens are chosen.
struct SamplingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Sample at this temperature; 0 always takes the likeliest token.", valueName: "number"))
  var temperature = 0.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With a temperature: sample only from this many of the likeliest tokens. (default: all)",
      valueName: "number"))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With a temperature: sample only from the likeliest tokens that together have this probability.",
      valueName: "number"))
  var topP = 1.0

  @OptionGroup var seed: SeedOptions

  /// - Throws: That a number is out of range, or needs a temperature.
  func validate() throws {
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature: expected a number from 0, found \(temperature)")
    }
    guard topP > 0, topP <= 1 else {
      throw ValidationError("--top-p: expected a number above 0 and at most 1, found \(topP)")
    }
    if let topK, topK < 1 {
      throw ValidationError("--top-k: expected at least 1, found \(topK)")
    }
    let narrowed = topK != nil ? "--top-k" : topP < 1 ? "--top-p" : nil
    if temperature == 0, let narrowed {
      throw ValidationError(
        "\(narrowed): expected --temperature with it, found none; the likeliest token is taken "
          + "each time, whatever the others are")
    }
  }

  /// The sampling, as the library takes it.
  var sampling: Sampling {
    temperature == 0
      ? .greedy
      : .random(temperature: temperature, topK: topK, topP: topP, seed: seed.seed)
  }
}

extension NameSpecification {
  /// The names of the option for the number of appended tokens.
  static var tokenCount: NameSpecification {
    [.customShort("n"), .customLong("count"), .customLong("max-tokens")]
  }
}

/// Refuses a count below 1.
///
/// - Throws: The wrong count.
func checkTokenCount(_ count: Int) throws {
  guard count >= 1 else {
    throw ValidationError("--count: expected at least 1, found \(count)")
  }
}
