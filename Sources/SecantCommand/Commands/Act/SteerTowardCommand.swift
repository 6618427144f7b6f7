import ArgumentParser
import Secant

/// `secant steer toward`: how a prompt goes on, pushed along a direction of the stream.
struct SteerTowardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "toward",
    abstract: "Continues a prompt with and without a push along one direction.",
    usage: """
      secant steer toward [<options>] --block <n> --token <token> <prompt>
      secant steer toward [<options>] --block <n> --direction <i:k> <prompt>
      secant steer toward [<options>] --block <n> --from <a> --to <b> <prompt>
      """,
    discussion: """
      Changes the stream f_k after a block at every position k of the prompt and its continuation: \
      f_k + s |f_k| v / 2, with v of length 1. The direction v is one of:

        --token      what raises a token's logit over the mean of the vocabulary, through the final norm
        --direction  the left singular vector u_k of a token's map from the embedding to this stream, of the \
      prompt or of the text --of; signed so that it speaks for the stream there
        --from --to  the mean stream of one text less that of another

      At strength 0 nothing changes; a negative strength pushes away.

        secant steer toward "They walked to the" --block 1 --token bridge
        secant steer toward "They walked to the" --block 1 --from Bad --to Good
        secant steer toward "They walked to the" --block 1 --direction -1:1
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @Option(
    name: [.customLong("block"), .customLong("layer")], parsing: .unconditional,
    help: ArgumentHelp("The block, from 0, after which the stream is changed.", valueName: "n"))
  var block: Int

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A token: a word, an exact text in quotes ('\" Paris\"'), or an id such as #312.",
      valueName: "token"))
  var token: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "A left singular vector, as position:k with k from 1; negative positions count from the end.",
      valueName: "direction"),
    transform: { try SingularDirection($0) })
  var direction: SingularDirection?

  @Option(
    help: ArgumentHelp(
      "With --direction: the text that has the token. (default: the prompt)", valueName: "text"))
  var of: String?

  @Option(
    help: ArgumentHelp("With --to: the text that a difference leads from.", valueName: "text"))
  var from: String?

  @Option(
    help: ArgumentHelp("With --from: the text that a difference leads to.", valueName: "text"))
  var to: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The strength s; negative to push away.", valueName: "s"))
  var strength = 0.25

  @Option(
    name: .tokenCount, parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens to append.", valueName: "number"))
  var count = 30

  @Option(
    help: ArgumentHelp(
      "The text whose probability is measured. (default: what the direction stands for)",
      valueName: "text"))
  var concept: String?

  @OptionGroup var rule: GateOptions
  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That options do not go together or are out of range.
  func validate() throws {
    try checkTokenCount(count)
    for (text, option) in [
      (token, "--token"), (of, "--of"), (from, "--from"), (to, "--to"), (concept, "--concept"),
    ] {
      try checkGiven(text, by: option, "a text")
    }
    guard strength.isFinite else {
      throw ValidationError("--strength: expected a finite number, found \(strength)")
    }
    let given = [token != nil, direction != nil, from != nil || to != nil].count { $0 }
    guard given == 1 else {
      throw ValidationError(
        "expected one of --token, --direction, or --from with --to, found "
          + (given == 0 ? "none" : "\(given)"))
    }
    guard (from == nil) == (to == nil) else {
      throw ValidationError("expected --from and --to together, found one; give both")
    }
    if of != nil, direction == nil {
      throw ValidationError("--of: expected --direction with it, found none")
    }
  }

  /// - Throws: Why there is no continuation.
  func run() throws { try run(arithmetic.precision.scalar) }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let prompt = try prompt.read(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.openWithNotes(S.self, line, sparing: outputs)
      line.update("steering", fraction: 0)
      let result = try model.steer(
        prompt, toward: goal(prompt), after: block, strength: strength, gate: rule.gate, options)
      line.end()
      try documents.write(result)
      try files.write(result)
      try report.print(result) { $0.terminalText($1) }
    }
  }

  private func goal(_ prompt: PromptInput) -> SteeringDirection {
    if let direction {
      return .leftVector(
        of: of.map { .text($0) } ?? prompt, token: direction.position, direction.k)
    }
    if let from, let to { return .difference(from: .text(from), to: .text(to)) }
    return .token(.init(token ?? ""))
  }

  private var options: SteeringOptions {
    var options = SteeringOptions()
    options.count = count
    options.sampling = sampling.sampling
    options.concept = concept.map { .text($0) }
    options.commandLine = Invocation.current.commandLine
    return options
  }
}
