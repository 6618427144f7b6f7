import ArgumentParser
import Secant

/// Whether tokens are removed to measure their effects.
struct CheckOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Remove each token and print the measured effect next to its share: mean (replace its vector by the mean of all \
      tokens' vectors), mask (no later position attends to it), replace:TEXT (replace it by another token), none, \
      or auto (mean, if that takes a few seconds at most). (default: auto)
      """, valueName: "removal"),
    transform: ExplanationOptions.Check.init(argument:))
  var check = ExplanationOptions.Check.auto
}

extension ExplanationOptions.Check {
  /// A check, as the command line names it.
  init(argument: String) throws {
    guard let value = Self(argument) else {
      throw ValidationError("expected auto, none, mean, mask, or replace:TEXT")
    }
    self = value
  }
}
