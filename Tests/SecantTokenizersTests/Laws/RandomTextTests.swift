import Foundation
import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// Random texts against Hugging Face's `tokenizers`, id for id and back.
///
/// They are of all of Unicode, assigned or not. `Tools/fixtures/tiny_tokenizers.py` wrote them; it also
/// does so for real tokenizers, into a file of which SECANT_RANDOM_TEXTS holds the path.
@Suite struct RandomTextTests {
  private func compare(_ tokenizer: Tokenizer, _ texts: [String], _ golden: JSONField) throws {
    let ids = try golden["ids"].array().map { try $0.ids() }
    let decoded = try golden["decoded"].array().map { try $0.string() }
    #expect(texts.count == ids.count && texts.count == decoded.count && !texts.isEmpty)
    for (index, text) in texts.enumerated() {
      let tokens = try tokenizer.encode(text, addingSpecialTokens: false).tokens
      #expect(tokens == ids[index], "\(golden.path), text \(index): \(text.debugDescription)")
      #expect(try tokenizer.decode(ids[index]).bytes == decoded[index].bytes, "\(index)")
      var stream = TextStream(tokenizer)
      var parts = try ids[index].map { try stream.append($0) }
      parts.append(stream.finish())
      #expect(parts.joined().bytes == decoded[index].bytes, "\(golden.path), text \(index)")
    }
  }

  @Test(arguments: Fixture.names)
  func tinyTokenizersDifferNowhere(name: String) throws {
    let root = try JSONField(contentsOf: Fixture.folder.appending(path: "random.json"))
    let texts = try root["texts"].array().map { try $0.string() }
    try compare(try Fixture(name).tokenizer, texts, root["cases"][name])
  }

  private static let path = ProcessInfo.processInfo.environment["SECANT_RANDOM_TEXTS"]

  @Test(.enabled(if: path != nil, "random texts of real tokenizers not at hand"))
  func realTokenizersDifferNowhere() throws {
    let root = try JSONField(contentsOf: URL(filePath: try #require(Self.path)))
    let texts = try root["texts"].array().map { try $0.string() }
    for member in try root["cases"].object().members {
      let tokenizer = try Tokenizer(json: try JSONField(contentsOf: URL(filePath: member.key)))
      try compare(tokenizer, texts, root["cases"][member.key])
    }
  }
}
