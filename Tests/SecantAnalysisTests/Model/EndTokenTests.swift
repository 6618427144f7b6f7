import Foundation
import Secant
import SecantTestSupport
import Testing

/// Where a continuation ends, as all of a model's files together name it.
@Suite struct EndTokenTests {
  private let speaking: SpeakingModel

  init() throws { speaking = try SpeakingModel() }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: speaking.folder.appending(path: name))
  }

  private func setConfiguration(_ member: String) throws {
    let url = speaking.folder.appending(path: "config.json")
    let text = try String(contentsOf: url, encoding: .utf8)
    try write(
      text.replacing(#""model_type""#, with: member + #", "model_type""#), to: "config.json")
  }

  @Test func theUnionOfAllFilesCounts() throws {
    #expect(try speaking.model(Float.self).endTokens() == [])
    try write(#"{"eos_token": "</s>"}"#, to: "tokenizer_config.json")
    #expect(try speaking.model(Float.self).endTokens() == [2])
    try write(#"{"eos_token_id": [1, 133]}"#, to: "generation_config.json")
    #expect(try speaking.model(Float.self).endTokens() == [1, 2, 133])
    try setConfiguration(#""eos_token_id": 7"#)
    #expect(try speaking.model(Float.self).endTokens() == [1, 2, 7, 133])
    try write(#"{"eos_token_id": null}"#, to: "generation_config.json")
    #expect(try speaking.model(Float.self).endTokens() == [2, 7])
    try write(#"{"eos_token_id": ["2"]}"#, to: "generation_config.json")
    let model = try speaking.model(Float.self)
    let error = try #require(throws: InputError.self) { try model.endTokens() }
    #expect(error.file == "generation_config.json" && error.subject == "field eos_token_id[0]")
  }

  /// What the first tokens are is the model's affair; at the one that is named, they end.
  @Test func generationsEndThere() throws {
    let model = try speaking.model(Float.self)
    let free = try model.decoder.generate(after: [5, 6], count: 8)
    let end = try #require(free.dropFirst(2).first { !free.prefix(2).contains($0) })
    try write(#"{"eos_token_id": \#(end)}"#, to: "generation_config.json")
    let named = try speaking.model(Float.self)
    let ended = try named.decoder.generate(
      after: [5, 6], count: 8, endOfText: named.endTokens())
    #expect(ended == Array(free.prefix { $0 != end }))
  }

  @Test(
    .enabled(if: LocalData.folder != nil, "real data not at hand"),
    arguments: [
      ("ggml-vocab-phi-3", "<|end|>"), ("ggml-vocab-gpt-2", "<|endoftext|>"),
    ])
  func ggufVocabulariesHaveEndsOfTurns(name: String, spelling: String) throws {
    // The file has no weights, so only the tokens are looked at, by the spelling that is known.
    let url = try #require(LocalData.folder).appending(path: "llamacpp/\(name).gguf")
    let tokenizer = try Tokenizer(gguf: GGUFFile(at: url))
    #expect(tokenizer.token(of: Array(spelling.utf8)) != nil)
  }

  @Test func textsThatCannotFitAreRefusedBeforeTheyAreEncoded() throws {
    let model = try speaking.model(Float.self)
    let text = String(repeating: "the ", count: 100_000)
    let error = try #require(throws: InputError.self) { try model.tokens(of: .text(text)) }
    #expect(
      error.subject == "the prompt" && error.found.hasPrefix("400000 bytes, which are at least"))
    #expect(try !model.tokens(of: .text("the bridge")).isEmpty)
  }
}
