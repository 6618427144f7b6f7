import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Tokens that a folder's smaller files declare beside the file that its tokenizer is read from.
@Suite struct DeclaredTokenTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tokenizer(
    _ fixture: String = "llama3", _ files: [String: String]
  ) throws -> Tokenizer {
    try folder.write(
      Array(try Data(contentsOf: Fixture.url(fixture))), to: "tokenizer.json")
    for (name, text) in files { try folder.write(Array(text.utf8), to: name) }
    return try Tokenizer(folder: folder.url)
  }

  /// A tokenizer_config.json, a text, and its ids and itself without special tokens by transformers 5.23.
  static let declarations: [(String, String, [Int], String)] = [
    (
      #"{"added_tokens_decoder": {"486": {"content": "<|tool|>", "special": true}}}"#,
      "a<|tool|>b", [64, 486, 65], "ab"
    ),
    (
      #"{"added_tokens_decoder": {"487": {"content": "<|u|>"}, "486": {"content": "<|tool|>"}}}"#,
      "a<|tool|> b<|u|>", [64, 486, 220, 65, 487], "a<|tool|> b<|u|>"
    ),
    (
      #"{"additional_special_tokens": ["<|x|>", "<|y|>"]}"#, "a<|x|>b<|y|>", [64, 486, 65, 487],
      "ab"
    ),
    (
      #"{"extra_special_tokens": ["<|x|>"], "additional_special_tokens": ["<|y|>"]}"#,
      "a<|x|>b<|y|>", [64, 486, 65, 27, 91, 88, 91, 29], "ab<|y|>"
    ),
    (
      #"{"extra_special_tokens": {"image_token": "<|x|>"}}"#, "a<|x|>b", [64, 486, 65], "ab"
    ),
    (#"{"image_token": "<|x|>"}"#, "a<|x|>b", [64, 486, 65], "ab"),
    (
      #"{"additional_special_tokens": [{"__type": "AddedToken", "content": "<|x|>", "rstrip": true}]}"#,
      "a<|x|>  b", [64, 486, 65], "a<|x|>b"
    ),
    (#"{"pad_token": "<pad>"}"#, "a<pad>b", [64, 486, 65], "ab"),
    (
      #"{"pad_token": "<pad>", "unk_token": "<unk>", "additional_special_tokens": ["<|x|>"], "#
        + #""added_tokens_decoder": {"486": {"content": "<|tool|>"}}}"#,
      "<pad><unk><|x|><|tool|>", [488, 487, 489, 486], "<|tool|>"
    ),
    (
      #"{"added_tokens_decoder": {"480": {"content": "<|begin|>", "rstrip": true, "lstrip": true, "#
        + #""special": true}}}"#,
      "a <|begin|>  b", [64, 480, 65], "ab"
    ),
    (
      #"{"added_tokens_decoder": {"480": {"content": "<|begin|>", "normalized": false}}}"#,
      "a <|begin|>  b", [64, 220, 480, 220, 220, 65], "a   b"
    ),
    (
      #"{"split_special_tokens": true}"#, "a<|begin|>b",
      [64, 27, 91, 65, 68, 70, 365, 91, 29, 65], "a<|begin|>b"
    ),
    (
      #"{"split_special_tokens": true, "added_tokens_decoder": {"486": {"content": "<|tool|>"}}}"#,
      "a<|begin|>b<|tool|>", [64, 27, 91, 65, 68, 70, 365, 91, 29, 65, 486], "a<|begin|>b<|tool|>"
    ),
    (
      #"{"additional_special_tokens": ["the"]}"#, "a the b", [64, 220, 257, 220, 65], "a  b"
    ),
    (
      #"{"added_tokens_decoder": {"486": {"content": "tool", "single_word": true}}}"#,
      "atool tool toolb", [288, 78, 78, 75, 220, 486, 220, 83, 78, 78, 75, 65], "atool tool toolb"
    ),
  ]

  @Test(arguments: declarations)
  func areAddedAsByTheReference(
    configuration: String, text: String, ids: [Int], plain: String
  ) throws {
    let tokenizer = try tokenizer("llama3", ["tokenizer_config.json": configuration])
    let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
    #expect(tokens == ids)
    #expect(try tokenizer.decode(tokens, skippingSpecialTokens: true).bytes == plain.bytes)
  }

  /// What folders of older libraries have instead, and that it does not count beside the newer form.
  @Test func ofOlderFilesAreAddedWhereTheNewerFormIsAbsent() throws {
    let files = [
      "added_tokens.json": #"{"<|q|>": 486, "<|r|>": 487}"#,
      "special_tokens_map.json": #"{"pad_token": "<pad>", "additional_special_tokens": ["<|q|>"]}"#,
    ]
    let old = try tokenizer("llama3", files)
    let text = "<|r|><|q|><pad>"
    #expect(try old.encode(text, addingSpecialTokens: false).tokens == [487, 486, 488])
    #expect(old.isSpecial(486) && !old.isSpecial(487) && old.isSpecial(488))
    let new = try tokenizer(
      "llama3", files.merging(["tokenizer_config.json": #"{"added_tokens_decoder": {}}"#]) { $1 })
    #expect(new.vocabularyCount == 486)
  }

  /// Each kind of file takes them, with the ids after its own.
  @Test(arguments: ["tekken", "sentencepiece", "vocabulary"])
  func areAddedToEveryKindOfFile(name: String) throws {
    for file in try TinyFiles(name).contents { try folder.write(file.bytes, to: file.name) }
    let before = try Tokenizer(folder: folder.url)
    let next = before.vocabularyCount
    let configuration = """
      {"tokenizer_class": "Qwen2Tokenizer", "additional_special_tokens": ["<|im_start|>"],
       "added_tokens_decoder": {"\(next)": {"content": "<|im_end|>", "special": true}}}
      """
    try folder.write(Array(configuration.utf8), to: "tokenizer_config.json")
    let tokenizer = try Tokenizer(folder: folder.url)
    let tokens = try tokenizer.encode("<|im_start|>t<|im_end|>", addingSpecialTokens: false).tokens
    #expect(tokens.first == next + 1 && tokens.last == next)
    #expect(try tokenizer.decode(tokens).hasSuffix("t<|im_end|>"))
    #expect(tokenizer.vocabularyCount == next + 2)
  }

  @Test(arguments: [
    (#"{"added_tokens_decoder": {"487": {"content": "<|x|>"}}}"#, "added_tokens_decoder.487"),
    (#"{"added_tokens_decoder": {"0": {"content": "<|begin|>"}}}"#, "added_tokens_decoder.0"),
    (#"{"added_tokens_decoder": {"x": {"content": "<|x|>"}}}"#, "added_tokens_decoder.x"),
    (#"{"added_tokens_decoder": {"486": {"content": ""}}}"#, "added_tokens_decoder.486.content"),
    (#"{"added_tokens_decoder": {"486": {"content": "a", "x": 1}}}"#, "486.x"),
    (#"{"additional_special_tokens": [7]}"#, "additional_special_tokens[0]"),
    (#"{"pad_token": 7}"#, "pad_token"), (#"{"split_special_tokens": "no"}"#, "split_special"),
  ])
  func thatContradictTheVocabularyAreRefused(configuration: String, subject: String) throws {
    let error = try #require(throws: InputError.self) {
      try tokenizer("llama3", ["tokenizer_config.json": configuration])
    }
    #expect(error.file == "tokenizer_config.json" && error.subject.contains(subject), "\(error)")
  }

  /// A flag speaks of its own token: what tokenizer.json says of the other one stays.
  @Test(
    arguments: [
      (#""add_eos_token":false"#, [480], []), (#""add_eos_token":true"#, [480], [481]),
      (#""add_bos_token":true"#, [480], []), (#""add_bos_token":false"#, [], []),
      (#""add_bos_token":false,"add_eos_token":true"#, [], [481]),
      (#""add_eos_token":null"#, [480], []),
    ] as [(String, [Int], [Int])])
  func flagsThatAreAbsentChangeNothing(flags: String, prefix: [Int], suffix: [Int]) throws {
    let tokenizer = try tokenizer(
      "llama3",
      ["tokenizer_config.json": #"{"bos_token":"<|begin|>","eos_token":"<|end|>",\#(flags)}"#])
    let plain = try tokenizer.encode("The", addingSpecialTokens: false).tokens
    #expect(try tokenizer.encode("The").tokens == prefix + plain + suffix)
  }

  /// No text has fewer tokens than the bound says, and where there is one, it grows with the text.
  @Test(arguments: Fixture.names)
  func noTextHasFewerTokensThanTheBound(name: String) throws {
    let fixture = try Fixture(name)
    let long = String(repeating: "a\u{1fbe}\u{308}\u{301} \u{1100}\u{1161}\u{11a8}", count: 50)
    let spaces = String(repeating: " ", count: 3000)
    for text in fixture.texts + [long, spaces] {
      guard let tokens = try? fixture.tokenizer.encode(text, addingSpecialTokens: false).tokens
      else { continue }
      let fewest = fixture.tokenizer.fewestTokens(inBytes: text.utf8.count)
      #expect(tokens.count >= fewest, "\(text.prefix(40))")
    }
  }

  /// Without tokens that swallow spaces there is a bound, and it is no constant.
  @Test(arguments: ["llama3", "qwen", "llama2", "gemma"])
  func theBoundGrowsWithTheText(name: String) throws {
    var text = try String(contentsOf: Fixture.url(name), encoding: .utf8)
    for side in ["lstrip", "rstrip"] {
      text = text.replacing("\"\(side)\":true", with: "\"\(side)\":false")
    }
    let tokenizer = try Tokenizer(
      json: JSONField(parsing: Array(text.utf8), file: "tokenizer.json"))
    #expect(tokenizer.fewestTokens(inBytes: 1 << 20) > 1000)
    #expect(tokenizer.fewestTokens(inBytes: 0) == 0 && tokenizer.fewestTokens(inBytes: 1) == 1)
    for text in try Fixture(name).texts {
      let count = try tokenizer.encode(text, addingSpecialTokens: false).tokens.count
      #expect(count >= tokenizer.fewestTokens(inBytes: text.utf8.count))
    }
  }
}
