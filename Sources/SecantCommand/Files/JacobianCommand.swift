import ArgumentParser
import Foundation
import Secant

/// `secant jacobian`: the maps themselves, for other programs.
struct JacobianCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jacobian",
    abstract: "Writes every token's linear map to a safetensors file.",
    usage: """
      secant jacobian [<options>] --output <file> <prompt>
      secant jacobian [<options>] --output <file> --tokens <1,2,3>
      """,
    discussion: """
      The file holds the vectors that enter block 0 (input, [T, d]), the output y (output, [d]), the \
      maps (jacobian, [T, d, d], indexed by token, output and input; zero for tokens after the \
      position), the offset b (offset, [d]) and the token ids (tokens, [T], int64), so that \
      y = sum_i J_i x_i + b. Detached maps leave to b what biases contribute, ordinary ones all that \
      the derivative does not give of y. Its metadata names kind, site, gate, precision, position and \
      provenance.

        secant jacobian "The capital of France is" --output J.safetensors
        secant jacobian --tokens 1,393,12 -o J3.safetensors --site block.3.residual
        secant jacobian "The capital of France is" -o K.safetensors --kind ordinary
      """)

  @OptionGroup var prompt: PromptOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write; it appears when it is complete.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var output: String

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The map through the origin and the output (detached), or the derivative (ordinary).",
      valueName: "kind"))
  var kind = JacobianKind.detached

  @OptionGroup var map: MapOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var dryRun: DryRunOptions

  @Flag(help: "With --dry-run: print the estimate as JSON, whose schema has a version.")
  var json = false

  @OptionGroup var progress: ProgressOptions

  /// - Throws: That options do not go together.
  func validate() throws {
    if kind == .ordinary, map.gate != .up {
      throw ValidationError(
        "--gate: expected none with --kind ordinary, found \(map.gate.rawValue); the derivative "
          + "holds no factor fixed")
    }
    if json, !dryRun.dryRun {
      throw ValidationError("--json: expected --dry-run with it, found none; the result is a file")
    }
  }

  /// - Throws: Why there is no file.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let output = try outputs.file(output, option: "--output")
      let prompt = try prompt.read(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.openWithNotes(S.self, line, sparing: outputs)
      try write(model, prompt, to: output, line)
    }
  }

  private func write<S: Scalar>(
    _ model: Model<S>, _ prompt: PromptInput, to output: OutputFile, _ line: ProgressLine
  ) throws {
    let configuration = model.decoder.configuration
    let reading = try model.read(prompt)
    let tokens = reading.tokens
    let position = try position(in: tokens.count)
    try checkSite(configuration)
    let cost = JacobianCost(
      configuration: configuration, kind: kind, promptCount: tokens.count,
      tokenCount: position + 1, scalarBytes: MemoryLayout<S>.stride, memory: memory.memory.bytes)
    let rowsPerBlock = try cost.rowsPerBlock()
    if dryRun.dryRun {
      line.end()
      let plan = try plan(of: cost, rowsPerBlock, for: tokens, model)
      try StandardOutput.write(plan, asJSON: json) { $0.terminalText($1) }
      return
    }
    let file = JacobianFile(
      maps: try model.decoder.maps(kind, at: tokens, gate: map.gate), site: map.site,
      position: position,
      rowsPerBlock: rowsPerBlock)
    let metadata = try metadata(model.identity, reading.chat, position: position)
    let error = try output.write { place in
      try file.write(to: place, metadata: metadata) {
        line.update("computing Jacobians", fraction: $0)
      }
    }
    line.end()
    let (T, d) = (tokens.count, configuration.width)
    try StandardOutput.write(
      """
      \(StandardOutput.shown(output.path)): \(kind.rawValue) jacobian [\(T), \(d), \(d)] \(S.precisionName), \(map.site) at position \(position)
      relative reconstruction error \(String(format: "%.1e", error))

      """)
  }

  /// The position counted from 0.
  ///
  /// - Throws: That there is no such position.
  private func position(in count: Int) throws(InputError) -> Int {
    let position = map.position < 0 ? count + map.position : map.position
    guard (0..<count).contains(position) else {
      throw InputError(
        .invalid, subject: "--position", expected: "a position in \(-count)..<\(count)",
        found: "\(map.position)", remedy: "count from 0, or from the end with -1")
    }
    return position
  }

  /// - Throws: That the site's block does not exist.
  private func checkSite(_ configuration: DecoderConfiguration) throws(InputError) {
    guard case .block(let n, _) = map.site, n >= configuration.blockCount else { return }
    throw InputError(
      .invalid, subject: "--site", expected: "a block in 0..<\(configuration.blockCount)",
      found: "\(map.site)", remedy: "count blocks from 0, as in the tensors' names")
  }

  /// What the work would cost, at the speed that the plan of an explanation measures.
  private func plan<S: Scalar>(
    of cost: JacobianCost, _ rowsPerBlock: Int, for tokens: [Int], _ model: Model<S>
  ) throws -> PlanReport {
    var options = ExplanationOptions()
    options.method = .dense
    options.position = map.position
    options.site = map.site
    let explanation = try model.plan(.tokens(tokens), options)
    guard let dense = explanation.estimates.first(where: { $0.method == explanation.method }) else {
      preconditionFailure("a plan estimates the method that it names")
    }
    let secondsPerOperation = dense.seconds / dense.floatingPointOperations
    return PlanReport(
      secantVersion: SecantVersion.current, model: model.identity, tokenCount: tokens.count,
      rank: model.decoder.configuration.width, precision: S.precisionName, method: "dense",
      estimates: [
        .init(
          method: "dense", operatorProducts: cost.products,
          floatingPointOperations: cost.operations,
          seconds: cost.operations * secondsPerOperation,
          peakMemoryBytes: cost.peakBytes(rowsPerBlock: rowsPerBlock))
      ],
      notes: ["The file will take \(cost.fileBytes) bytes."] + explanation.notes)
  }

  /// What the file says of itself.
  private func metadata(
    _ identity: ModelIdentity, _ chat: Provenance.Chat?, position: Int
  ) throws -> [String: String] {
    let provenance = FileProvenance(
      secantVersion: SecantVersion.current, model: identity,
      commandLine: ["secant"] + CommandLine.arguments.dropFirst(), chat: chat)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [
      "kind": kind.rawValue, "site": "\(map.site)",
      "gate": kind == .ordinary ? "none" : map.gate.rawValue,
      "precision": arithmetic.precision.rawValue, "position": "\(position)",
      "provenance": String(decoding: try encoder.encode(provenance), as: UTF8.self),
    ]
  }

  /// All that the file depends on beside its other metadata.
  private struct FileProvenance: Encodable {
    let secantVersion: String
    let model: ModelIdentity
    let commandLine: [String]
    let chat: Provenance.Chat?
  }
}
