import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport

/// A random low-rank adapter of a checkpoint as PEFT saves it, in a folder that goes when this does.
final class AdapterFolder {
  let folder: URL
  /// The number of adapted matrices.
  let count: Int

  /// - Parameters:
  ///   - checkpoint: The model.
  ///   - size: The largest number in A and in B; 0 gives an adapter that adds nothing.
  ///   - adapts: Whether a matrix of the blocks is adapted, by its name without ".weight"; by default all are.
  /// - Throws: Why the files cannot be written.
  init(
    of checkpoint: Checkpoint, size: Float = 0.3, adapts: (String) -> Bool = { _ in true }
  ) throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let settings = #"{"peft_type": "LORA", "r": 2, "lora_alpha": 3, "target_modules": null}"#
    try Data(settings.utf8).write(to: folder.appending(path: "adapter_config.json"))
    var generator = SeededGenerator(seed: 61)
    var factors: [(name: String, shape: [Int])] = []
    for tensor in checkpoint.tensors
    where tensor.shape.count == 2 && tensor.name.hasSuffix(".weight") {
      let module = String(tensor.name.dropLast(".weight".count))
      guard module.contains(/\.[0-9]+\./), adapts(module) else { continue }
      // Of GPT-2's projections the columns are the outputs.
      let sizes = module.contains(".c_") ? tensor.shape.reversed() : tensor.shape
      factors.append(("base_model.model.\(module).lora_A.weight", [2, sizes[1]]))
      factors.append(("base_model.model.\(module).lora_B.weight", [sizes[0], 2]))
    }
    count = factors.count / 2
    let writer = try SafetensorsWriter(
      factors.map { .init(name: $0.name, elementType: .f32, shape: $0.shape) },
      to: folder.appending(path: "adapter_model.safetensors"))
    for (name, shape) in factors {
      let values = (0..<shape[0] * shape[1]).map { _ in
        size * Float.random(in: -1...1, using: &generator)
      }
      try writer.write(values.span, to: name)
    }
    try writer.commit()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// The checkpoint with the adapter.
  func applied(to checkpoint: Checkpoint) throws -> Checkpoint {
    try checkpoint.adapted(by: LowRankAdapter(at: folder))
  }
}
