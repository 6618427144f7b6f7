import Foundation
import Secant
import SecantTestSupport
import Testing

/// A tiny random checkpoint with reference values, written by `Tools/fixtures`.
struct Fixture: Sendable, CustomTestStringConvertible {
  let name: String
  var testDescription: String { name }

  /// One fixture of each kind of shape, one with biases, and one of each family that differs in its blocks.
  static let all = [
    "llama-plain", "llama-gqa-6-2", "llama-gqa-5-1", "llama-head-width", "llama-rope-llama3-new",
    "llama-biases", "llama-gelu", "llama-float64", "qwen2-sliding", "qwen3-moe", "qwen3-next-moe",
    "qwen3-5", "gemma2-old", "gemma3-multimodal", "gemma4", "gemma4-moe", "gemma4-e2b",
    "phi3-longrope-old",
    "olmo2-biases", "gpt2", "gpt-neox",
  ].map(Fixture.init)
  /// Those whose blocks all have attention, from which positions can be hidden.
  static let withAttentionAlone = all.filter { fixture in
    !["qwen3-next", "qwen3-5"].contains { fixture.name.hasPrefix($0) }
  }
  static let plain = Fixture(name: "llama-plain")
  static let biases = Fixture(name: "llama-biases")

  var folder: URL {
    Repository.folder.appending(path: "Tests/Fixtures/\(name)")
  }

  func model<S: Scalar>(_: S.Type) throws -> Model<S> {
    try Model<S>(Checkpoint(at: folder), name: name)
  }

  /// The values of a reference tensor of float64.
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

  /// The position, not the last, for which there is a reference Jacobian.
  func otherPosition() throws -> Int {
    let prefix = "jacobian.position."
    let names = try file().tensors.map(\.name)
    let name = try #require(names.first { $0.hasPrefix(prefix) })
    return try #require(Int(name.dropFirst(prefix.count)))
  }

  private func file() throws -> SafetensorsFile {
    try SafetensorsFile(at: folder.appending(path: "reference.safetensors"))
  }

  private func tensor(_ name: String) throws -> StoredTensor {
    try #require(file().tensors.first { $0.name == name }, "no reference \(name)")
  }
}

/// A real trained model with a real tokenizer, where it is at hand.
enum Stories {
  static let folder = LocalData.folder?.appending(path: "models/stories260K/hf")

  static func model<S: Scalar>(_: S.Type) throws -> Model<S> {
    try Model<S>(Checkpoint(at: #require(folder)), name: "stories260K")
  }
}

/// Bounds that follow from rounding.
///
/// A forward pass or a Jacobian of these sizes is some hundred roundings deep, so that relative errors
/// lie two orders above the unit roundoff.
struct Bounds: Sendable {
  /// ‖Σ J_i x_i + b − y‖ / ‖y‖.
  let reconstruction: Double
  /// Relative error of a singular value against a float64 reference.
  let singularValue: Double

  static func of<S: Scalar>(_: S.Type) -> Bounds {
    S.self == Float.self
      ? Bounds(reconstruction: 3e-6, singularValue: 1e-4)
      : Bounds(reconstruction: 1e-13, singularValue: 1e-11)
  }
}
