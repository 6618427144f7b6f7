import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

@Suite struct TokenizerLawTests {
  /// Random text: scalars of all planes, or of a few that repeat and so meet the merges.
  private func text(_ generator: inout SeededGenerator) -> String {
    let isPlain = Bool.random(using: &generator)
    let pool = Array("the bridge's Golden Gate 123\n\t  🚀é".unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...80, using: &generator) {
      if isPlain {
        text.append(pool.randomElement(using: &generator) ?? "a")
      } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10ffff, using: &generator)) {
        text.append(scalar)
      }
    }
    return String(text)
  }

  @Test(arguments: Fixture.lossless)
  func decodingUndoesEncoding(name: String) throws {
    let fixture = try Fixture(name)
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let text = text(&generator)
      let tokens = try fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(try fixture.tokenizer.decode(tokens).bytes == text.bytes, "\(name), seed \(seed)")
      #expect(tokens.allSatisfy(fixture.tokenizer.contains))
    }
  }

  @Test(arguments: ["llama3", "tekken", "gemma"])
  func bytesOfTheTokensAddUpToTheText(name: String) throws {
    let fixture = try Fixture(name)
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let text = text(&generator)
      let tokens = try fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
      let bytes = try tokens.flatMap { try fixture.tokenizer.bytes(of: $0) }
      #expect(bytes == text.bytes, "seed \(seed)")
    }
  }

  @Test(arguments: Fixture.names)
  func streamsAddUpToTheDecodedText(name: String) throws {
    let tokenizer = try Fixture(name).tokenizer
    for seed in UInt64(0)..<200 {
      var generator = SeededGenerator(seed: seed)
      let tokens = (0..<20).map { _ in
        Int.random(in: 0..<tokenizer.vocabularyCount, using: &generator)
      }
      .filter(tokenizer.contains)
      var stream = TextStream(tokenizer)
      var parts = try tokens.map { try stream.append($0) }
      parts.append(stream.finish())
      #expect(parts.joined().bytes == (try tokenizer.decode(tokens)).bytes, "\(name), seed \(seed)")
    }
  }

  @Test func streamsReturnWholeCharactersAsSoonAsTheyAreWhole() throws {
    let tokenizer = try Fixture("llama3").tokenizer
    let tokens = try "é🚀".utf8.map { byte in try #require(tokenizer.token(of: [byte])) }
    var stream = TextStream(tokenizer)
    #expect(try tokens.map { try stream.append($0) } == ["", "é", "", "", "", "🚀"])
    #expect(stream.finish() == "")
    _ = try stream.append(tokens[0])
    #expect(stream.finish() == "\u{fffd}")
  }

  /// Cutting a long word at its seams must change nothing: the reference cuts nowhere.
  @Test(arguments: ["llama2", "mistral"])
  func longWordsAreEncodedAsOne(name: String) throws {
    let fixture = try Fixture(name)
    let sentence = "The bridge out of Marin is the Golden Gate Bridge🚀 und so weiter"
    let once = try fixture.tokenizer.encode(" " + sentence, addingSpecialTokens: false).tokens
    let text = Array(repeating: sentence, count: 50).joined(separator: " ")
    let tokens = try fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
    #expect(try fixture.tokenizer.decode(tokens).bytes == text.bytes)
    #expect(tokens.suffix(once.count - 1) == once.suffix(once.count - 1))
  }

  @Test(arguments: Fixture.names)
  func manyEqualLettersAreEncoded(name: String) throws {
    let tokenizer = try Fixture(name).tokenizer
    for letter in ["a", " ", "\n", "🚀", "<", "<|left|>"] {
      let text = String(repeating: letter, count: 20_000)
      #expect(try !tokenizer.encode(text).tokens.isEmpty)
    }
  }

  @Test(arguments: Fixture.names)
  func idsOfNoTokenAreRefused(name: String) throws {
    let tokenizer = try Fixture(name).tokenizer
    for id in [-1, tokenizer.vocabularyCount, .max, .min] {
      #expect(throws: InputError.self) { try tokenizer.decode([id]) }
      #expect(throws: InputError.self) { try tokenizer.bytes(of: id) }
      #expect(throws: InputError.self) { try tokenizer.prompt(tokens: [0, id]) }
      #expect(!tokenizer.contains(id) && !tokenizer.isSpecial(id))
      #expect(tokenizer.displayText(of: id) == "[\(id)]")
    }
  }

  @Test func promptsOfTokensHoldExactlyThese() throws {
    let tokenizer = try Fixture("llama2").tokenizer
    let prompt = try tokenizer.encode("The bridge")
    let replayed = try tokenizer.prompt(tokens: prompt.tokens)
    #expect(replayed.tokens == prompt.tokens)
    #expect(replayed.text == "<s> The bridge")
  }

  /// The search finds every token that has the text in it and no other, each once, the closest first.
  @Test(arguments: Fixture.names) func theSearchFindsEveryToken(name: String) throws {
    let tokenizer = try Fixture(name).tokenizer
    let ids = (0..<tokenizer.vocabularyCount).filter(tokenizer.contains)
    let lower = { (text: String) in text.bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 } }
    for text in ["the", "E", " a", "é", "\n", "", "not in any of these"] {
      let wanted = lower(text)
      let found = tokenizer.tokens(containing: text)
      let expected = try ids.filter { id in
        let bytes = lower(String(decoding: try tokenizer.bytes(of: id), as: UTF8.self))
        return wanted.isEmpty || bytes.firstRange(of: wanted) != nil
      }
      #expect(found.map { $0.id }.sorted() == expected, "\(name): \(text)")
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.match <= $1.match })
      for (id, match) in found where match == .whole && text != "" {
        let bytes = try tokenizer.bytes(of: id)
        #expect(
          [wanted, lower(" " + text)].contains(lower(String(decoding: bytes, as: UTF8.self))))
      }
    }
  }

  @Test func displayShowsWhatCannotBeSeen() throws {
    let tokenizer = try Fixture("llama3").tokenizer
    let shown = { (text: [UInt8]) in
      try tokenizer.displayText(of: #require(tokenizer.token(of: text)))
    }
    #expect(try shown([0xf0]) == "\\xF0" && shown([0x0a]) == "\\n" && shown([0x5c]) == "\\\\")
    #expect(try shown([0x00]) == "\\u{0}" && shown([0x20]) == " " && shown([0x41]) == "A")
    #expect(try shown(" the".bytes) == " the")
    let spaced = try Fixture("llama2").tokenizer
    #expect(try spaced.displayText(of: #require(spaced.token(of: " the".bytes))) == " the")
  }
}
