import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A folder that mlx-lm saved computes what the folder does that it was made of.
///
/// mlx-lm stacks experts, and of delta networks it moves the convolutions' axes and adds 1 to the weights of the
/// other norms. What this does not prove: that its own program computes the same.
struct MLXFolderTests {
  private static func open(_ name: String) throws -> Checkpoint {
    try Checkpoint(at: Repository.folder.appending(path: "Tests/Fixtures/mlx/\(name)"))
  }

  @Test(arguments: ["qwen3-moe", "gemma4-moe", "mxfp4-gpt-oss"])
  func stackedExpertsAreTheSameBitForBit(name: String) throws {
    let isQuantized = name.hasPrefix("mxfp4")
    let folder = Repository.folder.appending(
      path: "Tests/Fixtures/\(isQuantized ? "quantized/" : "")\(name)")
    let (ours, theirs) = (try Checkpoint(at: folder), try Self.open(name))
    let tokens = [3, 14, 15, 9, 2, 6]
    #expect(try outputs(theirs, tokens) as [[Float]] == outputs(ours, tokens))
    #expect(try outputs(theirs, tokens) as [[Double]] == outputs(ours, tokens))
    if isQuantized { #expect(theirs.tensors.contains { $0.format == "MXFP4" }) }
  }

  @Test(arguments: ["qwen3-5", "qwen3-5-moe"])
  func deltaNetworksAreReadAsMLXStoresThem(name: String) throws {
    let reference = try Fixture(name: name).reference()
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let found: [[S]] = try outputs(Self.open(name), reference.tokens())
      // Norms with 1 added are rounded to 32 bits in both precisions.
      let bounds = Bounds.of(Float.self)
      #expect(relativeError(found[0], try reference.values("logits")) < bounds.stream)
      #expect(relativeError(found[1], try reference.values("output")) < bounds.stream)
      #expect(relativeError(found[2], try reference.values("jacobian")) < bounds.jacobian)
    }
  }
}
