import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

@Suite struct GGUFTokenizerTests {
  /// Whether a text has none of the fixtures' added tokens that GGUF cannot describe.
  private static func canBeSaid(_ text: String) -> Bool {
    !["word", "<|", "normal"].contains { text.contains($0) }
  }

  /// A file that holds what a tokenizer.json holds gives the same tokens.
  ///
  /// The fixtures' added tokens that take spaces with them, or stand for words, cannot be said in GGUF.
  @Test(arguments: [("llama3", "llama-bpe"), ("qwen", "qwen2"), ("tekken", "tekken")])
  func convertedFilesEncodeAlike(name: String, pre: String) throws {
    let fixture = try Fixture(name)
    let json = try JSONField(contentsOf: Fixture.url(name))
    let tokenizer = try GGUFMetadata(converting: json, pre: pre).tokenizer(addingBeginning: false)
    let random = try JSONField(contentsOf: Fixture.folder.appending(path: "random.json"))
    let texts = try random["texts"].array().map { try $0.string() } + fixture.texts
    for text in texts where Self.canBeSaid(text) {
      let tokens = try fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(try tokenizer.encode(text).tokens == tokens, "\(text.debugDescription)")
      #expect(try tokenizer.decode(tokens).bytes == fixture.tokenizer.decode(tokens).bytes)
    }
  }

  /// Merges over texts in which signs stand for spaces, with bytes for what has no token: as Gemma 4 has them.
  @Test func listedMergesOfPiecesEncodeAlike() throws {
    let fixture = try Fixture("gemma")
    let json = try JSONField(contentsOf: Fixture.url("gemma"))
    var metadata = try GGUFMetadata(converting: json, pre: nil)
    metadata["tokenizer.ggml.model"] = .text(Array("gemma4".utf8))
    guard case .texts(let tokens) = metadata["tokenizer.ggml.tokens"],
      case .ints(var types) = metadata["tokenizer.ggml.token_type"]
    else {
      Issue.record("no tokens")
      return
    }
    for (id, token) in tokens.enumerated() where token.starts(with: Array("<0x".utf8)) {
      types[id] = 6
    }
    metadata["tokenizer.ggml.token_type"] = .ints(types)
    let tokenizer = try metadata.tokenizer(addingBeginning: false)
    for text in fixture.texts where !text.contains("<") {
      let expected = try fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(try tokenizer.encode(text).tokens == expected, "\(text.debugDescription)")
      #expect(try tokenizer.decode(expected).bytes == fixture.tokenizer.decode(expected).bytes)
    }
  }

  /// Qwen 3.5 keeps marks with their letters, where Qwen 2 takes them for other signs.
  @Test func marksBelongToLettersInQwen35() throws {
    let old =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"#
    let new =
      #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"#
      + #"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"#
    func spelled(_ text: String) -> String { text.replacing("\\", with: "\\\\") }
    let text = try String(contentsOf: Fixture.url("qwen"), encoding: .utf8)
    let altered = text.replacing(spelled(old), with: spelled(new))
    #expect(altered != text)
    let folder = try TemporaryFolder()
    let url = try folder.write(Array(altered.utf8), to: "tokenizer.json")
    let json = try JSONField(contentsOf: url)
    let reference = try Tokenizer(json: json)
    let tokenizer = try GGUFMetadata(converting: json, pre: "qwen35")
      .tokenizer(addingBeginning: false)
    let before = try Fixture("qwen").tokenizer
    var differ = 0
    for text in try Fixture("qwen").texts + ["न\u{94d}अ\u{947}", "a\u{20e3}b!", "x \u{301}y 12"] {
      let tokens = try reference.encode(text, addingSpecialTokens: false).tokens
      if try before.encode(text, addingSpecialTokens: false).tokens != tokens { differ += 1 }
      guard Self.canBeSaid(text) else { continue }
      #expect(try tokenizer.encode(text).tokens == tokens, "\(text.debugDescription)")
    }
    #expect(differ > 0)
  }

  private static let pieces: [(text: String, score: Float)] = [
    ("▁", -9), ("a", -9), ("b", -9), ("c", -9), ("ab", -2), ("bc", -1), ("abc", -4), ("aa", -3),
    ("▁a", -5), ("é", -9), ("▁▁", -6),
  ]

