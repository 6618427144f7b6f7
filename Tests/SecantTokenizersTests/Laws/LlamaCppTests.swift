import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Real vocabularies against the ids of llama.cpp's own tests, id for id.
@Suite(.enabled(if: LocalData.folder != nil, "real data not at hand"))
struct LlamaCppTests {
  /// Texts, and where their tokenizer is: in the GGUF file of that name unless it is given.
  struct Case: CustomTestStringConvertible {
    let name: String
    var tokenizer: String?
    /// The name by which a GGUF file would say how words are cut, where one is to be made.
    var pre: String?
    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "llama-spm"), Case(name: "phi-3"), Case(name: "gpt-2"), Case(name: "starcoder"),
    Case(name: "refact"), Case(name: "mpt"), Case(name: "falcon"), Case(name: "deepseek-coder"),
    Case(name: "llama-bpe", tokenizer: "llama3/tokenizer.json", pre: "llama-bpe"),
    Case(name: "qwen2", tokenizer: "qwen2.5/tokenizer.json", pre: "qwen2"),
    Case(name: "deepseek-r1-qwen", tokenizer: "qwen3/tokenizer.json", pre: "deepseek-r1-qwen"),
  ]

  private func tokenizers(_ test: Case, _ data: URL) throws -> [Tokenizer] {
    guard let path = test.tokenizer, let pre = test.pre else {
      let url = data.appending(path: "llamacpp/ggml-vocab-\(test.name).gguf")
      return [try Tokenizer(gguf: try GGUFFile(at: url))]
    }
    let json = try JSONField(contentsOf: data.appending(path: "tokenizers/\(path)"))
    let metadata = try GGUFMetadata(converting: json, pre: pre)
    return [try Tokenizer(json: json), try metadata.tokenizer(addingBeginning: false)]
  }

  @Test(arguments: cases)
  func everyTextMatches(test: Case) throws {
    let data = try #require(LocalData.folder)
    let base = data.appending(path: "llamacpp/ggml-vocab-\(test.name).gguf")
    let input = try String(contentsOf: base.appendingPathExtension("inp"), encoding: .utf8)
    let output = try String(contentsOf: base.appendingPathExtension("out"), encoding: .utf8)
    let texts = input.components(separatedBy: "\n__ggml_vocab_test__\n")
    let expected = output.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.split(separator: " ").compactMap { Int($0) }
    }
    #expect(expected.count >= texts.count)
    for tokenizer in try tokenizers(test, data) {
      for (text, ids) in zip(texts, expected) {
        let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
        #expect(tokens == ids, "\(test.name): \(text.debugDescription)")
        #expect(try tokenizer.decode(tokens).bytes == text.bytes, "\(text.debugDescription)")
      }
    }
  }

  @Test(
    arguments: [
      ("llama-spm", 1, 2, [1]), ("phi-3", 1, 32_000, [1]), ("gpt-2", 50_256, 50_256, []),
      ("deepseek-coder", 32_013, 32_014, [32_013]),
    ] as [(String, Int, Int, [Int])])
  func filesDecideOnSpecialTokens(
    name: String, beginning: Int, end: Int, prefix: [Int]
  ) throws {
    let data = try #require(LocalData.folder)
    let url = data.appending(path: "llamacpp/ggml-vocab-\(name).gguf")
    let tokenizer = try Tokenizer(gguf: try GGUFFile(at: url))
    #expect(tokenizer.beginningOfText == beginning && tokenizer.endOfText == end)
    #expect(try tokenizer.encode("").tokens == prefix)
  }

  @Test(arguments: ["bert-bge", "deepseek-llm"])
  func refusesWhatIsNotUnderstood(name: String) throws {
    let data = try #require(LocalData.folder)
    let file = try GGUFFile(at: data.appending(path: "llamacpp/ggml-vocab-\(name).gguf"))
    let error = try #require(throws: InputError.self) { try Tokenizer(gguf: file) }
    #expect(error.subject.contains("tokenizer.ggml"))
  }

  /// One model in two kinds of file: the tokenizer.json, and a GGUF file that is at hand or made of it.
  struct Pair: CustomTestStringConvertible {
    let json: String
    var file: String?
    var pre = ""
    var testDescription: String { "\(json) and \(file ?? pre)" }
  }

  static let pairs = [
    Pair(json: "phi3/tokenizer.json", file: "llamacpp/ggml-vocab-phi-3.gguf"),
    Pair(
      json: "mistral/tokenizer.nemo-tekken.reconstructed.json",
      file: "tokenizers/mistral/tekken_240718.reconstructed.json"),
    Pair(json: "qwen3/tokenizer.json", file: "tokenizers/qwen3/vocab.json"),
    Pair(json: "llama3/tokenizer.json", pre: "llama-bpe"),
    Pair(json: "qwen3/tokenizer.json", pre: "qwen2"),
    Pair(json: "olmo2/tokenizer.json", pre: "dbrx"),
    Pair(json: "phi4-mini/tokenizer.json", pre: "gpt-4o"),
    Pair(json: "mistral/tokenizer.nemo-tekken.reconstructed.json", pre: "tekken"),
  ]

  private func other(_ pair: Pair, _ json: JSONField, _ data: URL) throws -> Tokenizer {
    guard let path = pair.file else {
      return try GGUFMetadata(converting: json, pre: pair.pre).tokenizer(addingBeginning: false)
    }
    let file = data.appending(path: path)
    if file.pathExtension == "gguf" { return try Tokenizer(gguf: try GGUFFile(at: file)) }
    let folder = try TemporaryFolder()
    if path.contains("tekken") {
      try folder.link(file, as: "tekken.json")
    } else {
      for name in ["vocab.json", "merges.txt", "tokenizer_config.json"] {
        try folder.link(file.deletingLastPathComponent().appending(path: name), as: name)
      }
    }
    return try Tokenizer(folder: folder.url)
  }

  @Test(arguments: pairs)
  func filesOfOneModelAgreeOnRandomTexts(pair: Pair) throws {
    let data = try #require(LocalData.folder)
    let json = try JSONField(contentsOf: data.appending(path: "tokenizers/\(pair.json)"))
    let tokenizer = try Tokenizer(json: json)
    let other = try other(pair, json, data)
    let random = try JSONField(contentsOf: Fixture.folder.appending(path: "random.json"))
    for text in try random["texts"].array().map({ try $0.string() }) {
      let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(try other.encode(text, addingSpecialTokens: false).tokens == tokens)
      #expect(try other.decode(tokens).bytes == tokenizer.decode(tokens).bytes)
    }
  }
}
