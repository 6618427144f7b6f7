import Secant
import Testing

/// Shares of words, lines and other spans: sums of their tokens' shares.
@Suite struct SpanTests {
  private let text = "The bridge is red. Is the city old?\nParis is the city."

  private func shares(
    _ grouping: ExplanationOptions.Grouping, _ prompt: PromptInput? = nil,
    marksBaseline: Bool = true
  ) throws -> ExplanationReport.Shares {
    var options = ExplanationOptions()
    options.grouping = grouping
    options.rank = 0
    options.marksBaseline = marksBaseline
    return try SpeakingModel().model(Double.self).explain(prompt ?? .text(text), options).shares
  }

  private func names(_ grouping: ExplanationOptions.Grouping) throws -> [String] {
    try #require(shares(grouping, marksBaseline: false).grouping).spans.map(\.name)
  }

  @Test func spansAreTheSumsOfTheirTokens() throws {
    for grouping: ExplanationOptions.Grouping in [
      .word, .sentence, .line, .spans([.init(name: "subject", place: .text("bridge"))]),
    ] {
      for marksBaseline in [false, true] {
        let shares = try shares(grouping, marksBaseline: marksBaseline)
        let spans = try #require(shares.grouping).spans
        let apart = shares.tokens.indices.filter { shares.tokens[$0].isBaseline }
        #expect((spans.flatMap(\.positions) + apart).sorted() == Array(shares.tokens.indices))
        for span in spans {
          let sum = span.positions.reduce(0.0) { $0 + shares.tokens[$1].value }
          #expect(span.value == sum)
        }
        let baseline = apart.reduce(shares.bias.value) { $0 + shares.tokens[$1].value }
        // A dozen terms of order one, in double precision.
        #expect(abs(spans.reduce(baseline) { $0 + $1.value } - shares.sum) <= 1e-12)
      }
    }
    #expect(try shares(.token).grouping == nil)
  }

  @Test func unitsAreThoseOfTheText() throws {
    let words = try names(.word).map { $0.split(separator: " ").joined() }
    #expect(words.contains("bridge") && words.contains("red.") && words.contains("city."))
    let sentences = try names(.sentence).filter { $0.contains(" ") }
    #expect(sentences.count == 3, "\(sentences)")
    // White space after a sentence belongs to it.
    #expect(sentences[0].split(separator: " ").last == "red." && sentences[2].hasSuffix("city."))
    #expect(sentences[1].hasSuffix("old?\n"), "\(sentences)")
    let lines = try names(.line)
    #expect(lines.count == 2 && lines[0].hasSuffix("\n"), "\(lines)")
  }

  @Test func spansAreFoundByTextAndByCharacters() throws {
    let place = text.unicodeScalars.count - "city.".count
    for span in [
      ExplanationOptions.NamedSpan(name: "last", place: .characters(place..<place + 5)),
      .init(name: "last", place: .text("the city.")),
    ] {
      let spans = try #require(shares(.spans([span])).grouping).spans
      #expect(spans.map(\.name).contains("last") && spans.last?.name == "other text")
      let positions = try #require(spans.first { $0.name == "last" }).positions
      #expect(positions.last == spans.flatMap(\.positions).max())
    }
  }

  private func message(_ spans: [ExplanationOptions.NamedSpan]) -> String? {
    do { _ = try shares(.spans(spans)) } catch { return "\(error)" }
    return nil
  }

  @Test func spansThatMeanNothingAreRefused() throws {
    #expect(message([.init(name: "a", place: .text("Rome"))])?.contains("found none") == true)
    #expect(message([.init(name: "a", place: .text("city"))])?.contains("found 2") == true)
    #expect(
      message([.init(name: "a", place: .characters(3..<900))])?.contains("found 3 and 900") == true)
    let overlapping = message([
      .init(name: "a", place: .text("bridge is")), .init(name: "b", place: .text("is red")),
    ])
    #expect(overlapping?.contains("it overlaps \"a\"") == true)
    #expect(throws: InputError.self) { try shares(.turn) }
    #expect(throws: InputError.self) {
      try shares(.spans([.init(name: "a", place: .characters(0..<1))]), .tokens([3, 4, 5]))
    }
  }
}

