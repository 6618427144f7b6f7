import SecantCheckpoints
import SecantTestSupport
import SecantTokenizers
import Testing

/// The tiny tokenizers against the reference.
///
/// They cover every step that is understood, on texts of
/// many scripts; they do not prove large vocabularies (see the golden tests on real ones).
@Suite struct FixtureTests {
  @Test(arguments: Fixture.names)
  func encodesLikeTheReference(name: String) throws {
    let fixture = try Fixture(name)
    let plain = try fixture.ids("ids")
    let special = try fixture.ids("ids_with_special")
    for (index, text) in fixture.texts.enumerated() {
      let prompt = try fixture.tokenizer.encode(text, addingSpecialTokens: false)
      #expect(prompt.tokens == plain[index], "text \(index): \(text.debugDescription)")
      #expect(try fixture.tokenizer.encode(text).tokens == special[index])
      #expect(prompt.text.bytes == text.bytes)
    }
  }

  @Test(arguments: Fixture.names)
  func decodesLikeTheReference(name: String) throws {
    let fixture = try Fixture(name)
    let ids = try fixture.ids("ids")
    let all = try fixture.strings("decoded")
    let some = try fixture.strings("decoded_without_special")
    for index in ids.indices {
      let decoded = try fixture.tokenizer.decode(ids[index])
      #expect(decoded.bytes == all[index].bytes, "text \(index)")
      let skipped = try fixture.tokenizer.decode(ids[index], skippingSpecialTokens: true)
      #expect(skipped.bytes == some[index].bytes, "text \(index)")
    }
  }

  @Test(arguments: Fixture.names)
  func decodesAnyIdsLikeTheReference(name: String) throws {
    let fixture = try Fixture(name)
    for entry in try fixture.golden["scrambled"].array() {
      let pair = try entry.array()
      let decoded = try fixture.tokenizer.decode(try pair[0].ids())
      #expect(decoded.bytes == (try pair[1].string()).bytes, "\(pair[0])")
    }
  }
}
