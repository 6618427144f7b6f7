import Foundation
import Secant
import SecantTestSupport
import Testing

/// The file that `secant jacobian` writes.
@Suite("secant jacobian")
struct JacobianCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Autograd's values are float64; f32 sums over these widths round to about 1e-7.
  private static let tolerances = ["f32": 1e-4, "f64": 1e-11]

  private func run(_ model: String, tokens: [Int], _ options: [String]) throws -> CommandRun {
    try CommandRun(
      ["jacobian", "--tokens", tokens.map(String.init).joined(separator: ",")]
        + ["--model", model, "--output", folder.path("J.safetensors")] + options)
  }

  private func written() throws -> SafetensorsFile {
    try SafetensorsFile(at: folder.url.appending(path: "J.safetensors"))
  }

  private func tensor(_ name: String, in file: SafetensorsFile) throws -> StoredTensor {
    try #require(file.tensors.first { $0.name == name })
  }

  /// The relative difference of two tensors in the Euclidean norm.
  private func difference(
    _ name: String, in file: SafetensorsFile, from expected: String, in reference: SafetensorsFile
  ) throws -> Double {
    let a = try tensor(name, in: file)
    let b = try tensor(expected, in: reference)
    #expect(a.shape == b.shape)
    let (x, y) = (a.values(as: Double.self), b.values(as: Double.self))
    func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return norm(zip(x, y).map { $0 - $1 }) / max(norm(y), 1)
  }

  private func reference(_ model: String) throws -> (file: SafetensorsFile, tokens: [Int]) {
    let file = try SafetensorsFile(
      at: Fixtures.folder.appending(path: model).appending(path: "reference.safetensors"))
    return (file, try tensor("tokens", in: file).integers)
  }

  @Test(
    arguments: ["llama-plain", "llama-biases", "llama-gqa-5-1", "llama-float64"], ["f32", "f64"])
  func equalsAutograd(model: String, precision: String) throws {
    let (reference, tokens) = try reference(model)
    let tolerance = try #require(Self.tolerances[precision])
    let run = try run(model, tokens: tokens, ["--precision", precision])
    #expect(run.status == 0, "\(run.error)")
    let file = try written()
    for name in ["input", "output", "jacobian", "offset"] {
      let error = try difference(name, in: file, from: name, in: reference)
      #expect(error < tolerance, "\(name)")
    }
    let ids = try tensor("tokens", in: file)
    #expect(ids.elementType == .i64 && ids.shape == [tokens.count] && ids.integers == tokens)
    #expect(try tensor("jacobian", in: file).format == precision.uppercased())
    let metadata = file.metadata
    #expect(metadata["kind"] == "detached" && metadata["site"] == "output")
    #expect(metadata["gate"] == "up" && metadata["precision"] == precision)
    #expect(metadata["position"] == "\(tokens.count - 1)")
    #expect(metadata["provenance"]?.contains("sha256:") == true)
  }

  @Test(arguments: ["gate", "half"]) func obeysTheGateRule(rule: String) throws {
    let (reference, tokens) = try reference("llama-biases")
    _ = try run("llama-biases", tokens: tokens, ["--gate", rule, "--precision", "f64"])
    let error = try difference("jacobian", in: written(), from: "jacobian.\(rule)", in: reference)
    #expect(error < 1e-11)
  }

  @Test(arguments: ["llama-biases", "gemma2-new", "qwen3-moe"], ["f32", "f64"])
  func writesOrdinaryJacobians(model: String, precision: String) throws {
    let (reference, tokens) = try reference(model)
    let tolerance = try #require(Self.tolerances[precision])
    let run = try run(model, tokens: tokens, ["--kind", "ordinary", "--precision", precision])
    #expect(run.status == 0, "\(run.error)")
    let file = try written()
    #expect(try difference("jacobian", in: file, from: "ordinary", in: reference) < tolerance)
    #expect(file.metadata["kind"] == "ordinary" && file.metadata["gate"] == "none")
    // y = Σ K x + b, as of detached maps: b is what the tangent's linear part does not give.
    let (x, y) = (
      try tensor("input", in: file).values(as: Double.self),
      try tensor("output", in: file).values(as: Double.self)
    )
    let (maps, offset) = (
      try tensor("jacobian", in: file).values(as: Double.self),
      try tensor("offset", in: file).values(as: Double.self)
    )
    let width = y.count
    for row in y.indices {
      let sum = tokens.indices.reduce(offset[row]) { sum, token in
        (0..<width).reduce(sum) {
          $0 + maps[(token * width + row) * width + $1] * x[token * width + $1]
        }
      }
      #expect(abs(sum - y[row]) < tolerance)
    }
  }

  @Test(arguments: ["residual", "attention", "feedForward"]) func reads(site: String) throws {
    let (reference, tokens) = try reference("llama-biases")
    _ = try run(
      "llama-biases", tokens: tokens, ["--site", "block.0.\(site)", "--precision", "f64"])
    let file = try written()
    let error = try difference("jacobian", in: file, from: "layer.0.\(site)", in: reference)
    #expect(error < 1e-11)
    let output = try difference("output", in: file, from: "layer.0.\(site).output", in: reference)
    #expect(output < 1e-11)
  }

  @Test func isZeroForTokensAfterThePosition() throws {
    _ = try run("llama-plain", tokens: [5, 6, 7, 8], ["--position", "-3"])
    let jacobian = try tensor("jacobian", in: written())
    let values = jacobian.values(as: Double.self)
    let size = jacobian.shape[1] * jacobian.shape[2]
    #expect(values[..<(2 * size)].contains { $0 != 0 })
    #expect(values[(2 * size)...].allSatisfy { $0 == 0 })
  }

  @Test func oneCommandLineGivesTheSameBytes() throws {
    let bytes = try (0..<2).map { _ in
      _ = try run("llama-plain", tokens: [5, 6, 7], [])
      return try Data(contentsOf: folder.url.appending(path: "J.safetensors"))
    }
    #expect(bytes[0] == bytes[1])
  }

  @Test func littleMemoryChangesNothingButRounding() throws {
    let (reference, tokens) = try reference("llama-plain")
    let run = try run("llama-plain", tokens: tokens, ["--memory", "300K", "--precision", "f64"])
    #expect(run.status == 0, "\(run.error)")
    #expect(try difference("jacobian", in: written(), from: "jacobian", in: reference) < 1e-11)
  }

  @Test func tooLittleMemoryIsRefused() throws {
    let run = try run("llama-plain", tokens: [1, 2, 3], ["--memory", "1K"])
    #expect(run.status == 64)
    #expect(run.error.hasPrefix("secant: --memory: expected at least 1M for 3 tokens, found 1K;"))
    #expect(try folder.names.isEmpty)
  }

  @Test func anOverflowIsRefused() throws {
    let model = try RandomCheckpoint(
      width: 32, feedForwardWidth: 64, blocks: 2, vocabulary: 16, seed: 1, scale: 1e30
    ).write(to: folder.url.appending(path: "model"))
    let run = try run(model.path, tokens: [1, 2, 3], [])
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.hasPrefix("secant: the forward pass in f32: expected finite numbers"))
    #expect(try folder.names == ["model"])
  }

  @Test func anInterruptedRunLeavesNothingBehind() throws {
    let model = try RandomCheckpoint(
      width: 512, feedForwardWidth: 2048, blocks: 2, vocabulary: 64, seed: 7
    ).write(to: folder.url.appending(path: "model"))
    let outputs = folder.url.appending(path: "outputs")
    try FileManager.default.createDirectory(at: outputs, withIntermediateDirectories: true)
    let tokens = (0..<64).map(String.init).joined(separator: ",")
    let process = Process.secant(
      ["jacobian", "--tokens", tokens, "--model", model.path, "--precision", "f64"]
        + ["--output", outputs.appending(path: "J.safetensors").path],
      in: folder.url)
    let error = Pipe()
    process.standardError = error
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    // The check of the path makes a file for a moment; the work's own appears with bytes in it.
    while process.isRunning, bytesBeingWritten(in: outputs) == 0 { usleep(1000) }
    // Not SIGINT, which shells have what runs in the background ignore. It arrives although the thread that
    // this test runs on blocks signals, and the command inherits that.
    process.terminate()
    process.waitUntilExit()
    let message = String(
      decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(message.isEmpty)
    #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGTERM)
    #expect(try FileManager.default.contentsOfDirectory(atPath: outputs.path).isEmpty)
  }
}
