import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Damaged quantized folders are refused or read, and never end the process or take memory without bound.
///
/// The files obey the rules of safetensors; what is altered is what their tensors say together. What these do
/// not prove: that a folder which is read is right; the formats have no checksums.
struct QuantizedFolderFuzzTests {
  /// A tensor that is to be written.
  private struct Entry {
    var name: String
    var type: ElementType
    var shape: [Int]
    var bytes: [UInt8]
  }

  private func entries(of url: URL) throws -> [Entry] {
    try SafetensorsFile(at: url).tensors.map { tensor in
      Entry(
        name: tensor.name, type: try #require(tensor.elementType), shape: tensor.shape,
        bytes: tensor.withBytes { bytes in bytes.indices.map { bytes[$0] } })
    }
  }

  private func file(_ entries: [Entry]) -> [UInt8] {
    var (members, data): ([String], [UInt8]) = ([], [])
    for entry in entries {
      let end = data.count + entry.bytes.count
      members.append(
        "\"\(entry.name)\":{\"dtype\":\"\(entry.type.rawValue)\",\"shape\":\(entry.shape),"
          + "\"data_offsets\":[\(data.count),\(end)]}")
      data += entry.bytes
    }
    return safetensors("{\(members.joined(separator: ","))}") + data
  }

  /// Tensors that are missing, exchanged, of another type or shape, shorter, or of other bytes.
  private func mutate(_ entries: inout [Entry], using generator: inout SeededGenerator) {
    let index = Int.random(in: 0..<entries.count, using: &generator)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0 where entries.count > 1:
      entries.remove(at: index)
    case 1:
      let other = Int.random(in: 0..<entries.count, using: &generator)
      (entries[index].name, entries[other].name) = (entries[other].name, entries[index].name)
    case 2:
      let width = entries[index].type.width
      entries[index].type =
        ElementType.allCases.filter { $0.width == width }.randomElement(using: &generator)
        ?? entries[index].type
    case 3:
      entries[index].shape.reverse()
    case 4:
      entries[index].shape = [entries[index].shape.reduce(1, *)]
    case 5:
      let rows = entries[index].shape.first ?? 1
      let kept = Int.random(in: 0...rows, using: &generator)
      entries[index].bytes = Array(
        entries[index].bytes.prefix(entries[index].bytes.count / max(rows, 1) * kept))
      if !entries[index].shape.isEmpty { entries[index].shape[0] = kept }
      if entries[index].shape.isEmpty && kept == 0 { entries[index].shape = [0] }
    default:
      // Descriptions above all: they are short, and every byte has a meaning.
      let states = entries.indices.filter { entries[$0].name.contains("quant_state") }
      let chosen = states.randomElement(using: &generator) ?? index
      guard !entries[chosen].bytes.isEmpty else { return }
      let place = Int.random(in: 0..<entries[chosen].bytes.count, using: &generator)
      let digits = entries[chosen].bytes.indices.filter { 48...57 ~= entries[chosen].bytes[$0] }
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: entries[chosen].bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1:
        entries[chosen].bytes[place] =
          Array("{}[]\",:-.e09 ".utf8).randomElement(using: &generator) ?? 0
      default:
        let digit = digits.randomElement(using: &generator) ?? place
        entries[chosen].bytes[digit] = UInt8.random(in: 48...57, using: &generator)
      }
    }
  }

  /// Touches everything that a reader of a model may touch.
  private func exercise(_ url: URL) throws(InputError) -> Int {
    let checkpoint = try Checkpoint(at: url)
    var touched = checkpoint.fingerprint().count
    for tensor in checkpoint.tensors {
      touched += tensor.firstNonFiniteIndex() == nil ? 1 : 2
      guard tensor.isComputable, tensor.elementCount < 1 << 20 else { continue }
      touched += tensor.values(as: Float.self).count + tensor.values(as: Double.self).count
    }
    return touched
  }

  @Test(.timeLimit(.minutes(5)), arguments: QuantizedFolderTests.names)
  func damagedFoldersAreReadOrRefused(name: String) throws {
    let folder = try QuantizedFolderTests.copy(name)
    #expect(try exercise(folder.url) > 0)
    let original = try entries(of: folder.url.appending(path: "model.safetensors"))
    let configuration = try MappedFile(at: folder.url.appending(path: "config.json")).bytes
    var (read, refused) = (0, 0)
    for seed in 0..<600 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      var entries = original
      for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&entries, using: &generator) }
      try folder.write(file(entries), to: "model.safetensors")
      if seed % 4 == 0 {
        var bytes = configuration
        let digits = bytes.indices.filter { 48...57 ~= bytes[$0] }
        if let digit = digits.randomElement(using: &generator) {
          bytes[digit] = UInt8.random(in: 48...57, using: &generator)
        }
        try folder.write(bytes, to: "config.json")
      }
      do throws(InputError) {
        _ = try exercise(folder.url)
        read += 1
      } catch {
        #expect(!error.description.isEmpty, "seed \(seed)")
        refused += 1
      }
    }
    #expect(read > 0 && refused > 0, "\(read) read, \(refused) refused")
  }
}
