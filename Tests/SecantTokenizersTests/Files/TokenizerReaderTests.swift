import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

@Suite struct TokenizerReaderTests {
  /// A fixture's file with one text replaced by another.
  private func tokenizer(
    _ name: String, replacing old: String = "", with new: String = "", configuration: String? = nil
  ) throws -> Tokenizer {
    var text = try String(contentsOf: Fixture.url(name), encoding: .utf8)
    if !old.isEmpty {
      let range = try #require(text.range(of: old), "the fixture has no \(old)")
      text.replaceSubrange(range, with: new)
    }
    return try Tokenizer(
      json: try JSONField(parsing: Array(text.utf8), file: "tokenizer.json"),
      configuration: try configuration.map {
        try JSONField(parsing: Array($0.utf8), file: "tokenizer_config.json")
      })
  }

  /// Fixture, what is replaced, by what, and what the error must name.
  static let refusals: [(String, String, String, String)] = [
    ("qwen", #""type":"NFC""#, #""type":"Lowercase""#, "normalizer.type"),
    ("qwen", #""type":"NFC""#, #""type":"NFC","x":1"#, "normalizer.x"),
    ("llama2", #""prepend":"#, #""prefix":"#, "normalizer.normalizers[0].prefix"),
    ("qwen", #""type":"Split""#, #""type":"Punctuation""#, "pre_tokenizer.pretokenizers[0].type"),
    ("qwen", #""Isolated""#, #""Sometimes""#, "pretokenizers[0].behavior"),
    ("mistral", #""prepend_scheme":"first""#, #""prepend_scheme":"last""#, "prepend_scheme"),
    ("metaspace", #""type":"Metaspace""#, #""type":"Whitespace""#, "pre_tokenizer.type"),
    ("qwen", #""decoder":{"type":"ByteLevel""#, #""decoder":{"type":"WordPiece""#, "decoder"),
    ("llama2", #""type":"Fuse""#, #""type":"CTC""#, "decoder.decoders[2].type"),
    ("llama2", #""start":1,"stop":0"#, #""start":1,"stop":1"#, "decoder.decoders[3].stop"),
    ("llama2", #""type":"TemplateProcessing""#, #""type":"BertProcessing""#, "post_processor.type"),
    ("llama2", #""id":"A""#, #""id":"B""#, "post_processor.single"),
    ("llama2", #""ids":[1]"#, #""ids":[99999]"#, "post_processor"),
    ("llama2", #""type":"BPE""#, #""type":"WordPiece""#, "model.type"),
    ("llama3", #""type":"BPE""#, #""type":"Unigram""#, "model.type"),
    ("unigram", #""type":"Unigram""#, #""type":"Unigram","alpha":1"#, "model.alpha"),
    ("unigram", #""unk_id":0"#, #""unk_id":99999"#, "model.unk_id"),
    ("unigram", #"["<s>",0.0]"#, #"["<unk>",0.0]"#, "model.vocab"),
    ("unigram", #"["<s>",0.0]"#, #"["<s>"]"#, "model.vocab[1]"),
    ("unigram", #"["<s>",0.0]"#, #"["<s>","0"]"#, "model.vocab[1]"),
    ("unigram", #"["<s>",0.0]"#, "7", "model.vocab"),
    ("unigram", #""normalizer":null"#, #""normalizer":{"type":"Precompiled"}"#, "normalizer.type"),
    ("llama2", #""dropout":null"#, #""dropout":0.1"#, "model.dropout"),
    (
      "llama2", #""continuing_subword_prefix":null"#, #""continuing_subword_prefix":"@@""#,
      "model.continuing_subword_prefix"
    ),
    ("llama2", #""unk_token":"<unk>""#, #""unk_token":"<what>""#, "model.unk_token"),
    ("llama2", #""merges":["#, #""merges":[["a","nonsense"],"#, "model.merges[0]"),
    ("llama2", #""merges":["#, #""merges":["a b c","#, "model.merges[0]"),
    ("llama2", #""merges":["#, #""merges":[7,"#, "model.merges[0]"),
    ("llama2", #""<s>":1"#, #""<s>":0"#, "model.vocab"),
    ("llama2", #""<s>":1"#, #""<s>":-1"#, "model.vocab"),
    ("llama2", #""<s>":1"#, #""<s>":1048576"#, "model.vocab"),
    ("llama2", #"{"id":1,"content":"<s>""#, #"{"id":7,"content":"<s>""#, "added_tokens[1].id"),
    ("llama2", #"{"id":1,"content":"<s>""#, #"{"id":1,"content":"""#, "added_tokens[1].content"),
    ("llama2", #""version":"1.0""#, #""version":"2.0""#, "version"),
    ("llama2", #""version":"1.0""#, #""version":"1.0","extra":{}"#, "extra"),
  ]

  @Test(arguments: refusals)
  func refusesByNameWhatIsNotUnderstood(
    fixture: String, old: String, new: String, subject: String
  ) throws {
    let error = try #require(throws: InputError.self) {
      try tokenizer(fixture, replacing: old, with: new)
    }
    #expect(error.subject.contains(subject), "\(error)")
    #expect(error.file == "tokenizer.json")
  }

  @Test(arguments: [
    "", "a*", "a??", "a++", "a{2}{3}", "(a)*", "(a|b)+", "(?<n>a)", "(?>a)", "(?<!a)b", #"\bab"#,
    "^a", "a$", ".", #"\1"#, #"\w"#, #"\h"#, #"\x41"#, #"\p{Han}"#, #"\p{^L}"#, #"\pL"#, "[a", "[]",
    "[z-a]", "[a-z&&[aeiou]]", "[[:alpha:]]", "(a", "a)", "a|", "(?i:é)", #"(?i:\p{L})"#, "a{,3}",
    "a{3,2}", "a{0}", #"\"#, "*a", "(?=a)", #"[\s-x]"#,
  ])
  func refusesExpressionsThatItCannotFollow(expression: String) throws {
    let source = expression.replacingOccurrences(of: #"\"#, with: #"\\"#)
    let digits = #"{"type":"Digits","individual_digits":true}"#
    let split =
      #"{"type":"Split","pattern":{"Regex":"\#(source)"},"behavior":"Isolated","invert":false}"#
    let error = try #require(throws: InputError.self) {
      try tokenizer("gpt2", replacing: digits, with: split)
    }
    #expect(error.subject == "field pre_tokenizer.pretokenizers[0].pattern.Regex", "\(error)")
    #expect(error.kind == .unsupported)
  }

  /// Takes exponential or high polynomial time without a bound on its steps.
  @Test(arguments: ["a*a*a*a*a*a*a*a*a*a*b", "(a|a)?(a|a)?(a|a)?(a|a)?(a|a)?(a|a)?a*a*a*a*b"])
  func abandonsExpressionsThatBacktrackWithoutBound(expression: String) throws {
    let digits = #"{"type":"Digits","individual_digits":true}"#
    let split =
      #"{"type":"Split","pattern":{"Regex":"\#(expression)"},"behavior":"Isolated","invert":false}"#
    let hostile = try tokenizer("gpt2", replacing: digits, with: split)
    #expect(throws: InputError.self) { try hostile.encode(String(repeating: "a", count: 2000)) }
    #expect(try !hostile.encode("aab").tokens.isEmpty)
  }

  @Test func refusesTextsThatTheReplacementsInflate() throws {
    let prepend = #"{"type":"Prepend","prepend":"▁"}"#
    let double = #"{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaaaaaaaa"}"#
    let hostile = try tokenizer(
      "llama2", replacing: prepend, with: Array(repeating: double, count: 40).joined(separator: ",")
    )
    #expect(throws: InputError.self) { try hostile.encode("aaaa") }
  }

  @Test(
    arguments: [
      (nil, 1, nil, [1], []),
      (#"{"bos_token":"<s>","eos_token":"</s>"}"#, 1, 2, [1], []),
      (#"{"bos_token":"<s>","eos_token":"</s>","add_bos_token":false}"#, 1, 2, [], []),
      (#"{"bos_token":{"content":"<s>"},"eos_token":"</s>","add_eos_token":true}"#, 1, 2, [1], [2]),
      (
        #"{"bos_token":"<s>","eos_token":"</s>","add_bos_token":true,"add_eos_token":true}"#,
        1, 2, [1], [2]
      ),
      (#"{"bos_token":null,"add_bos_token":true}"#, nil, nil, [], []),
    ] as [(String?, Int?, Int?, [Int], [Int])])
  func configurationDecidesOnSpecialTokens(
    configuration: String?, beginning: Int?, end: Int?, prefix: [Int], suffix: [Int]
  ) throws {
    let tokenizer = try tokenizer("llama2", configuration: configuration)
    #expect(tokenizer.beginningOfText == beginning)
    #expect(tokenizer.endOfText == end)
    let plain = try tokenizer.encode("The bridge", addingSpecialTokens: false).tokens
    #expect(try tokenizer.encode("The bridge").tokens == prefix + plain + suffix)
  }

  @Test func textsWithoutTokensAreRefused() throws {
    let byte = try tokenizer("gpt2", replacing: #""!":"#, with: #""unused!":"#)
    let error = try #require(throws: InputError.self) { try byte.encode("Hello!") }
    #expect(error.found.contains("21"))
  }

  @Test func wordsThatNoTokensMakeAreRefusedWithoutAnUnknownOne() throws {
    let unigram = try tokenizer("unigram", replacing: #""unk_id":0"#, with: #""unk_id":null"#)
    #expect(throws: InputError.self) { try unigram.encode("漢") }
    #expect(try !unigram.encode("the").tokens.isEmpty)
  }

  @Test func tokensOfUnboundedLengthAreRefused() throws {
    let long = String(repeating: "a", count: 2000)
    #expect(throws: InputError.self) {
      try tokenizer("unigram", replacing: #"["<s>",0.0]"#, with: #"["\#(long)",0.0]"#)
    }
  }

  @Test func foldersWithoutTokenizersAreRefused() throws {
    #expect(throws: InputError.self) { try Tokenizer(folder: URL(filePath: "/nonexistent")) }
    let folder = try TemporaryFolder()
    #expect(!Tokenizer.isDefined(in: folder.url))
    let error = try #require(throws: InputError.self) { try Tokenizer(folder: folder.url) }
    #expect(error.kind == .missing)
  }
}
