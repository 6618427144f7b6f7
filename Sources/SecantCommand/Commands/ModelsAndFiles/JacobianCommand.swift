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
      y = sum_i J_i x_i + b. For detached maps, b is the contribution of biases; for ordinary maps, it is \
      the rest of y. The metadata has kind, site, gate, precision, position and provenance.

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

  @Flag(help: "With --dry-run: print the estimate as JSON with a versioned schema.")
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
    let options = ExplanationOptions(nil, map, nil, memory)
    try Outputs.written { outputs in
      let output = try outputs.file(output, option: "--output")
      let asked = try Asked<S>(model, prompt, progress, outputs)
      let (model, line) = (asked.inquiry.model, asked.inquiry.line)
      for note in model.notes { line.note(note) }
      if try asked.planned(
        by: dryRun, json, { try $0.model.planJacobianFile($0.prompt, kind: kind, options) })
      {
        return
      }
      let file = try output.write { place in
        try model.writeJacobians(asked.inquiry.prompt, to: place, kind: kind, options) {
          line.show($0)
        }
      }
      line.end()
      try StandardOutput.write(
        """
        \(StandardOutput.shown(output.path)): \(file.kind.rawValue) jacobian \(file.shape) \(S.precisionName), \(options.site) at position \(file.position)
        relative reconstruction error \(String(format: "%.1e", file.relativeError))

        """)
    }
  }
}