  private func id(_ piece: String) throws -> Int {
    259 + (try #require(Self.pieces.firstIndex { $0.text.utf8.elementsEqual(piece.utf8) }))
  }

  @Test(
    arguments: [
      // The highest score first: bc before ab, then abc of a and bc.
      ("abc", ["▁", "abc"]), ("ab", ["▁", "ab"]),
      // Of equal scores the leftmost.
      ("aaa", ["▁", "aa", "a"]), ("a", ["▁a"]), (" a", ["▁", "▁a"]), ("é", ["▁", "é"]), ("", []),
    ])
  func piecesMergeByScore(text: String, expected: [String]) throws {
    let tokenizer = try GGUFMetadata(pieces: Self.pieces).tokenizer()
    let tokens = try tokenizer.encode(text).tokens
    #expect(try tokens == [1] + expected.map(id))
    #expect(try tokenizer.decode(tokens, skippingSpecialTokens: true).bytes == text.bytes)
  }

  @Test func whatTheVocabularyLacksBecomesBytes() throws {
    var metadata = GGUFMetadata(pieces: Self.pieces)
    metadata["tokenizer.ggml.add_space_prefix"] = .bool(false)
    metadata["tokenizer.ggml.add_bos_token"] = .bool(false)
    metadata["tokenizer.ggml.add_eos_token"] = .bool(true)
    let tokenizer = try metadata.tokenizer()
    let tokens = try tokenizer.encode("a🚀<s>b").tokens
    let rocket = "🚀".utf8.map { Int($0) + 3 }
    #expect(try tokens == [id("a")] + rocket + [1, id("b"), 2])
    var stream = TextStream(tokenizer, skippingSpecialTokens: true)
    #expect(try tokens.map { try stream.append($0) } == ["a", "", "", "", "", "", "🚀b", ""])
  }

  @Test func phiTokensTakeTheSpacesAfterThem() throws {
    var metadata = GGUFMetadata(pieces: Self.pieces + [("<|end|>", 0)])
    metadata["tokenizer.ggml.token_type"] = .ints(
      [2, 3, 3] + [Int32](repeating: 6, count: 256)
        + [Int32](repeating: 1, count: Self.pieces.count) + [3])
    let end = 259 + Self.pieces.count
    #expect(try metadata.tokenizer().encode("<|end|> a").tokens == [1, end, id("▁"), id("▁a")])
    metadata["general.name"] = .text(Array("Phi-3 mini".utf8))
    #expect(try metadata.tokenizer().encode("<|end|> a").tokens == [1, end, id("▁a")])
  }

  @Test(
    arguments: [
      ("tokenizer.ggml.model", .text(Array("bert".utf8))), ("tokenizer.ggml.model", nil),
      ("tokenizer.ggml.tokens", nil), ("tokenizer.ggml.tokens", .ints([1])),
      ("tokenizer.ggml.scores", nil), ("tokenizer.ggml.scores", .floats([1])),
      ("tokenizer.ggml.token_type", .ints([1])), ("tokenizer.ggml.bos_token_id", .int(9999)),
      ("tokenizer.ggml.add_bos_token", .int(1)),
    ] as [(String, GGUFMetadata.Value?)])
  func refusesByKeyWhatIsNotUnderstood(key: String, value: GGUFMetadata.Value?) throws {
    var metadata = GGUFMetadata(pieces: Self.pieces)
    metadata[key] = value
    let error = try #require(throws: InputError.self) { try metadata.tokenizer() }
    #expect(error.subject == "key \(key)", "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test(arguments: ["nonsense", ""])
  func refusesUnknownPreTokenizersByName(pre: String) throws {
    let json = try JSONField(contentsOf: Fixture.url("llama3"))
    let metadata = try GGUFMetadata(converting: json, pre: pre)
    let error = try #require(throws: InputError.self) { try metadata.tokenizer() }
    #expect(error.subject == "key tokenizer.ggml.pre" && error.found.contains("\"\(pre)\""))
  }

  @Test func refusesTokensThatAreEqualAndScoresThatAreNone() throws {
    let equal = GGUFMetadata(pieces: Self.pieces + [("abc", -7)])
    #expect(throws: InputError.self) { try equal.tokenizer() }
    let undefined = GGUFMetadata(pieces: Self.pieces + [("cc", .nan)])
    #expect(throws: InputError.self) { try undefined.tokenizer() }
  }

  /// A file that names no way to split texts is read as in llama.cpp, and says so.
  @Test func filesWithoutAWayToSplitAreReadWithANote() throws {
    let json = try JSONField(contentsOf: Fixture.url("gpt2"))
    let named = try GGUFMetadata(converting: json, pre: "gpt-2").tokenizer(addingBeginning: false)
    #expect(named.notes.isEmpty)
    for pre in [nil, "default"] {
      let tokenizer = try GGUFMetadata(converting: json, pre: pre).tokenizer(addingBeginning: false)
      #expect(tokenizer.notes.count == 1 && tokenizer.notes[0].hasPrefix("tokenizer.ggml.pre: "))
      let tokens = try tokenizer.encode("1234 the $ab").tokens
      let pieces = try tokens.map { String(decoding: try tokenizer.bytes(of: $0), as: UTF8.self) }
      #expect(pieces.joined() == "1234 the $ab")
      // Signs stand alone, and digits in threes.
      #expect(pieces.allSatisfy { $0 == "$" || !$0.contains("$") })
    }
  }
}