/// A first token that much of the attention goes to: flagged, never hidden.
@Suite struct BaselineTests {
  /// The flag says what the numbers beside it say, and changes none of them.
  @Test(arguments: Fixture.all)
  func theFlagFollowsFromTheAttention(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let prompt = PromptInput.tokens(try fixture.tokens())
    var options = ExplanationOptions()
    options.rank = 0
    let shares = try model.explain(prompt, options).shares
    let first = try #require(shares.firstToken)
    #expect(shares.tokens[0].isBaseline == (first.excess > 0.15))
    #expect(shares.tokens.dropFirst().allSatisfy { !$0.isBaseline })
    #expect(try model.shares(prompt, options).shares.firstToken == first)
    options.marksBaseline = false
    let plain = try model.explain(prompt, options).shares
    #expect(plain.tokens.map(\.value) == shares.tokens.map(\.value) && plain.sum == shares.sum)
    #expect(plain.firstToken == nil && plain.tokens.allSatisfy { !$0.isBaseline })
  }

  /// Nothing is set apart where no token comes after the first, or none of them is read.
  @Test func aSingleTokenIsNoBaseline() throws {
    let model = try Fixture.plain.model(Double.self)
    #expect(try model.explain(.tokens([5])).shares.firstToken == nil)
    var options = ExplanationOptions()
    options.position = 0
    #expect(try model.explain(.tokens([5, 6, 7]), options).shares.firstToken == nil)
  }
}

/// The attention that first tokens get in a real model, as another implementation (transformers, eager
/// attention, float32) has it for the same weights.
@Suite(.enabled(if: RealModel.url != nil, "SECANT_REAL_MODELS names no folder with SmolLM2"))
struct RealBaselineTests {
  @Test(arguments: [
    ("The capital of France is", 0.744),
    ("When Mary and John went to the store, John gave a drink to", 0.548),
  ])
  func theFirstTokenIsASink(_ prompt: String, _ attention: Double) throws {
    let model = try Model<Float>(Checkpoint(at: #require(RealModel.url)))
    var options = ExplanationOptions()
    options.rank = 0
    let shares = try model.explain(.text(prompt), options).shares
    // The reference has three digits.
    #expect(abs((shares.firstToken?.attention ?? .nan) - attention) <= 6e-4)
    #expect(shares.tokens.map(\.isBaseline).prefix(2) == [true, false])
  }

  /// What a reader would say of these prompts: the names decide, not the first token.
  @Test func theAnswerIsWhatThePromptSays() throws {
    let model = try Model<Float>(Checkpoint(at: #require(RealModel.url)))
    var options = ExplanationOptions()
    options.rank = 0
    for (prompt, word) in [
      ("The capital of France is", " France"),
      ("When Mary and John went to the store, John gave a drink to", " Mary"),
    ] {
      let report = try model.explain(.text(prompt), options)
      let tokens = zip(report.prompt.tokens, report.shares.tokens).filter { !$1.isBaseline }
      #expect(tokens.max { $0.1.value < $1.1.value }?.0.text == word)
    }
  }

  /// A conversation's turns are those that its template marks.
  @Test func turnsAreThoseOfTheTemplate() throws {
    let model = try Model<Float>(Checkpoint(at: #require(RealModel.url)))
    var options = ExplanationOptions()
    options.rank = 0
    options.grouping = .turn
    let prompt = PromptInput.chat([
      ChatMessage(role: .user, content: "Where is Paris?"),
      ChatMessage(role: .assistant, content: "In France."),
      ChatMessage(role: .user, content: "And Rome?"),
    ])
    let spans = try #require(model.explain(prompt, options).shares.grouping).spans
    #expect(spans.map(\.name) == ["system", "user", "assistant", "user", "assistant"])
  }
}
