import ArgumentParser
import Secant

/// `secant steer run`: how a prompt goes on, steered and not.
struct SteerRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Continues a prompt with and without steering.",
    usage: """
      secant steer run [<options>] <operator> <prompt>
      secant steer run [<options>] <operator> --tokens <1,2,3>
      """,
    discussion: """
      Changes the stream f_k after the operator's block at every position k of the prompt and its \
      continuation. With T the number of the phrase's tokens and x_i the vector that enters block 0 at position i:

        add   f_k + s |f_k| a_k / (2 |a_k|),   a_k = sum_{i <= k} J_(i mod T) x_i
        mix   (1 - s) f_k + s a_k,             a_k = sum_t J_t m_t

      where m_t is the mean of those x_i whose i <= k and i mod T = t.

      At strength 0 nothing changes. In a text as long as the phrase, the last a_k is J x. --sweep tries several \
      strengths and blocks, and as a baseline the difference of the mean streams of phrase and prompt, \
      scaled to the same length.

        secant steer run bridge.safetensors "They walked to the" --strength 1
        secant steer run bridge.safetensors "They walked to the" --sweep --blocks all
      """)

  @Argument(help: "The operator's file.", completion: .file(extensions: ["safetensors"]))
  var `operator`: String

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The strength s, at least 0; with --mode mix at most 1. (default: 0.5)", valueName: "s"))
  var strength: Double?

  @Option(help: ArgumentHelp("How the stream is changed.", valueName: "mode"))
  var mode = SteeringMode.add

  @Option(
    name: .tokenCount, parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens to append.", valueName: "number"))
  var count = 30

  @Option(
    help: ArgumentHelp(
      "The text whose probability is measured. (default: the phrase)", valueName: "text"))
  var concept: String?

  @OptionGroup var sampling: SamplingOptions

  @Flag(help: "Try several strengths and blocks, and a baseline.")
  var sweep = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --sweep: the strengths. (default: 0.25,0.5,1,1.5,2; with --mode mix 0.2,0.4,0.6,0.8)",
      valueName: "0,1"),
    transform: NumberList.init)
  var strengths: NumberList?

  @Option(
    name: [.customLong("blocks"), .customLong("layers")], parsing: .unconditional,
    help: ArgumentHelp(
      "With --sweep: the blocks, from 0, or all. (default: the operator's)", valueName: "1,2"),
    transform: BlockList.init)
  var blocks: BlockList?

  @Option(
    help: ArgumentHelp(
      "With --sweep: also draw effect against damage in this file.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That options do not go together or are out of range.
  func validate() throws {
    try checkTokenCount(count)
    try checkGiven(concept, by: "--concept", "a text")
    if sweep, strength != nil {
      throw ValidationError("--strength: expected --strengths with --sweep")
    }
    let others = [
      ("--strengths", strengths != nil), ("--blocks", blocks != nil), ("--svg", svg != nil),
    ]
    if !sweep, let option = others.first(where: \.1)?.0 {
      throw ValidationError("\(option): expected --sweep with it, found none")
    }
  }

  /// - Throws: Why there is no continuation.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let picture = try svg.map { try outputs.file($0, option: "--svg") }
      let prompt = try prompt.read(sparing: outputs)
      let steering = try SteeringOperator<S>(named: `operator`, sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.openWithNotes(S.self, line, sparing: outputs)
      guard sweep else {
        let result = try model.steer(prompt, by: steering, strength: strength ?? 0.5, options)
        line.end()
        try documents.write(result)
        try files.write(result)
        try report.print(result) { $0.terminalText($1) }
        return
      }
      let usual = mode == .add ? [0.25, 0.5, 1, 1.5, 2] : [0.2, 0.4, 0.6, 0.8]
      let result = try model.sweep(
        prompt, by: steering, strengths: strengths?.numbers ?? usual,
        blocks: blocks.map { $0.blocks ?? Array(model.decoder.blocks.indices) }, options
      ) { line.show($0) }
      line.end()
      try picture?.write(result.effectFigure.svg())
      try documents.write(result)
      try files.write(result)
      try report.print(result) { $0.terminalText($1) }
    }
  }

  private var options: SteeringOptions {
    var options = SteeringOptions()
    options.mode = mode
    options.count = count
    options.sampling = sampling.sampling
    options.concept = concept.map { .text($0) }
    options.commandLine = Invocation.current.commandLine
    return options
  }
}
