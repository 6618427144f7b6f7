import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Real tokenizers against the ids of Hugging Face's `tokenizers`, id for id.
@Suite(.enabled(if: LocalData.folder != nil, "real data not at hand"))
struct GoldenTokenizerTests {
  struct Family: CustomTestStringConvertible {
    let name: String
    let path: String
    var configuration: String?
    /// An added token that the file has and the family has not.
    var without: String?
    var testDescription: String { name }
  }

  static let families = [
    Family(name: "llama3", path: "tokenizers/llama3/tokenizer.json"),
    Family(name: "qwen3", path: "tokenizers/qwen3/tokenizer.json"),
    Family(name: "qwen2.5", path: "tokenizers/qwen2.5/tokenizer.json"),
    Family(name: "phi4-mini", path: "tokenizers/phi4-mini/tokenizer.json"),
    Family(name: "phi4", path: "tokenizers/phi4/tokenizer.reconstructed.json"),
    Family(name: "olmo2", path: "tokenizers/olmo2/tokenizer.json"),
    Family(
      name: "mistral-tekken", path: "tokenizers/mistral/tokenizer.nemo-tekken.reconstructed.json"),
    Family(name: "mistral-7b-v0.2", path: "tokenizers/mistral/mistral-7b-v0.2.tokenizer.json"),
    Family(name: "phi3", path: "tokenizers/phi3/tokenizer.json"),
    // Phi 3's vocabulary is Llama 2's, whose own file is damaged here; the configurations differ.
    Family(
      name: "llama2", path: "tokenizers/phi3/tokenizer.json",
      configuration: "tokenizers/llama2-spm/tokenizer_config.json", without: "<|endoftext|>"),
    Family(name: "stories260K", path: "models/stories260K/hf/tokenizer.json"),
  ]

  @Test(arguments: families)
  func everyGoldenTextMatches(family: Family) throws {
    let data = try #require(LocalData.folder)
    let golden = try JSONField(
      contentsOf: data.appending(path: "tokenizers/golden_tokenization.json"))
    var file = try String(contentsOf: data.appending(path: family.path), encoding: .utf8)
    if let token = family.without { file = file.replacingOccurrences(of: token, with: "\\u0000") }
    let tokenizer = try Tokenizer(
      json: try JSONField(parsing: Array(file.utf8), file: family.path),
      configuration: try family.configuration.map {
        try JSONField(contentsOf: data.appending(path: $0))
      })
    let texts = try golden["texts"].array().map { try $0.string() }
    let plain = try golden["ids"][family.name].array()
    let special = try golden["ids_with_special"][family.name].array()
    #expect(texts.count == plain.count && texts.count == special.count)
    for (index, text) in texts.enumerated() {
      let expected = try plain[index].array().map { try $0.int() }
      let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(tokens == expected, "\(family.name): \(text.debugDescription)")
      let expectedSpecial = try special[index].array().map { try $0.int() }
      #expect(try tokenizer.encode(text).tokens == expectedSpecial)
      // NFC, which Qwen's tokenizers apply, is the only step here that loses what the text was; Phi's
      // added tokens swallow the spaces around them, but no golden text has any.
      let isNFC = text.unicodeScalars.elementsEqual(
        text.precomposedStringWithCanonicalMapping.unicodeScalars)
      if isNFC || !family.name.hasPrefix("qwen") {
        #expect(Array(try tokenizer.decode(tokens).utf8) == Array(text.utf8))
      }
    }
  }

  /// Files of other kinds, which alone or with their configuration are the tokenizer of a folder.
  struct Folder: CustomTestStringConvertible {
    let name: String
    let files: [String: String]
    var testDescription: String { name }
  }

  static let folders = [
    Folder(
      name: "mistral-tekken",
      files: ["tekken.json": "mistral/tekken_240718.reconstructed.json"]),
    Folder(name: "llama2", files: ["tokenizer.model": "llama2-spm/tokenizer.model"]),
    Folder(
      name: "qwen3",
      files: [
        "vocab.json": "qwen3/vocab.json", "merges.txt": "qwen3/merges.txt",
        "tokenizer_config.json": "qwen3/tokenizer_config.json",
      ]),
  ]

  @Test(arguments: folders)
  func everyGoldenTextMatchesFromOtherFiles(test: Folder) throws {
    let data = try #require(LocalData.folder).appending(path: "tokenizers")
    let folder = try TemporaryFolder()
    for (name, path) in test.files { try folder.link(data.appending(path: path), as: name) }
    #expect(Tokenizer.isDefined(in: folder.url))
    let tokenizer = try Tokenizer(folder: folder.url)
    let golden = try JSONField(contentsOf: data.appending(path: "golden_tokenization.json"))
    let texts = try golden["texts"].array().map { try $0.string() }
    let plain = try golden["ids"][test.name].array().map { try $0.ids() }
    let special = try golden["ids_with_special"][test.name].array().map { try $0.ids() }
    for (index, text) in texts.enumerated() {
      let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(tokens == plain[index], "\(text.debugDescription)")
      #expect(try tokenizer.encode(text).tokens == special[index])
      if test.name != "qwen3" { #expect(try tokenizer.decode(tokens).bytes == text.bytes) }
    }
  }

  @Test(
    arguments: [
      ("llama3", 128_000, 128_009, [128_000]), ("qwen3", nil, 151_645, []), ("phi3", 1, 32_000, []),
    ] as [(String, Int?, Int?, [Int])])
  func configurationsDecideOnSpecialTokens(
    folder: String, beginning: Int?, end: Int?, prefix: [Int]
  ) throws {
    let data = try #require(LocalData.folder)
    let tokenizer = try Tokenizer(folder: data.appending(path: "tokenizers/\(folder)"))
    #expect(tokenizer.beginningOfText == beginning)
    #expect(tokenizer.endOfText == end)
    #expect(try tokenizer.encode("").tokens == prefix)
  }

  /// This copy writes spaces for the no-break spaces of four tokens; the reference refuses it too.
  @Test func refusesADamagedLlama2() throws {
    let data = try #require(LocalData.folder)
    let error = try #require(throws: InputError.self) {
      try Tokenizer(folder: data.appending(path: "tokenizers/llama2-spm"))
    }
    #expect(error.subject == "field model.merges[18917]")
  }
}
