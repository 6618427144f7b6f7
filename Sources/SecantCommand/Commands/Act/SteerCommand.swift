import ArgumentParser
import Foundation
import Secant

/// `secant steer`: the map of one phrase, applied to other texts.
struct SteerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steer",
    abstract: "Steers a text by the linear map of a phrase, or along one direction.",
    discussion: """
      The detached Jacobian of a block's output, computed once for a phrase, pushes the continuation of \
      another prompt towards the topic of the phrase. toward needs no phrase: it pushes along the direction of a \
      token, of a singular vector, or of a difference of two texts.

        secant steer build "The Golden Gate" --block 1 -o bridge.safetensors
        secant steer run bridge.safetensors "They walked to the" --strength 1
        secant steer toward "They walked to the" --block 1 --token bridge
        secant steer export bridge.safetensors -o bridge.gguf
      """,
    subcommands: [
      SteerBuildCommand.self, SteerRunCommand.self, SteerTowardCommand.self,
      SteerExportCommand.self,
    ])
}

/// `secant steer build`: a phrase's operator, in a file.
struct SteerBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Writes the steering operator of a phrase to a safetensors file.",
    usage: """
      secant steer build [<options>] --block <n> --output <file> <prompt>
      secant steer build [<options>] --block <n> -o <file> --tokens <1,2,3>
      """,
    discussion: """
      The operator is J = [J_0 | ... | J_(T-1)]: the detached Jacobians from the vectors that enter block 0 to the \
      stream after a block at the phrase's last token, without the final norm. The file has the whole \
      matrix or, with --rank, its leading singular triplets and the fraction of the energy that they keep.

        secant steer build "The Golden Gate" --block 1 -o bridge.safetensors
        secant steer build "The Golden Gate" --block 1 --rank 32 -o b32.safetensors
      """)

  @OptionGroup var phrase: PromptOptions

  @Option(
    name: [.customLong("block"), .customLong("layer")], parsing: .unconditional,
    help: ArgumentHelp(
      "The block, from 0, after which the map ends and the stream is changed.", valueName: "n"))
  var block: Int

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; it appears when it is complete.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var output: String

  @OptionGroup var model: ModelOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep this many singular triplets. (default: the whole map)", valueName: "number"))
  var rank: Int?

  @OptionGroup var rule: GateOptions

  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That the rank is out of range.
  func validate() throws {
    if let rank, rank < 1 {
      throw ValidationError("--rank: expected at least 1, found \(rank)")
    }
  }

  /// - Throws: Why there is no file.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let file = try outputs.file(output, option: "--output")
      let phrase = try phrase.read(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.openWithNotes(S.self, line, sparing: outputs)
      let exact = try model.steeringOperator(for: phrase, after: block, gate: rule.gate)
      line.update("computing the operator", fraction: 0)
      let steering = try rank.map { try exact.truncated(rank: $0) } ?? exact
      let arguments = Invocation.current.commandLine
      let size = try file.write { place in
        try steering.write(to: place, commandLine: arguments) { done in
          line.update("computing the operator", fraction: done)
        }
        return try place.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      }
      line.end()
      try report.print(
        model.report(on: steering, fileBytes: size, commandLine: arguments)
      ) { $0.terminalText($1) }
    }
  }
}

/// `secant steer export`: one vector of an operator, for other programs.
struct SteerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a control vector for llama.cpp, in GGUF.",
    usage: "secant steer export [<options>] --output <file> <operator> [<prompt>]",
    discussion: """
      The vector is |f| a / (2 |a|), with f the stream after the operator's block at the prompt's last \
      token and a = sum_i J_(i mod T) x_i: what the mode add with strength 1 adds there. llama.cpp adds it, \
      times the scale that it is given, at every position. It has no place for block 0.

        secant steer export bridge.safetensors "They walked to the" -o bridge.gguf
        llama-cli -m model.gguf --control-vector-scaled bridge.gguf 1
      """)

  @Argument(help: "The operator's file.", completion: .file(extensions: ["safetensors"]))
  var `operator`: String

  @Argument(
    help: """
      The text at whose last token the vector is taken; - for standard input. (default: the phrase)
      """)
  var prompt: [String] = []

  @OptionGroup var source: PromptFileOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Token ids in place of a text.", valueName: "1,2,3"),
    transform: TokenList.init)
  var tokens: TokenList?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; it appears when it is complete.", valueName: "file"),
    completion: .file(extensions: ["gguf"]))
  var output: String

  @OptionGroup var model: ModelOptions

  /// - Throws: That the prompt is given in two ways, or that the text is empty.
  func validate() throws { try checkPrompts(prompt, file: source.file, tokens: tokens) }

  /// - Throws: Why there is no file.
  func run() throws {
    try Outputs.written { outputs in
      let file = try outputs.file(output, option: "--output")
      let input = try input(sparing: outputs)
      let steering = try SteeringOperator<Float>(named: `operator`, sparing: outputs)
      guard steering.block >= 1 else {
        throw InputError(
          .unsupported, file: `operator`, subject: "the block",
          expected: "one from 1 on, as llama.cpp adds nothing after block 0", found: "0",
          remedy: "build the operator for a later block")
      }
      let line = ProgressLine("reading the model", isQuiet: false)
      let model = try model.openWithNotes(Float.self, line, sparing: outputs)
      line.end()
      let vector = try model.controlVector(of: steering, at: input)
      let architecture = model.decoder.configuration.architecture
      try file.write { place in
        try ControlVectorFile.write(
          vector, block: steering.block, architecture: architecture, to: place)
      }
      try StandardOutput.write(
        "\(StandardOutput.shown(file.path)): direction.\(steering.block) [\(vector.count)], "
          + "for \(architecture)\n")
    }
  }

  /// The prompt; nil where it is the phrase.
  private func input(sparing outputs: Outputs) throws -> PromptInput? {
    try checkOneText(prompt)
    if let tokens { return .tokens(tokens.ids) }
    let text = source.file.map { PromptText(file: $0) } ?? prompt.first.map { PromptText($0) }
    if let url = text?.url { try outputs.spare([url], "the prompt") }
    return try text.map { .text(try $0.read()) }
  }
}

extension SteeringOperator {
  /// The operator in a file whose path may begin with `~`.
  ///
  /// - Throws: What about the file is wrong, or that an output has its place.
  init(named path: String, sparing outputs: Outputs) throws {
    let url = URL(filePath: NSString(string: path).expandingTildeInPath)
    try outputs.spare([url], "the operator")
    try self.init(at: url)
  }
}
