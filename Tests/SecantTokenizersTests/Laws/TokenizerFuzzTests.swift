import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Damaged tokenizers throw or work; they never crash, hang or take memory without bound.
@Suite struct TokenizerFuzzTests {
  private static let texts = [
    "", "The bridge's 1234\n\n  🚀 é <|begin|><s>", "\u{0}\u{202e}aaaaaaaa",
  ]

  private func use(_ tokenizer: Tokenizer?, _ generator: inout SeededGenerator) {
    guard let tokenizer else { return }
    for text in Self.texts {
      guard let tokens = try? tokenizer.encode(text).tokens else { continue }
      #expect(tokens.allSatisfy(tokenizer.contains))
      _ = try? tokenizer.decode(tokens)
    }
    let id = Int.random(in: 0..<600, using: &generator)
    _ = try? tokenizer.decode([id, id])
    _ = tokenizer.displayText(of: id)
  }

  private func use(_ bytes: [UInt8], _ generator: inout SeededGenerator) {
    let json = try? JSONField(parsing: bytes, file: "mutated")
    use(json.flatMap { try? Tokenizer(json: $0) }, &generator)
  }

  private func damage(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let position = Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes.removeSubrange(position...)
      case 1: bytes.remove(at: position)
      case 2: bytes.insert(bytes[position], at: position)
      case 3: bytes[position] = .random(in: 0...255, using: &generator)
      default: bytes[position] = .random(in: 0x20...0x7e, using: &generator)
      }
    }
  }

  @Test(arguments: ["metaspace", "llama3", "llama2", "unigram"], 0..<4 as Range<UInt64>)
  func filesWithDamagedBytes(name: String, seed: UInt64) throws {
    let original = [UInt8](try Data(contentsOf: Fixture.url(name)))
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      var bytes = original
      damage(&bytes, &generator)
      use(bytes, &generator)
    }
  }

  /// Files that stand alone in a folder, of every other kind.
  @Test(arguments: TinyFiles.names, 0..<4 as Range<UInt64>)
  func otherFilesWithDamagedBytes(name: String, seed: UInt64) throws {
    let files = try TinyFiles(name)
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: seed)
    for (file, bytes) in files.contents { try folder.write(bytes, to: file) }
    #expect(throws: Never.self) { try files.tokenizer(in: folder.url) }
    for (file, original) in files.contents {
      for _ in 0..<150 {
        var bytes = original
        damage(&bytes, &generator)
        try folder.write(bytes, to: file)
        use(try? files.tokenizer(in: folder.url), &generator)
      }
      try folder.write(original, to: file)
    }
  }

  /// Still JSON: one literal or one character of an expression gives way to another.
  @Test(arguments: ["qwen", "o200k", "gpt2", "mistral", "unknown"], 0..<4 as Range<UInt64>)
  func filesWithOtherValues(name: String, seed: UInt64) throws {
    let text = try String(contentsOf: Fixture.url(name), encoding: .utf8)
    // The steps, which come before the vocabulary, decide on most of what a file can do.
    let end = try #require(text.range(of: #""vocab""#)).lowerBound
    let steps = Array(text[..<end].utf8)
    let rest = Array(text[end...].utf8)
    let literals = [
      "null", "true", "false", "-1", "0", "1", "300", "1e9", "\"\"", "\" \"", "\"a\"", "[]", "{}",
      #""(a|b)*""#, #""\\p{L}+|a{1,2}""#, #""ByteLevel""#, #""NFD""#,
    ].map { Array($0.utf8) }
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<100 {
      var bytes = steps
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        let starts = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
        guard let colon = starts.randomElement(using: &generator) else { continue }
        let value = colon + 1
        let length = bytes[value...].prefix { !",}]".utf8.contains($0) }.count
        let literal = literals.randomElement(using: &generator) ?? []
        bytes.replaceSubrange(value..<value + length, with: literal)
      }
      use(bytes + rest, &generator)
    }
  }
}
