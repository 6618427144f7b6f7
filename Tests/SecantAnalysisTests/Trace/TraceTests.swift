import Secant
import SecantAnalysis
import SecantOperators
import Testing

/// An answer of several tokens, traced in one pass.
@Suite struct TraceTests {
  /// What only rounding separates, relative to the sum of magnitudes.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-6 : 1e-12 }

  private func options(_ change: (inout TraceOptions) -> Void = { _ in }) -> TraceOptions {
    var options = TraceOptions()
    change(&options)
    return options
  }

  /// The sum over all answer tokens is that of an explanation of each; and so are the matrix's rows.
  @Test(
    arguments: Fixture.all,
    [
      TraceOptions.Reference.runnerUp, .mean, .nothing, .answer(.tokens([9, 4, 7])),
    ])
  func theSumIsThatOfSingleExplanations(
    _ fixture: Fixture, _ reference: TraceOptions.Reference
  ) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let model = try fixture.model(S.self)
      let all = try fixture.tokens()
      let count = all.count - 2
      let (prompt, answer) = (Array(all.prefix(count)), [all[count], all[count + 1], 5])
      let traced = try model.trace(
        .tokens(prompt), answer: .tokens(answer),
        options {
          $0.reference = reference
          $0.hasMatrix = true
        })
      var tokens = [Double](repeating: 0, count: count + 2)
      var (bias, target, size) = (0.0, 0.0, 0.0)
      for (index, token) in answer.enumerated() {
        var asked = ExplanationOptions()
        asked.position = count - 1 + index
        let over: ExplanationOptions.Target.Reference
        switch reference {
        case .runnerUp: over = .runnerUp
        case .mean: over = .mean
        case .nothing: over = .nothing
        case .answer: over = .tokens([.id([9, 4, 7][index])])
        }
        if case .answer = reference, [9, 4, 7][index] == token {
          #expect(traced.answer.tokens[index].value == 0)
          continue
        }
        asked.target = .token(.id(token), over: over)
        asked.rank = 0
        let one = try model.shares(.tokens(prompt + answer.dropLast()), asked)
        let row = try #require(traced.matrix?.row(of: index))
        let own = one.shares.tokens.reduce(abs(one.shares.bias.value)) { $0 + abs($1.value) }
        for (position, share) in one.shares.tokens.enumerated() {
          tokens[position] += share.value
          #expect(abs(row.tokens[position] - share.value) <= rounding(S.self) * own)
        }
        #expect(row.tokens.count == count + index)
        #expect(abs(row.bias - one.shares.bias.value) <= rounding(S.self) * own)
        #expect(
          abs(traced.answer.tokens[index].value - one.target.logit) <= rounding(S.self) * own)
        #expect(
          traced.answer.tokens[index].isLikeliest == (one.prediction[0].id == token))
        bias += one.shares.bias.value
        target += one.target.logit
        size += own
      }
      let bound = rounding(S.self) * size
      #expect(abs(traced.shares.logit - target) <= bound)
      #expect(abs(traced.shares.sum - target) <= 4 * bound)
      #expect(abs(traced.shares.bias.value - bias) <= bound)
      for (found, expected) in zip(traced.shares.tokens, tokens) {
        #expect(abs(found.value - expected) <= bound)
      }
      // The other two readings of the same number.
      let roles = traced.roles.reduce(0) { $0 + $1.value }
      #expect(abs(roles - traced.shares.sum) <= bound)
      #expect(abs(traced.exactness.sum - target) <= 4 * bound)
      for block in traced.blocks {
        let heads = block.heads.reduce(0) { $0 + $1.value }
        #expect(abs(heads - block.attention) <= 4 * bound)
      }
      #expect(traced.shares.tokens.count == count + 2 && traced.matrix?.left == [])
    }
  }

  /// Each token's row belongs to its own prefix: what comes later in the answer changes nothing before.
  @Test func rowsAreThoseOfThePrefix() throws {
    let model = try Fixture.biases.model(Double.self)
    let (prompt, answer) = ([5, 6, 7, 8], [3, 9, 4])
    let traced = try model.trace(
      .tokens(prompt), answer: .tokens(answer), options { $0.hasMatrix = true })
    for (index, token) in answer.enumerated() {
      var asked = ExplanationOptions()
      asked.target = .token(.id(token))
      let one = try model.shares(.tokens(prompt + answer.prefix(index)), asked)
      let row = try #require(traced.matrix?.row(of: index))
      for (found, share) in zip(row.tokens, one.shares.tokens) {
        #expect(abs(found - share.value) <= 1e-12)
      }
    }
  }

  /// The model's own answer is what it generates, and is read as such in one run.
  @Test func aContinuationIsTheModelsOwn() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = [5, 6, 7, 8]
    let traced = try model.trace(.tokens(prompt), answer: .continuation(4))
    let written = try model.decoder.generate(
      after: prompt, count: 4, endOfText: model.endTokens())
    #expect(traced.answer.tokens.map(\.id) == written)
    #expect(traced.answer.origin == "continuation")
    #expect(traced.answer.isEnded == (written.count < 4))
    #expect(traced.answer.tokens.allSatisfy { $0.isLikeliest && $0.value > 0 })
    #expect(traced.answer.tokens.map(\.position) == Array(4..<4 + written.count))
  }

  // MARK: - Through

  private func rows(_ rows: [[Double]], prompt: Int) -> TraceReport.Matrix {
    .init(
      rows: rows.enumerated().map {
        .init(answer: $0, tokens: $1, bias: 0, sum: $1.reduce(0, +), difference: 0)
      })
  }

  private func shares(_ rows: [[Double]], prompt: Int) -> ExplanationReport.Shares {
    let width = rows.map(\.count).max() ?? 0
    let tokens = (0..<width).map { i in rows.reduce(0.0) { $0 + (i < $1.count ? $1[i] : 0) } }
    let sum = tokens.reduce(0, +)
    return .init(
      tokens: tokens.map { .init(value: $0, fraction: $0 / sum) },
      bias: .init(value: 0, fraction: 0), sum: sum, logit: sum, difference: 0,
      grouping: .init(
        by: "token",
        spans: (0..<prompt).map {
          .init(name: "\($0)", positions: [$0], value: tokens[$0], fraction: tokens[$0] / sum)
        }))
  }

  /// Known by hand: half of the second row is the first word's, which is the first span's alone.
  @Test func ownWordsArePassedOn() throws {
    let model = try Fixture.plain.model(Double.self)
    let matrix = [[4.0, 0], [0, 1, 1], [1, 0, 0, 1]]
    let found = try model.passedOn(
      rows(matrix, prompt: 2), shares(matrix, prompt: 2), promptCount: 2)
    // The third row owes half, 1, to the second word, which then weighs 3 and owes half to the first.
    let (spans, weights): ([Double], [Double]) = ([6.5, 1.5], [5.5, 3, 2])
    #expect(found.spans == spans)
    #expect(found.weights == weights)
    #expect(found.baseline == 0)
    #expect(found.bias == 0)
    #expect(found.amplification == 1.3125)
  }

  /// What is owed with a minus sign is a way as long as any other.
  @Test func waysCountByTheirMagnitude() throws {
    let model = try Fixture.plain.model(Double.self)
    let matrix = [[4.0, 0], [3, 0, -1]]
    let found = try model.passedOn(
      rows(matrix, prompt: 2), shares(matrix, prompt: 2), promptCount: 2)
    #expect(found.weights == [3, 2] && found.spans == [6, 0])
    #expect(found.amplification == 7.0 / 6)
  }

  /// Where hops grow beyond the bound, or a row has no part, nothing is passed on.
  @Test func hopsThatGrowAreRefused() throws {
    let model = try Fixture.plain.model(Double.self)
    for (matrix, reason) in [
      ([[1.0], [-999, 1000]], "ways through"), ([[1.0], [-1, 1]], "has a part"),
    ] {
      let error = try #require(throws: InputError.self) {
        try model.passedOn(rows(matrix, prompt: 1), shares(matrix, prompt: 1), promptCount: 1)
      }
      #expect(error.expected.contains(reason), "\(error)")
    }
  }

  /// On a model the passed-on parts sum to the target too.
  @Test func whatIsPassedOnSumsToTheTarget() throws {
    let model = try Fixture.biases.model(Double.self)
    let traced = try model.trace(
      .tokens([5, 6, 7, 8, 9]), answer: .continuation(3), options { $0.passesOnOwnWords = true })
    let through = try #require(traced.through)
    let sum = through.spans.reduce(through.baseline + through.bias, +)
    #expect(abs(sum - traced.shares.sum) <= 1e-10 * through.amplification * abs(sum) + 1e-10)
    #expect(traced.matrix != nil && through.spans.count == traced.spans.count)
  }

  /// The baseline is a part of its own, by role and where own words are passed on.
  @Test func theBaselineIsAPartOfItsOwn() throws {
    let model = try Fixture.plain.model(Double.self)
    let matrix = [[4.0, 1], [0, 1, 1]]
    let plain = shares(matrix, prompt: 2)
    let marked = ExplanationReport.Shares(
      tokens: plain.tokens.enumerated().map {
        .init(value: $1.value, fraction: $1.fraction, isBaseline: $0 == 0)
      }, bias: .init(value: 0.5, fraction: 0.1), sum: plain.sum, logit: plain.logit,
      difference: 0, grouping: plain.grouping)
    let through = try model.passedOn(rows(matrix, prompt: 2), marked, promptCount: 2)
    // The second row owes half, 1, to the first word, four fifths of which are the baseline's.
    #expect(abs(through.baseline - 4.8) <= 1e-12)
    let roles = TraceReport.Role.roles(["system", "user"], marked)
    #expect(roles.map(\.name) == ["user", "answer", "baseline", "bias"])
    #expect(roles.map(\.value) == [2, 1, 4, 0.5] && roles.map(\.tokenCount) == [1, 1, 1, 0])
  }

  /// The span that a head reads most supports what the head gives.
  @Test(arguments: Fixture.all)
  func aHeadReadsWhatSupportsIt(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let traced = try model.trace(
      .tokens(Array(tokens.dropLast(2))), answer: .tokens(Array(tokens.suffix(2))))
    for head in traced.blocks.flatMap(\.heads) {
      guard let read = head.read else { continue }
      #expect(read != 0 && (read > 0) == (head.value > 0))
    }
  }

  /// The last token of an answer is predicted and not read, so it needs no place in the context.
  @Test func theAnswerMustFitIntoTheContext() throws {
    let model = try Fixture.plain.model(Float.self)
    let context = model.decoder.configuration.contextLength
    func plan(_ count: Int) throws {
      _ = try model.planTrace(
        .tokens([5, 6, 7]), answer: .tokens([Int](repeating: 3, count: count)))
    }
    try plan(context - 2)
    let error = #expect(throws: InputError.self) { try plan(context - 1) }
    #expect(error?.expected.hasPrefix("at most \(context - 2) tokens") == true)
  }

  // MARK: - Effects

  /// The effect of a span is the difference of two forward passes.
  @Test(arguments: TraceOptions.Removal.allCases)
  func effectsAreDifferencesOfTwoPasses(_ removal: TraceOptions.Removal) throws {
    let model = try SpeakingModel().model(Double.self)
    let text = "The bridge is red. Is it old?"
    let traced = try model.trace(
      .text(text), answer: .continuation(3),
      options {
        $0.check = removal
        $0.grouping = .word
      })
    let check = try #require(traced.check)
    #expect(check.method == removal.rawValue && check.left.isEmpty)
    #expect(check.effects.map(\.span) == Array(traced.spans.indices))
    let tokens = traced.prompt.tokens.map(\.id) + traced.answer.tokens.dropLast().map(\.id)
    let decoder = model.decoder
    func read(_ run: Linearization<Double>) -> Double {
      traced.answer.tokens.reduce(0) { sum, token in
        let output = run.output(position: token.position - 1)
        let w = zip(
          decoder.unembedding.direction(of: token.id),
          decoder.unembedding.direction(of: token.over?.id ?? 0)
        ).map(-)
        return sum + Kernels.dot(w.span, output.span)
      }
    }
    let whole = try read(decoder.linearize(at: tokens))
    #expect(abs(whole - traced.shares.logit) <= 1e-10)
    let neutral =
      try check.replacement.map {
        try #require(model.tokenizer).encode($0, addingSpecialTokens: false).tokens
      } ?? []
    for (index, span) in traced.spans.enumerated() {
      let other: Double
      switch removal {
      case .mask: other = try read(decoder.hiding(Set(span.positions)).linearize(at: tokens))
      case .replace:
        var replaced = tokens
        let plain = span.positions.filter { model.tokenizer?.isSpecial(tokens[$0]) == false }
        for (place, position) in plain.enumerated() {
          replaced[position] = neutral[place % neutral.count]
        }
        other = try read(decoder.linearize(at: replaced))
      }
      #expect(abs((check.effect(of: index) ?? .nan) - (whole - other)) <= 1e-10)
    }
    #expect(
      check.spearman
        == Correlation.spearman(traced.spans.map(\.value), check.effects.map(\.effect)))
  }

  @Test func replacingNeedsATokenizer() throws {
    let model = try Fixture.plain.model(Double.self)
    let error = try #require(throws: InputError.self) {
      try model.trace(.tokens([5, 6, 7]), answer: .tokens([3]), options { $0.check = .replace })
    }
    #expect(error.subject == "tokenizer.json" && error.remedy.contains("mask"))
  }

  // MARK: - Time and memory

  /// What the time does not allow is named, and everything else is there.
  @Test func whatDidNotFitIsNamed() throws {
    let model = try Fixture.plain.model(Double.self)
    let traced = try model.trace(
      .tokens([5, 6, 7, 8]), answer: .tokens([3, 9]),
      options {
        $0.hasMatrix = true
        $0.check = .mask
        $0.maximumSeconds = 0
      })
    #expect(traced.matrix?.left == [0, 1] && traced.matrix?.rows.isEmpty == true)
    #expect(traced.check?.left == [0, 1, 2, 3] && traced.check?.effects.isEmpty == true)
    #expect(traced.notes.contains { $0.contains("answer's tokens 0-1") })
    #expect(traced.notes.contains { $0.contains("spans 0-3") })
    let error = try #require(throws: InputError.self) {
      try model.trace(
        .tokens([5, 6, 7, 8]), answer: .tokens([3, 9]),
        options {
          $0.passesOnOwnWords = true
          $0.maximumSeconds = 0
        })
    }
    #expect(error.remedy == "allow more time")
  }

  /// Batches of one answer token, and blocks frozen anew, change nothing but rounding.
  @Test func littleMemoryGivesTheSame() throws {
    let model = try Fixture.biases.model(Double.self)
    func traced(_ memory: Int) throws -> TraceReport {
      try model.trace(
        .tokens([5, 6, 7, 8]), answer: .tokens([3, 9, 4]),
        options {
          $0.hasMatrix = true
          $0.memory = memory
        })
    }
    let whole = try traced(4 << 30)
    var fitting = 0
    for kibibytes in [1, 100, 200, 400] {
      do {
        let few = try traced(kibibytes << 10)
        fitting += 1
        for (a, b) in zip(few.matrix?.rows ?? [], whole.matrix?.rows ?? []) {
          #expect(abs(a.sum - b.sum) <= 1e-12)
        }
        #expect(few.matrix?.rows.count == 3)
      } catch let error as InputError { #expect(error.subject == "memory") }
    }
    #expect(fitting > 0 && fitting < 4)
  }

  @Test func plansCountWhatIsAsked() throws {
    let model = try Fixture.plain.model(Float.self)
    let prompt = PromptInput.tokens([5, 6, 7, 8])
    func operations(_ change: (inout TraceOptions) -> Void) throws -> Double {
      let plan = try model.planTrace(prompt, answer: .tokens([3, 9]), options(change))
      #expect(plan.method == "exact" && plan.tokenCount == 5)
      return plan.estimates[0].floatingPointOperations
    }
    let plain = try operations { _ in }
    #expect(try operations { $0.hasMatrix = true } > plain)
    #expect(try operations { $0.check = .mask } > plain)
    #expect(try model.planTrace(prompt, answer: .continuation(7)).tokenCount == 10)
  }
}
