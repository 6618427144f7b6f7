import ArgumentParser
import Secant

/// Whether tokens are removed, to measure what they do.
struct CheckOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Measure what removing each token really does, beside its share: mean (the mean of all tokens' \
      vectors in its place), mask (no later position attends to it), replace:TEXT (another token in its \
      place), none, or auto (mean where that takes a few seconds at most). (default: auto)
      """, valueName: "removal"),
    transform: ExplanationOptions.Check.init(argument:))
  var check = ExplanationOptions.Check.auto
}

extension ExplanationOptions.Check {
  /// A check as the command line names it.
  init(argument: String) throws {
    guard let value = Self(argument) else {
      throw ValidationError("expected auto, none, mean, mask, or replace:TEXT")
    }
    self = value
  }
}
