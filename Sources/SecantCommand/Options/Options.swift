import ArgumentParser
import Secant

// The options of several commands, each declared once.

/// Refuses an empty value of an option, which may come from a script's empty variable.
///
/// - Throws: The expected value.
func checkGiven(_ text: String?, by option: String, _ expected: String) throws {
  guard text?.isEmpty == true else { return }
  throw ValidationError(
    "\(option): expected \(expected), found an empty text; leave the option out or give one")
}

/// The position and the site of a question.
struct PlaceOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "The position whose output is explained, from 0; a negative number counts from the end.")
  var position = -1

  @Option(
    help: ArgumentHelp(
      """
      The site that is explained: output, block.N.residual, block.N.attention or \
      block.N.feedForward, with N from 0, read through the final norm. (default: output)
      """, valueName: "site"),
    transform: Site.init(argument:))
  var site = Site.output
}

/// The choice among the prompt's linear maps.
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

/// The rule for freezing gated products.
struct GateOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The factor of gated products that stays linear; half means the mean of both.",
      valueName: "rule"))
  var gate = GateRule.up
}

/// The source tokens among which components are divided.
struct SourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Also divide each component among these source tokens, at one sweep per token: auto (all, if there are at most \
      64), none, all, top:N, or positions such as 0,5,9. (default: auto)
      """, valueName: "tokens"),
    transform: TokenSelection.init(argument:))
  var sources = TokenSelection.auto
}

extension ExplanationOptions {
  /// The options of a command line, as the library takes them.
  init(
    _ target: DivisionOptions?, _ map: MapOptions, _ vectors: VectorOptions?,
    _ memory: MemoryOptions
  ) {
    self.init(target, map.place, vectors, memory)
    gate = map.gate
  }

  /// The options of a command line without a gate rule, as the library takes them.
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

/// The method for singular vectors.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      How singular vectors are computed: dense (forms the matrix), krylov (uses only products), auto (the cheaper \
      of both), or sketch (a quick first look at many tokens, with bounds for residuals).
      """,
      valueName: "method"))
  var method = ExplanationOptions.Method.auto
}

/// Refuses meaningless ranks and tolerances.
///
/// - Throws: The wrong value, and the expected one.
func checkTriplets(rank: Int, tolerance: Double) throws {
  guard rank >= 1 else {
    throw ValidationError("--rank: expected at least 1, found \(rank)")
  }
  guard tolerance > 0, tolerance < 1 else {
    throw ValidationError("--tolerance: expected a number between 0 and 1, found \(tolerance)")
  }
}

/// The precision of the computation.
struct PrecisionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The precision of the computation.", valueName: "type"))
  var precision = Precision.f32
}

/// The memory for the work.
struct MemoryOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The memory for the work, without the weights, such as 512M. (default: 4G)",
      valueName: "size"),
    transform: ByteCount.init)
  var memory = ByteCount(bytes: 4 << 30)
}

/// The seed of random numbers.
struct SeedOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The seed of random numbers.", valueName: "number"))
  var seed: UInt64 = 0
}

/// Whether progress is shown.
struct ProgressOptions: ParsableArguments {
  @Flag(help: "Hide the progress line, which a terminal shows after 2 seconds.")
  var quiet = false
}

/// Whether the work is done or only estimated.
struct DryRunOptions: ParsableArguments {
  @Flag(help: "Print the estimated time and memory instead of doing the work.")
  var dryRun = false
}

/// How a report is printed.
struct ReportOptions: ParsableArguments {
  @Flag(help: "Print the result as JSON with a versioned schema.")
  var json = false

  /// Prints a report on standard output.
  ///
  /// - Throws: `Failure` if it cannot be written.
  func print<R: Report>(_ report: R, text: (R, TerminalStyle) -> String) throws {
    try StandardOutput.write(report, asJSON: json, text: text)
  }
}
