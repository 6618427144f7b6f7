import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Folders whose tokenizer is in another file than tokenizer.json.
@Suite struct OtherFilesTests {
  /// The tokenizer of a folder with these files, one text in the first replaced by another.
  private func tokenizer(
    _ name: String, replacing old: String = "", with new: String = "", configuration: String? = nil
  ) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    for (index, file) in try TinyFiles(name).contents.enumerated() {
      var bytes = file.bytes
      if index == 0, !old.isEmpty {
        let data = Data(bytes)
        let range = try #require(data.range(of: Data(old.utf8)), "no \(old) in \(file.name)")
        bytes = Array(data[..<range.lowerBound]) + Array(new.utf8) + data[range.upperBound...]
      }
      try folder.write(bytes, to: file.name)
    }
    if let configuration {
      try folder.write(Array(configuration.utf8), to: "tokenizer_config.json")
    }
    return try Tokenizer(folder: folder.url)
  }

  @Test func tekkenMergesByRankAfterItsSpecialTokens() throws {
    let tokenizer = try tokenizer("tekken")
    #expect(tokenizer.vocabularyCount == 8 + 256 + 6)
    #expect(tokenizer.beginningOfText == 1 && tokenizer.endOfText == 2)
    let tokens = try tokenizer.encode("[INST]the é").tokens
    // The ids of bytes are theirs plus 8.
    #expect(tokens == [1, 3, 266, 40, 8 + 0xc3, 8 + 0xa9])
    #expect(try tokenizer.decode(tokens) == "<s>[INST]the é")
    #expect(try tokenizer.decode(tokens, skippingSpecialTokens: true) == "the é")
    #expect(tokenizer.isSpecial(3) && tokenizer.displayText(of: 7) == "[TOOL_RESULTS]")
    var stream = TextStream(tokenizer)
    #expect(try tokens.suffix(2).map { try stream.append($0) } == ["", "é"])
  }

  @Test func tekkenTakesNoMoreTokensThanItsConfigurationSays() throws {
    let short = try tokenizer(
      "tekken", replacing: #""default_vocab_size":270"#, with: #""default_vocab_size":266"#)
    #expect(short.vocabularyCount == 266)
    #expect(try short.encode("the", addingSpecialTokens: false).tokens == [264, 109])
  }

  @Test(arguments: ["tekken", "sentencepiece"])
  func configurationsDecideOnSpecialTokens(name: String) throws {
    let configuration = #"{"bos_token":"<s>","eos_token":"</s>","add_eos_token":true}"#
    let tokenizer = try tokenizer(name, configuration: configuration)
    #expect(tokenizer.beginningOfText == 1 && tokenizer.endOfText == 2)
    #expect(try tokenizer.encode("").tokens == [1, 2])
  }

  @Test func sentencePieceMergesByScore() throws {
    let tokenizer = try tokenizer("sentencepiece")
    let tokens = try tokenizer.encode("the thé").tokens
    // "▁the", then "▁", "th" and the two bytes of "é".
    #expect(tokens == [1, 266, 259, 263, 3 + 0xc3, 3 + 0xa9])
    #expect(try tokenizer.decode(tokens, skippingSpecialTokens: true) == "the thé")
  }

  /// Kind, what is replaced in its first file, by what, and what the error must name.
  static let refusals: [(String, String, String, String)] = [
    ("tekken", #""rank":5,"#, #""rank":6,"#, "vocab[5]"),
    ("tekken", #""token_bytes":"BQ==""#, #""token_bytes":"*""#, "vocab[5]"),
    ("tekken", #""token_bytes":"BQ==""#, #""token_bytes":"""#, "vocab[5]"),
    ("tekken", #""token_bytes":"BQ==""#, #""token_bytes":"BA==""#, "vocab"),
    ("tekken", #""default_vocab_size":270"#, #""default_vocab_size":-1"#, "config"),
    ("tekken", #""default_vocab_size":270"#, #""default_vocab_size":99999999"#, "config"),
    ("tekken", #""default_vocab_size":270"#, #""size":270"#, "config.default_vocab_size"),
    ("tekken", #""pattern":"#, #""pattern":".","other":"#, "config.pattern"),
    ("tekken", #""vocab":"#, #""special_tokens":[{"rank":9}],"vocab":"#, "special_tokens[0].rank"),
    ("vocabulary", ":17,", ":-17,", "the file"),
    ("sentencepiece", "\u{12}\u{2}\u{18}\u{2}", "\u{12}\u{2}\u{18}\u{1}", "model"),
    ("sentencepiece", "\u{1a}\u{2}\u{20}\u{0}", "\u{1a}\u{2}\u{20}\u{1}", "model"),
    ("sentencepiece", "\u{1a}\u{2}\u{20}\u{0}", "\u{1a}\u{3}\u{12}\u{1}x", "model"),
    ("sentencepiece", "\u{1a}\u{2}\u{20}\u{0}", "\u{1a}\u{9}\u{20}\u{0}", "model"),
  ]

  @Test(arguments: refusals)
  func refusesByNameWhatIsNotUnderstood(
    name: String, old: String, new: String, subject: String
  ) throws {
    let error = try #require(throws: InputError.self) {
      try tokenizer(name, replacing: old, with: new)
    }
    #expect(error.subject.contains(subject), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test(arguments: [
    #"{}"#, #"{"tokenizer_class":"LlamaTokenizer"}"#,
    #"{"tokenizer_class":"GPT2Tokenizer","add_prefix_space":true}"#,
    #"{"tokenizer_class":"GPT2Tokenizer","added_tokens_decoder":{"x":{}}}"#,
  ])
  func refusesVocabulariesOfUnknownClasses(configuration: String) throws {
    let error = try #require(throws: InputError.self) {
      try tokenizer("vocabulary", configuration: configuration)
    }
    #expect(error.file == "tokenizer_config.json", "\(error)")
  }
}
