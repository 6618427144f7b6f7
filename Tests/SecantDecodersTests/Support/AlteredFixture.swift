import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import Testing

/// A fixture's checkpoint with another configuration or other tensors, in a folder that goes when this does.
final class AlteredFixture {
  let folder: URL

  /// A tensor as numbers.
  struct Numbers {
    var shape: [Int]
    var elements: [Float]
  }

  /// - Parameters:
  ///   - fixture: One whose tensors are stored in at most 32 bits.
  ///   - fields: What config.json says besides or instead, a JSON object.
  ///   - key: Where the fixture's own fields stand in config.json, beside those; at its root if nil.
  ///   - alter: What becomes of the tensors, by their names.
  /// - Throws: Why the copy cannot be written.
  init(
    _ fixture: String, fields: String = "{}", nestedAs key: String? = nil,
    alter: (inout [String: Numbers]) -> Void = { _ in }
  ) throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = Fixture(name: fixture).folder
    var object = try Self.object(try Data(contentsOf: source.appending(path: "config.json")))
    if let key { object = [key: object] }
    object.merge(try Self.object(Data(fields.utf8))) { $1 }
    try JSONSerialization.data(withJSONObject: object)
      .write(to: folder.appending(path: "config.json"))
    var tensors: [String: Numbers] = [:]
    for tensor in try Checkpoint(at: source).tensors where tensor.isComputable {
      tensors[tensor.name] = Numbers(
        shape: tensor.shape, elements: tensor.values(as: Float.self))
    }
    alter(&tensors)
    let writer = try SafetensorsWriter(
      tensors.map { .init(name: $0.key, elementType: .f32, shape: $0.value.shape) },
      to: folder.appending(path: "model.safetensors"))
    for (name, tensor) in tensors { try writer.write(tensor.elements.span, to: name) }
    try writer.commit()
  }

  private static func object(_ text: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func checkpoint() throws -> Checkpoint { try Checkpoint(at: folder) }

  /// What is refused, in words; nil where the model is read.
  func refusal() -> String? {
    do {
      _ = try Decoder<Float>(checkpoint())
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// What a reader is told of the model.
  func notes() throws -> [String] {
    try DecoderConfiguration(checkpoint()).notes(on: checkpoint())
  }
}

/// The logits after each of some tokens.
func logits(_ checkpoint: Checkpoint, _ tokens: [Int] = [5, 6, 9]) throws -> [Double] {
  let decoder = try Decoder<Double>(checkpoint)
  var cache = KeyValueCache<Double>(decoder.configuration)
  return decoder.unembedding.logits(try decoder.forward(tokens, cache: &cache)).elements
}
