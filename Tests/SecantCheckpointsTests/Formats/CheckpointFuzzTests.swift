import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Damaged files are refused or read, and never end the process.
///
/// What these do not prove: that a file which is read is right; the format has no checksum.
struct CheckpointFuzzTests {
  /// A small checkpoint in two shards, every element type among its tensors.
  private func makeCheckpoint(in folder: TemporaryFolder) throws {
    try folder.write("{\"model_type\": \"llama\", \"hidden_size\": 4}", to: "config.json")
    var members: [String] = []
    for (number, types) in [ElementType.allCases.prefix(8), ElementType.allCases.dropFirst(8)]
      .enumerated()
    {
      let shard = "model-\(number).safetensors"
      let writer = try SafetensorsWriter(
        types.map { .init(name: $0.rawValue, elementType: $0, shape: [2, 3]) },
        metadata: ["format": "pt"], to: folder.url.appending(path: shard))
      for type in types {
        for start in 0..<6 {
          switch type.width {
          case 1: try writer.write([1].span as Span<UInt8>, to: type.rawValue, at: start)
          case 2: try writer.write([0x3c01].span as Span<UInt16>, to: type.rawValue, at: start)
          case 4: try writer.write([0x3f80_0001].span as Span<UInt32>, to: type.rawValue, at: start)
          default:
            try writer.write(
              [0x3ff0_0000_0000_0001].span as Span<UInt64>, to: type.rawValue, at: start)
          }
        }
        members.append("\"\(type.rawValue)\": \"\(shard)\"")
      }
      try writer.commit()
    }
    try folder.write(
      "{\"weight_map\": {\(members.joined(separator: ", "))}}", to: "model.safetensors.index.json")
  }

  /// One to three of: flipped bits, bytes of meaning to the format, cuts, insertions, copies within, digits.
  private func mutate(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[index] = Array("{}[]\",:\\-.eE09 \0".utf8).randomElement(using: &generator) ?? 0
      case 2: bytes.removeSubrange(index...)
      case 3: bytes.removeSubrange(index..<min(bytes.count, index + 8))
      case 4:
        let end = Int.random(in: index...bytes.count, using: &generator)
        bytes.insert(
          contentsOf: bytes[index..<end], at: Int.random(in: 0...index, using: &generator))
      case 5: bytes[index % 8] = UInt8.random(in: .min ... .max, using: &generator)
      case 6:
        let digits = bytes.indices.filter { 48...57 ~= bytes[$0] }
        if let digit = digits.randomElement(using: &generator) {
          bytes.replaceSubrange(
            digit...digit, with: "\(UInt64.random(in: 0...(.max), using: &generator))".utf8)
        }
      default:
        let digits = bytes.indices.filter { 48...57 ~= bytes[$0] }
        if let digit = digits.randomElement(using: &generator) {
          bytes[digit] = UInt8.random(in: 48...57, using: &generator)
        }
      }
    }
    return bytes
  }

  /// Touches everything that a reader of a checkpoint may touch.
  private func exercise(_ checkpoint: Checkpoint) -> Int {
    var touched = checkpoint.fingerprint().count + checkpoint.totalBytes
    for tensor in checkpoint.tensors {
      touched += tensor.withBytes { span in span.indices.reduce(0) { $0 + Int(span[$1]) } }
      touched += tensor.rowCount &+ tensor.rowLength &+ (tensor.firstNonFiniteIndex() ?? 0)
      guard tensor.isComputable else { continue }
      touched += tensor.values(as: Float.self).count + tensor.values(as: Double.self).count
      touched += tensor.withElements(as: Float.self) { $0.count } ?? 0
    }
    return touched
  }

  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      "config.json", "model.safetensors.index.json", "model-0.safetensors", "model-1.safetensors",
    ])
  func damagedCheckpointsAreReadOrRefused(name: String) throws {
    let folder = try TemporaryFolder()
    try makeCheckpoint(in: folder)
    #expect(exercise(try Checkpoint(at: folder.url)) > 0)
    let original = try MappedFile(at: folder.url.appending(path: name)).bytes
    var refused = 0
    for seed in 0..<1000 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      try folder.write(mutate(original, using: &generator), to: name)
      do throws(InputError) {
        _ = exercise(try Checkpoint(at: folder.url))
      } catch {
        refused += 1
        let isOneLine = !error.description.contains(where: \.isNewline)
        #expect(isOneLine, "seed \(seed)")
      }
    }
    #expect(refused > 100, "the mutations do no damage")
  }
}
