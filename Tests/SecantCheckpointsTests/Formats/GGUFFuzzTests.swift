import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// Damaged GGUF files are refused or read, and never end the process or take memory without bound.
///
/// What these do not prove: that a file which is read is right; the format has no checksum.
struct GGUFFuzzTests {
  private static let folder = Repository.folder.appending(path: "Tests/Fixtures/gguf")

  /// One to three of: flipped bits, numbers that announce much, cuts, insertions and copies, most of them in
  /// the header, where every byte has a meaning.
  private func mutate(_ bytes: [UInt8], header: Int, using generator: inout SeededGenerator)
    -> [UInt8]
  {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) where bytes.count > 16 {
      let bound = Bool.random(using: &generator) ? min(header, bytes.count) : bytes.count
      let index = Int.random(in: 0..<bound - 8, using: &generator)
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      case 2: bytes.removeSubrange(index...)
      case 3: bytes.removeSubrange(index..<index + 8)
      case 4:
        let end = min(bytes.count, index + Int.random(in: 1...64, using: &generator))
        bytes.insert(
          contentsOf: bytes[index..<end], at: Int.random(in: 0...index, using: &generator))
      case 5:
        let number =
          UInt64.random(in: 0...(.max), using: &generator)
          >> UInt64.random(in: 0..<64, using: &generator)
        for byte in 0..<8 { bytes[index + byte] = UInt8(truncatingIfNeeded: number >> (8 * byte)) }
      default: for byte in 0..<4 { bytes[index + byte] = 0xff }
      }
    }
    return bytes
  }

  /// Touches everything that a reader of a model may touch.
  private func exercise(_ url: URL) throws(InputError) -> Int {
    let file = try GGUFFile(at: url)
    var touched = 0
    for key in file.keys {
      if let array = try? file[key].array() {
        touched += array.count
        if array.count < 1000 { touched += (try? array.values().count) ?? 0 }
      }
      touched += (try? file[key].int()) ?? 0 == 0 ? 1 : 2
    }
    let checkpoint = try Checkpoint(at: url)
    touched += checkpoint.fingerprint().count
    for tensor in checkpoint.tensors {
      touched += tensor.firstNonFiniteIndex() == nil ? 1 : 2
      guard tensor.isComputable, tensor.elementCount < 1 << 20 else { continue }
      touched += tensor.values(as: Float.self).count + tensor.values(as: Double.self).count
    }
    return touched
  }

  @Test(
    .timeLimit(.minutes(5)),
    arguments: [
      ("llama-rope-llama3-new", 2000), ("qwen3-moe", 2000), ("gemma3-old", 2000),
      ("phi3-longrope-new", 2000), ("mixed", 1000),
    ])
  func damagedModelsAreReadOrRefused(name: String, count: Int) throws {
    let folder = try TemporaryFolder()
    let original = Self.folder.appending(path: "\(name).gguf")
    #expect(try exercise(original) > 0)
    let bytes = try MappedFile(at: original).bytes
    var refused = 0
    for seed in 0..<UInt64(count) {
      var generator = SeededGenerator(seed: seed)
      let url = try folder.write(
        mutate(bytes, header: 3000, using: &generator), to: "model.gguf")
      do throws(InputError) {
        _ = try exercise(url)
      } catch {
        refused += 1
        let isOneLine = !error.description.contains(where: \.isNewline)
        #expect(isOneLine, "seed \(seed)")
      }
    }
    #expect(refused > count / 10, "the mutations do no damage")
  }

  @Test(.timeLimit(.minutes(5)), .enabled(if: LocalData.folder != nil, "real data not at hand"))
  func damagedVocabulariesAreReadOrRefused() throws {
    let data = try #require(LocalData.folder).appending(path: "llamacpp")
    let names = try FileManager.default.contentsOfDirectory(atPath: data.path)
      .filter { $0.hasSuffix(".gguf") }.sorted()
    let folder = try TemporaryFolder()
    for name in names {
      let bytes = try MappedFile(at: data.appending(path: name)).bytes
      for seed in 0..<40 as Range<UInt64> {
        var generator = SeededGenerator(seed: seed)
        let url = try folder.write(
          mutate(bytes, header: 3000, using: &generator), to: "model.gguf")
        do throws(InputError) {
          _ = try GGUFFile(at: url)["tokenizer.ggml.tokens"].byteStrings()
        } catch { _ = error.description }
      }
    }
  }
}
