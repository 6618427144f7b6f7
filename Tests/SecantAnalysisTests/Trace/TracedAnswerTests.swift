import Secant
import SecantTestSupport
import Testing

/// How answers and what they are held against are named.
@Suite struct TracedAnswerTests {
  private func trace(
    _ answer: TraceOptions.Answer, over: TraceOptions.Reference = .runnerUp,
    _ prompt: PromptInput = .text("The bridge is")
  ) throws -> TraceReport {
    var options = TraceOptions()
    options.reference = over
    return try SpeakingModel().model(Double.self).trace(prompt, answer: answer, options)
  }

  private func refusal(
    _ answer: TraceOptions.Answer, over: TraceOptions.Reference = .runnerUp
  ) throws -> String {
    let error = try #require(throws: InputError.self) { try trace(answer, over: over) }
    return "\(error)"
  }

  @Test func anAnswerFollowsThePrompt() throws {
    let exact = try trace(.exactly(" red. Is"))
    #expect(exact.answer.text == " red. Is" && exact.answer.origin == "given")
    let word = try trace(.text("red"))
    #expect([" red", "red"].contains(word.answer.text))
    #expect(word.answer.text == "red" || word.notes.contains { $0.contains("is read as") })
    // After white space there is nothing to choose.
    #expect(try trace(.text("\nred")).notes.allSatisfy { !$0.contains("is read as") })
  }

  @Test func anotherAnswerHasAsManyTokens() throws {
    let first = try trace(.exactly(" red"))
    let ids = first.answer.tokens.map { $0.id == 5 ? 6 : 5 }
    let traced = try trace(.exactly(" red"), over: .answer(.tokens(ids)))
    #expect(traced.reference.kind == "answer")
    #expect(traced.answer.tokens.compactMap(\.over?.id) == ids)
    #expect(
      traced.answer.tokens.compactMap(\.over?.text).joined() == traced.reference.text)
    let longer = try refusal(.exactly(" red"), over: .answer(.exactly(" red and old and more")))
    #expect(longer.contains("as the answer has"), "\(longer)")
    let same = try refusal(.exactly(" red"), over: .answer(.exactly(" red")))
    #expect(same.contains("the same tokens"), "\(same)")
    #expect(try refusal(.tokens([])).contains("at least one token"))
    #expect(try refusal(.tokens([480])).contains("token id 480"))
    #expect(try refusal(.continuation(0)).contains("at least 1"))
    #expect(try refusal(.continuation(60)).contains("the context is 32"))
  }

  @Test func spellings() {
    #expect(TraceOptions.Answer("Paris") == .text("Paris"))
    #expect(TraceOptions.Answer("\" Paris\"") == .exactly(" Paris"))
    #expect(TraceOptions.Answer(" Paris") == .exactly(" Paris"))
    #expect(TraceOptions.Answer("#12") == .text("#12"))
    #expect(TraceOptions.Reference("mean") == .mean)
    #expect(TraceOptions.Reference("none") == .nothing)
    #expect(TraceOptions.Reference("runner-up") == .runnerUp)
    #expect(TraceOptions.Reference("\"mean\"") == .answer(.exactly("mean")))
  }

  /// Without being told, lines count; sentences or words where there are few.
  @Test func unitsFollowFromTheText() throws {
    func unit(_ text: String) throws -> String? {
      try trace(.exactly(" red"), over: .runnerUp, .text(text)).shares.grouping?.by
    }
    #expect(try unit("The\nbridge\nis old") == "line")
    #expect(try unit("It is. It is. Is it") == "sentence")
    #expect(try unit("The bridge is") == "word")
  }
}

/// A conversation with a real model, whose template marks turns.
@Suite(.enabled(if: RealModel.url != nil, "SECANT_REAL_MODELS names no folder with SmolLM2"))
struct RealTraceTests {
  private let prompt = PromptInput.chat([
    ChatMessage(role: .system, content: "Answer in a few words."),
    ChatMessage(role: .user, content: "The box is red.\nThe lamp is green.\nWhat is green?"),
  ])

  /// Each turn is a role, named spans are documents, and all of them sum to the target.
  @Test func turnsAndDocumentsAreRoles() throws {
    let model = try Model<Float>(Checkpoint(at: #require(RealModel.url)))
    var options = TraceOptions()
    options.grouping = .spans([.init(name: "fact", place: .text("The lamp is green."))])
    let traced = try model.trace(prompt, answer: .text("The lamp is green."), options)
    let names = traced.roles.map(\.name)
    #expect(
      names == ["system", "user", "documents", "assistant", "answer", "baseline"], "\(names)")
    let sum = traced.roles.reduce(0) { $0 + $1.value }
    #expect(abs(sum - traced.shares.logit) <= 1e-4 * (abs(traced.shares.logit) + 1))
    #expect(abs(traced.exactness.difference) <= 1e-3)
    #expect(traced.roles.reduce(0) { $0 + $1.tokenCount } == traced.shares.tokens.count)
  }

  /// After the white space with which the template begins the model's turn, an answer is taken as it stands.
  @Test func anAnswerInAConversationIsTakenAsItStands() throws {
    let model = try Model<Float>(Checkpoint(at: #require(RealModel.url)))
    let traced = try model.trace(prompt, answer: .text("Green"))
    #expect(traced.answer.text == "Green")
    #expect(traced.notes.allSatisfy { !$0.contains("is read as") })
  }
}
