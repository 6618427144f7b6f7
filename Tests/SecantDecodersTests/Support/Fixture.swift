import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A tiny random checkpoint with reference values.
///
/// The values were computed in float64 by automatic differentiation of another implementation, by
/// the scripts in `Tools/fixtures`; their names are explained there.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  static let all = [
    "llama-plain", "llama-gqa-6-2", "llama-gqa-5-1", "llama-head-width", "llama-rope-llama3-old",
    "llama-rope-llama3-new", "llama-biases", "llama-rope-linear", "llama-gelu-tanh", "llama-gelu",
    "llama-relu", "llama-float64", "llama-rope-dynamic", "qwen2-grouped", "qwen2-sliding",
    "qwen3-old", "qwen3-new", "qwen3-biases", "qwen3-yarn-old", "qwen3-yarn-new",
    "qwen3-yarn-mscale", "qwen3-yarn-factor", "qwen3-moe", "qwen3-moe-unnormalized",
    "qwen3-next", "qwen3-next-moe", "qwen3-5", "qwen3-5-moe", "gemma2-old",
    "gemma2-new", "gemma2-untied", "gemma3-old", "gemma3-new", "gemma3-untied",
    "gemma3-multimodal", "gemma4", "gemma4-blocks", "gemma4-untied", "gemma4-multimodal",
    "gemma4-moe", "gemma4-unified", "gemma4-per-layer", "gemma4-shared", "gemma4-e2b",
    "phi3-window", "phi3-grouped", "phi3-longrope-old", "phi3-longrope-new",
    "phi3-longrope-short", "phi3-longrope-su", "mistral-window", "mistral-full", "ministral",
    "olmo2-plain", "olmo2-biases", "gpt2", "gpt2-untied", "gpt-neox", "gpt-neox-sequential",
    "olmo3-old", "olmo3-new", "smollm3", "granite",
    "ministral3", "granite4", "granite4-nope", "gpt-oss-old", "gpt-oss-new", "gpt-oss-tied",
  ].map(Fixture.init)

  /// Those whose blocks all have attention, from which positions can be hidden.
  static let withAttentionAlone = all.filter { fixture in
    !["qwen3-next", "qwen3-5"].contains { fixture.name.hasPrefix($0) }
  }

  /// Those whose blocks read nothing but the stream before them.
  static let readingTheStreamAlone = all.filter { fixture in
    !["gemma4-per-layer", "gemma4-shared", "gemma4-e2b"].contains(fixture.name)
  }

  var folder: URL {
    Repository.folder.appending(path: "Tests/Fixtures/\(name)")
  }

  func decoder<S: Scalar>(_: S.Type) throws -> Decoder<S> {
    try Decoder<S>(Checkpoint(at: folder))
  }

  func reference() throws -> Reference {
    Reference(file: try SafetensorsFile(at: folder.appending(path: "reference.safetensors")))
  }

  /// Products with the ordinary Jacobians.
  func ordinaryProducts() throws -> Reference {
    Reference(file: try SafetensorsFile(at: folder.appending(path: "ordinary.safetensors")))
  }

  /// The reference values of one fixture.
  struct Reference {
    let file: SafetensorsFile

    func tensor(_ name: String) throws -> StoredTensor {
      try #require(file.tensors.first { $0.name == name }, "no reference \(name)")
    }

    func values(_ name: String) throws -> [Double] {
      try tensor(name).values(as: Double.self)
    }

    func tokens() throws -> [Int] {
      try tensor("tokens").withBytes { bytes in
        (0..<bytes.count / 8).map { index in
          (0..<8).reduce(0) { $0 | Int(bytes[index * 8 + $1]) << (8 * $1) }
        }
      }
    }

    /// The position of the reference Jacobian that is not the last.
    func otherPosition() throws -> Int {
      let prefix = "jacobian.position."
      let name = try #require(file.tensors.map(\.name).first { $0.hasPrefix(prefix) })
      return try #require(Int(name.dropFirst(prefix.count)))
    }
  }
}

/// Bounds on relative errors against float64 references: a forward pass or a Jacobian of these sizes
/// is some hundred roundings deep, so each lies two orders above the unit roundoff times that.
struct Bounds: Sendable {
  let stream: Double
  let jacobian: Double
  let reconstruction: Double

  static func of<S: Scalar>(_: S.Type) -> Bounds {
    S.self == Float.self
      ? Bounds(stream: 5e-5, jacobian: 1e-4, reconstruction: 3e-6)
      : Bounds(stream: 1e-12, jacobian: 1e-11, reconstruction: 1e-13)
  }
}
