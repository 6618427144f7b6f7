import ArgumentParser
import Secant

// The options that several commands share, each declared once.

/// Refuses an option's empty value, which a script's empty variable makes.
///
/// - Throws: What should stand there.
func checkGiven(_ text: String?, by option: String, _ expected: String) throws {
  guard text?.isEmpty == true else { return }
  throw ValidationError(
    "\(option): expected \(expected), found an empty text; leave the option out or give one")
}

/// Where in the prompt and in the model the question is asked.
struct PlaceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The position whose output is explained, from 0; a negative one counts from the end.")
  var position = -1

  @Option(
    help: ArgumentHelp(
      """
      The place that is explained: output, or block.N.residual, block.N.attention or \
      block.N.feedForward with N from 0, read through the final norm. (default: output)
      """, valueName: "site"),
    transform: Site.init(argument:))
  var site = Site.output
}

/// Which of the prompt's linear maps is meant.
struct MapOptions: ParsableArguments {
  @OptionGroup var place: PlaceOptions

  @OptionGroup var rule: GateOptions

  /// The factor of gated products that stays linear.
  var gate: GateRule { rule.gate }
  /// The position whose output is explained.
  var position: Int { place.position }
  /// The place that is explained.
  var site: Site { place.site }
}

/// How gated products are frozen.
struct GateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The factor of gated products that stays linear; half is the mean of both.",
      valueName: "rule"))
  var gate = GateRule.up
}

/// By which tokens' vectors components are divided.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tokens by whose vectors each component is divided too, a sweep for each: auto (all of at most \
      64), none, all, top:N, or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var sources = TokenSelection.auto
}

extension ExplanationOptions {
  /// What the options of a command line ask for.
  init(
    _ target: DivisionOptions?, _ map: MapOptions, _ vectors: VectorOptions?,
    _ memory: MemoryOptions
  ) {
    self.init(target, map.place, vectors, memory)
    gate = map.gate
  }

  /// What the options of a command line ask for that has no gate rule.
  init(
    _ target: DivisionOptions?, _ place: PlaceOptions, _ vectors: VectorOptions?,
    _ memory: MemoryOptions
  ) {
    self.init()
    if let target {
      self.target = target.target.value
      marksBaseline = !target.noBaseline
    }
    position = place.position
    site = place.site
    if let vectors {
      rank = vectors.rank
      method = vectors.method.method
      tolerance = vectors.tolerance ?? method.usualTolerance
      seed = vectors.seed.seed
    }
    self.memory = memory.memory.bytes
    commandLine = Invocation.current.commandLine
  }
}

/// How singular vectors are found.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      How singular vectors are found: dense (from the formed matrix), krylov (from products alone), auto (the \
      cheaper of both), or sketch (a first look at many tokens at once, whose residuals are bounds).
      """,
      valueName: "method"))
  var method = ExplanationOptions.Method.auto
}

/// Refuses numbers of triplets and tolerances that mean nothing.
///
/// - Throws: Which of them, and what it should be.
func checkTriplets(rank: Int, tolerance: Double) throws {
  guard rank >= 1 else {
    throw ValidationError("--rank: expected at least 1, found \(rank)")
  }
  guard tolerance > 0, tolerance < 1 else {
    throw ValidationError("--tolerance: expected a number between 0 and 1, found \(tolerance)")
  }
}

/// With which numbers is computed.
struct PrecisionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The arithmetic.", valueName: "type"))
  var precision = Precision.f32
}

/// How much memory the work may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The memory that the work may take beside the weights, such as 512M. (default: 4G)",
      valueName: "size"),
    transform: ByteCount.init)
  var memory = ByteCount(bytes: 4 << 30)
}

/// What is drawn at random.
struct SeedOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("What random numbers are drawn from.", valueName: "number"))
  var seed: UInt64 = 0
}

/// Whether progress is shown.
struct ProgressOptions: ParsableArguments {
  @Flag(help: "Show no progress, which else appears after two seconds on a terminal.")
  var quiet = false
}

/// Whether the work is done, or only what it would take is said.
struct DryRunOptions: ParsableArguments {
  @Flag(help: "Print the estimated time and memory, and stop.")
  var dryRun = false
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON, whose schema has a version.")
  var json = false

  /// Prints a report on standard output.
  ///
  /// - Throws: `Failure` where it cannot be written.
  func print<R: Report>(_ report: R, text: (R, TerminalStyle) -> String) throws {
    try StandardOutput.write(report, asJSON: json, text: text)
  }
}
