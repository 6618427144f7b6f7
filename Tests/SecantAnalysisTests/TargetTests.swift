import Secant
import Testing

/// What a target may be called, on a random model with a real tokenizer's rules.
@Suite struct TargetTests {
  private typealias Target = ExplanationOptions.Target

  private func report(_ target: String) throws -> ExplanationReport {
    let speaking = try SpeakingModel()
    var options = ExplanationOptions()
    options.target = .init(target)
    return try speaking.model(Double.self).explain(.text("the bridge"), options)
  }

  private func message(_ target: String) -> String? {
    do { _ = try report(target) } catch { return "\(error)" }
    return nil
  }

  @Test func readsSpellings() {
    #expect(Target("Golden") == .token(.text("Golden")))
    #expect(Target(" Golden") == .token(.text(" Golden")))
    #expect(Target("#312") == .token(.id(312)))
    #expect(Target("A - B") == .difference(.text("A"), .text("B")))
    #expect(Target("#1 - #2") == .difference(.id(1), .id(2)))
    #expect(Target(" - ") == .token(.text(" - ")))
    #expect(Target("A-B") == .token(.text("A-B")))
    #expect(Target("#") == .token(.text("#")))
    #expect(Target("#-1") == .token(.text("#-1")))
  }

  @Test func findsTheTokenWithASpaceBeforeIt() throws {
    let found = try report("city").target
    #expect(found.token.text == " city")
    #expect(try report(" city").target == found)
    #expect(try report("#\(found.token.id)").target == found)
  }

  @Test func takesATextThatBeginsWithASpaceAsItStands() throws {
    #expect(try report(" bridge").target.token.text == " bridge")
  }

  @Test func refusesWhatMayBeTwoTokens() throws {
    let speaking = try SpeakingModel()
    let tokenizer = try #require(try speaking.model(Float.self).tokenizer)
    let bare = try #require(tokenizer.token(of: Array("bridge".utf8)))
    let spaced = try #require(tokenizer.token(of: Array(" bridge".utf8)))
    #expect(
      message("bridge") == """
        target "bridge": expected one token of the vocabulary, found both #\(bare) "bridge", \
        #\(spaced) " bridge"; name one by its id, such as #\(spaced)
        """)
  }

  @Test func refusesWhatIsSeveralTokens() throws {
    let message = try #require(self.message("Golden Gate"))
    #expect(
      message.hasPrefix(
        #"target "Golden Gate": expected one token of the vocabulary, found the tokens #"#))
    #expect(message.contains("name one token by its text or its id"))
  }

  @Test func refusesIdsBeyondTheVocabulary() {
    #expect(
      message("#480")
        == "target #480: expected an id in 0..<480, found 480; use an id of this model")
  }

  @Test func differencesAreDifferencesOfShares() throws {
    let (a, b) = (try report(" city"), try report(" Paris"))
    let both = try report("city - Paris")
    #expect(both.target.label == " city -  Paris")
    #expect(both.target.logit == a.target.logit - b.target.logit)
    // Three sums of a few terms of order one, in double precision.
    for index in both.shares.tokens.indices {
      let expected = a.shares.tokens[index].value - b.shares.tokens[index].value
      #expect(abs(both.shares.tokens[index].value - expected) <= 1e-13)
    }
    #expect(abs(both.shares.difference) <= 1e-12)
  }

  @Test func refusesADifferenceOfOneTokenWithItself() {
    #expect(message("city - #\(0)") == nil)
    #expect(message(" city - city")?.contains("two different tokens") == true)
  }

  @Test func needsATokenizerForNames() throws {
    var options = ExplanationOptions()
    options.target = .token(.text("city"))
    let model = try Fixture.plain.model(Float.self)
    #expect(throws: InputError.self) { try model.explain(.tokens([1, 2]), options) }
    #expect(throws: InputError.self) { try model.explain(.text("city")) }
  }
}
