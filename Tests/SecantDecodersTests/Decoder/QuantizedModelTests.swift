import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A quantized folder is the same model as one of its weights in plain numbers.
///
/// What this does not prove: that the model is close to the one that was quantized.
struct QuantizedModelTests {
  private static let folder = Repository.folder.appending(path: "Tests/Fixtures/quantized")

  @Test(
    arguments: [
      "mlx-llama", "mlx-mixture", "nf4-llama", "nf4-qwen3", "fp8-qwen3", "gptq-mixture",
      "gptq-eight",
      "gptq-two", "awq-mixture", "w4a16-llama", "mxfp4-gpt-oss",
    ])
  func outputsAndJacobiansAreTheSameBitForBit(name: String) throws {
    let folder = Self.folder.appending(path: name)
    let (quantized, plain) = (
      try Checkpoint(at: folder), try Checkpoint(at: folder.appending(path: "plain"))
    )
    let tokens = [3, 14, 15, 9, 2, 6]
    let single: [[Float]] = try outputs(quantized, tokens)
    #expect(try single == outputs(plain, tokens))
    #expect(single.allSatisfy { $0.contains { $0 != 0 } && $0.allSatisfy(\.isFinite) })
    #expect(try outputs(quantized, tokens) as [[Double]] == outputs(plain, tokens))
  }

  /// A folder of another quantization opens, so that it can be inspected, and is refused by its name.
  @Test func otherQuantizationsAreRefusedByTheDecoder() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = Self.folder.appending(path: "nf4-llama")
    try FileManager.default.copyItem(
      at: source.appending(path: "model.safetensors"),
      to: folder.appending(path: "model.safetensors"))
    let text = try String(contentsOf: source.appending(path: "config.json"), encoding: .utf8)
    try Data(text.replacing("\"bitsandbytes\"", with: "\"hqq\"").utf8).write(
      to: folder.appending(path: "config.json"))
    let checkpoint = try Checkpoint(at: folder)
    #expect(checkpoint.tensorNames.contains { $0.hasSuffix(".absmax") })
    let error = #expect(throws: InputError.self) { try Decoder<Float>(checkpoint) }
    #expect(error?.kind == .unsupported)
    #expect(error?.description.contains("hqq") == true, "\(String(describing: error))")
    #expect(error?.description.contains("GGUF") == true)
  }
}
