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
    #expect(Target(" Golden") == .token(.exactly(" Golden")))
    #expect(Target("'Golden'") == .token(.exactly("Golden")))
    #expect(Target("\" Golden\"") == .token(.exactly(" Golden")))
    #expect(Target("#312") == .token(.id(312)))
    #expect(Target("A - B") == .difference(.text("A"), .text("B")))
    #expect(Target("#1 - #2") == .difference(.id(1), .id(2)))
    #expect(Target(" - ") == .token(.exactly(" - ")))
    #expect(Target("A-B") == .token(.text("A-B")))
    #expect(Target("#") == .token(.text("#")))
    #expect(Target("#-1") == .token(.text("#-1")))
    #expect(Target("''") == .token(.text("''")))
    #expect(Target.Reference(["mean"]) == .mean && Target.Reference(["none"]) == .nothing)
    #expect(Target.Reference([]) == .runnerUp && Target.Reference(["runner-up"]) == .runnerUp)
    #expect(Target.Reference(["\"mean\""]) == .tokens([.exactly("mean")]))
    #expect(Target.Reference(["A", "#3"]) == .tokens([.text("A"), .id(3)]))
  }

  @Test func findsTheTokenWithASpaceBeforeIt() throws {
    let found = try report("city").target
    #expect(found.token?.text == " city")
    #expect(try report(" city").target == found)
    #expect(try report("#\(found.token?.id ?? -1)").target == found)
  }

  @Test func takesATextThatBeginsWithASpaceAsItStands() throws {
    #expect(try report(" bridge").target.token?.text == " bridge")
  }

  /// Of a word with and without a space before it, the likelier token is meant, and the report says so.
  @Test func takesTheVariantOfTheLargerLogit() throws {
    let speaking = try SpeakingModel()
    let model = try speaking.model(Double.self)
    let tokenizer = try #require(model.tokenizer)
    let bare = try #require(tokenizer.token(of: Array("bridge".utf8)))
    let spaced = try #require(tokenizer.token(of: Array(" bridge".utf8)))
    let raw = try [bare, spaced].map { id in
      var options = ExplanationOptions()
      options.target = .token(.id(id), over: .nothing)
      return try model.explain(.text("the bridge"), options).target.logit
    }
    let found = try report("bridge")
    #expect(found.target.token?.id == (raw[0] >= raw[1] ? bare : spaced))
    #expect(found.notes.contains { $0.hasPrefix("The target \"bridge\" is read as #") })
    #expect(try report("'bridge'").target.token?.id == bare)
    #expect(try report("' bridge'").target.token?.id == spaced)
    #expect(try !report("' bridge'").notes.contains { $0.contains("is read as") })
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

  private func report(
    of subject: Target.Subject, over reference: Target.Reference
  ) throws -> ExplanationReport {
    var options = ExplanationOptions()
    options.target = .logits(of: subject, over: reference)
    return try SpeakingModel().model(Double.self).explain(.text("the bridge"), options)
  }

  /// Sums of a few terms of order one, in double precision.
  private static let rounding = 1e-12

  @Test func differencesAreDifferencesOfShares() throws {
    let a = try report(of: .tokens([.text("city")]), over: .nothing)
    let b = try report(of: .tokens([.text("Paris")]), over: .nothing)
    let both = try report("city - Paris")
    #expect(both.target.label == " city -  Paris")
    #expect(both.target.logit == a.target.logit - b.target.logit)
    #expect(both.target.rawLogit == a.target.logit && both.target.over?.logit == b.target.logit)
    for index in both.shares.tokens.indices {
      let expected = a.shares.tokens[index].value - b.shares.tokens[index].value
      #expect(abs(both.shares.tokens[index].value - expected) <= Self.rounding)
    }
    #expect(abs(both.shares.difference) <= Self.rounding)
  }

  @Test func withoutATargetItIsThePredictionOverItsRunnerUp() throws {
    let report = try report(of: .prediction, over: .runnerUp)
    let (first, second) = (report.prediction[0], report.prediction[1])
    #expect(report.target.token?.id == first.id && report.target.contrast?.id == second.id)
    #expect(report.target.over?.kind == "runner-up" && report.target.logit > 0)
    #expect(abs(report.target.logit - (first.logit - second.logit)) <= Self.rounding)
    #expect(report.target.rawLogit.map { abs($0 - first.logit) <= Self.rounding } == true)
  }

  /// The runner-up of any other token is the prediction, the second likeliest among them.
  @Test func theRunnerUpIsTheLikeliestTokenThatIsNoTarget() throws {
    let prediction = try report(of: .prediction, over: .runnerUp).prediction
    let second = try report(of: .tokens([.id(prediction[1].id)]), over: .runnerUp)
    #expect(second.target.contrast?.id == prediction[0].id && second.target.logit < 0)
    let last = try report(of: .tokens([.id(prediction[9].id)]), over: .runnerUp)
    #expect(last.target.contrast?.id == prediction[0].id)
    let both = try report(
      of: .tokens([.id(prediction[0].id), .id(prediction[1].id)]), over: .runnerUp)
    #expect(both.target.contrast?.id == prediction[2].id)
  }

  @Test func severalTokensAreTheirMean() throws {
    let ids = [3, 5, 300, 301]
    let each = try ids.map { try report(of: .tokens([.id($0)]), over: .nothing) }
    let both = try report(of: .tokens([.id(3), .id(5)]), over: .tokens([.id(300), .id(301)]))
    for index in both.shares.tokens.indices {
      let values = each.map { $0.shares.tokens[index].value }
      let expected = (values[0] + values[1]) / 2 - (values[2] + values[3]) / 2
      #expect(abs(both.shares.tokens[index].value - expected) <= Self.rounding)
    }
    #expect(both.target.tokens.map(\.id) == [3, 5])
    #expect(both.target.over?.tokens.map(\.id) == [300, 301] && both.target.contrast == nil)
    #expect(abs(both.shares.difference) <= Self.rounding)
  }

  /// The mean logit of the vocabulary, checked against all logits by name.
  @Test func theMeanIsThatOfAllLogits() throws {
    let raw = try report(of: .tokens([.id(3)]), over: .nothing)
    let mean = try report(of: .tokens([.id(3)]), over: .mean)
    let all = try report(of: .tokens((0..<480).map { .id($0) }), over: .nothing)
    #expect(abs(mean.target.logit - (raw.target.logit - all.target.logit)) <= Self.rounding)
    #expect(mean.target.over?.kind == "mean" && mean.target.over?.tokens.isEmpty == true)
    #expect(abs(mean.shares.difference) <= Self.rounding)
    let sum = mean.shares.tokens.reduce(0) { $0 + $1.value } + mean.shares.bias.value
    #expect(abs(sum - mean.target.logit) <= Self.rounding)
  }

  @Test func anyDirectionIsATarget() throws {
    let model = try SpeakingModel().model(Double.self)
    let unembedding = model.decoder.unembedding
    let direction = zip(unembedding.direction(of: 3), unembedding.direction(of: 5)).map(-)
    var options = ExplanationOptions()
    options.target = .direction(direction, name: "three less five")
    let found = try model.explain(.text("the bridge"), options)
    options.target = .difference(.id(3), .id(5))
    let expected = try model.explain(.text("the bridge"), options)
    #expect(found.target.label == "three less five" && found.target.tokens.isEmpty)
    #expect(abs(found.target.logit - expected.target.logit) <= Self.rounding)
    #expect(
      found.shares.tokens
        == expected.shares.tokens.enumerated().map {
          .init(
            value: $1.value, fraction: found.shares.tokens[$0].fraction, isBaseline: $1.isBaseline)
        })
    options.target = .direction([1, 2], name: "short")
    #expect(throws: InputError.self) { try model.explain(.text("the bridge"), options) }
    options.target = .direction(direction.map { _ in .nan }, name: "none")
    #expect(throws: InputError.self) { try model.explain(.text("the bridge"), options) }
  }

  @Test func refusesATokenTwice() {
    #expect(throws: InputError.self) {
      try report(of: .tokens([.id(3), .id(3)]), over: .nothing)
    }
    #expect(throws: InputError.self) {
      try report(of: .tokens([.id(3), .id(4)]), over: .tokens([.id(4)]))
    }
    #expect(throws: InputError.self) { try report(of: .tokens([]), over: .mean) }
  }

  /// Every question gives the same target for the same options.
  @Test func allQuestionsAgree() throws {
    let model = try SpeakingModel().model(Double.self)
    let prompt = PromptInput.text("the bridge")
    var options = ExplanationOptions()
    options.target = .token(.text("city"))
    let expected = try model.explain(prompt, options).target
    #expect(try model.shares(prompt, options).target == expected)
    #expect(try model.compareGateRules(prompt, options).target == expected)
    #expect(try model.compareJacobians(prompt, options, precisions: [.f64]).target == expected)
    #expect(try model.compare(prompt, with: .text("a bridge"), options).first.target == expected)
    var layers = LayersOptions()
    layers.target = options.target
    let report = try model.layers(prompt, layers)
    #expect(report.target == expected)
    let last = report.maps(.cumulative, to: .residual).last?.lens?.logit
    #expect(last.map { abs($0 - expected.logit) <= Self.rounding } == true)
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
