import Secant
import SecantAnalysis
import SecantOperators
import Testing

/// Measured effects of tokens: each is the difference of two independent forward passes.
@Suite struct TokenEffectTests {
  /// What only rounding separates, relative to the logits.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 5e-5 : 1e-12 }

  private func options(_ target: ExplanationReport.Target) -> ExplanationOptions {
    var options = ExplanationOptions()
    options.rank = 0
    options.target = .prediction.settled(as: target)
    return options
  }

  @Test(arguments: Fixture.all)
  func effectsAreDifferencesOfTwoPasses(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let model = try fixture.model(S.self)
      let tokens = try fixture.tokens()
      var asked = ExplanationOptions()
      asked.rank = 0
      let explained = try model.explain(.tokens(tokens), asked)
      asked = options(explained.target)
      let decoder = model.decoder
      var w = decoder.unembedding.direction(of: try #require(explained.target.token).id)
      if let contrast = explained.target.contrast {
        let row = decoder.unembedding.direction(of: contrast.id)
        w = zip(w, row).map(-)
      }
      func read(_ run: Linearization<S>) -> Double {
        let output = run.output()
        return Kernels.dot(w.span, output.span)
      }
      let whole = try read(decoder.linearize(at: tokens))
      let mean = decoder.embedding.mean()
      for (removal, name) in [
        (TokenRemoval.mean, "mean"), (.mask, "mask"), (.replace(.id(3)), "replace"),
      ] {
        if case .mask = removal, decoder.configuration.hasDeltaNetworks { continue }
        let found = try model.effects(.tokens(tokens), removing: removal, asked)
        #expect(found.method == name)
        for effect in found.effects {
          let expected: Double
          switch removal {
          case .mean:
            var input = decoder.embedding.vectors(of: tokens)
            let placed = decoder.embedding.placed(Matrix(row: mean), at: [effect.position])
            for column in mean.indices { input[effect.position, column] = placed[0, column] }
            // A mean is no token: it has no vector of its own in per-layer inputs.
            expected = try read(
              decoder.linearize(
                at: tokens, entering: input,
                tokenParts: [effect.position: TokenPart(0, times: 0)]))
          case .mask:
            expected = try read(decoder.hiding([effect.position]).linearize(at: tokens))
          case .replace:
            var replaced = tokens
            replaced[effect.position] = 3
            expected = try model.explain(.tokens(replaced), asked).target.logit
          }
          let bound = rounding(S.self) * (abs(whole) + abs(expected) + 1)
          #expect(abs(effect.effect - (whole - expected)) <= bound, "\(name) \(effect.position)")
          let channels = try #require(effect.channels)
          let sum = channels.named.reduce(0) { $0 + $1.value }
          #expect(abs(sum - effect.effect) <= 4 * bound)
          if case .mask = removal { #expect(channels.content == 0) }
          #expect(effect.channel != nil)
        }
        let shares = found.effects.map { explained.shares.tokens[$0.position].value }
        let effects = found.effects.map(\.effect)
        #expect(found.spearman == Correlation.spearman(shares, effects))
        #expect(found.pearson == Correlation.pearson(shares, effects))
      }
    }
  }

  /// A removal that a model cannot do is refused, with those that it can.
  @Test func maskIsRefusedWithDeltaNetworks() throws {
    let model = try Fixture(name: "qwen3-5").model(Double.self)
    let error = try #require(throws: InputError.self) {
      try model.effects(.tokens([5, 6, 7]), removing: .mask, ExplanationOptions())
    }
    #expect(error.kind == .unsupported && error.remedy.contains("mean or replace:TEXT"))
    let traced = try #require(throws: InputError.self) {
      var options = TraceOptions()
      options.check = .mask
      _ = try model.trace(.tokens([5, 6, 7]), answer: .tokens([3]), options)
    }
    #expect(traced.kind == .unsupported && traced.remedy == "use the removal replace")
  }

  /// Removals that are no change are left out; of others every token up to the position is there.
  @Test func whatIsNoChangeIsLeftOut() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens([5, 6, 7, 8, 9])
    func positions(
      _ removal: TokenRemoval, _ change: (inout ExplanationOptions) -> Void = { _ in }
    ) throws -> [Int] {
      var options = ExplanationOptions()
      change(&options)
      return try model.effects(prompt, removing: removal, options, isDivided: false)
        .effects.map(\.position)
    }
    #expect(try positions(.mean) == [0, 1, 2, 3, 4])
    #expect(try positions(.mean) { $0.position = 2 } == [0, 1, 2])
    #expect(try positions(.mask) == [0, 1, 2, 3])
    #expect(try positions(.mask) { $0.position = 2 } == [0, 1])
    #expect(try positions(.replace(.id(7))) == [0, 1, 3, 4])
    let chosen = try model.effects(prompt, at: [3, 1], isDivided: false)
    #expect(chosen.effects.map(\.position) == [1, 3] && chosen.spearman == nil)
    #expect(chosen.effects.allSatisfy { $0.channel == nil })
  }

  /// An explanation's check is the same as the question by itself, and off unless asked for.
  @Test func anExplanationIsChecked() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens([5, 6, 7, 8, 9])
    var options = ExplanationOptions()
    #expect(try model.explain(prompt, options).check == nil)
    options.check = .auto
    let explained = try model.explain(prompt, options)
    #expect(try explained.check == model.effects(prompt))
    #expect(explained.check?.effects.count == 5)
    options.check = .removing(.mask)
    #expect(try model.explain(prompt, options).check == model.effects(prompt, removing: .mask))
    #expect(try model.plan(prompt, options).notes.contains { $0.contains("(mask)") })
    options.check = .removing(.replace(.id(1_000_000)))
    let error = try #require(throws: InputError.self) { try model.explain(prompt, options) }
    #expect(error.subject.contains("replacement"))
    // Inside a block effects are measured, but not divided: parts do not add up there.
    options.check = .auto
    options.site = .block(0, .attention)
    let inside = try model.explain(prompt, options)
    #expect(inside.check?.effects.count == 5)
    #expect(inside.check?.effects.allSatisfy { $0.channels == nil } == true)
  }

  @Test func spellings() {
    #expect(ExplanationOptions.Check("mean") == .removing(.mean))
    #expect(ExplanationOptions.Check("replace:the") == .removing(.replace(.text("the"))))
    #expect(ExplanationOptions.Check("replace:#12") == .removing(.replace(.id(12))))
    #expect(
      ExplanationOptions.Check("auto") == .auto
        && ExplanationOptions.Check("none") == ExplanationOptions.Check.none)
    for wrong in ["", "Mean", "replace", "replace:", "delete"] {
      #expect(ExplanationOptions.Check(wrong) == nil)
    }
  }

  /// Correlations of lists that are known by hand; equal numbers share their ranks.
  @Test func correlations() throws {
    #expect(Correlation.ranks([10, 30, 20, 20]) == [1, 4, 2.5, 2.5])
    #expect(Correlation.spearman([1, 2, 3, 4], [1, 8, 27, 64]) == 1)
    #expect(Correlation.spearman([1, 2, 3], [3, 2, 1]) == -1)
    // 1 - 6 Σ d² / (n (n² - 1)) with d = 0, 1, 1, 0.
    let spearman = try #require(Correlation.spearman([1, 2, 3, 4], [1, 3, 2, 4]))
    #expect(abs(spearman - 0.8) < 1e-15)
    let pearson = try #require(Correlation.pearson([1, 2, 3], [1, 2, 4]))
    #expect(abs(pearson - 3 / (2.0 * 14 / 3).squareRoot()) < 1e-15)
    #expect(Correlation.spearman([1, 2], [1, 2]) == nil)
    #expect(Correlation.spearman([1, 1, 1], [1, 2, 3]) == nil)
  }
}
