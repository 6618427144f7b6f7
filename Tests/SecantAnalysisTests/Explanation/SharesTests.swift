import Foundation
import Secant
import SecantTestSupport
import Testing

/// The division of a logit by token and component, held against explanations and against itself.
///
/// The models are tiny and random: nothing here shows that a division of a trained one makes sense.
@Suite struct SharesTests {
  /// Bounds on differences of sums, relative to the sum of magnitudes of all entries: some hundred times
  /// the unit roundoff, a sum of that many terms each some roundings deep.
  private func bound<S: Scalar>(_: S.Type, _ report: SharesReport) -> Double {
    var size = report.direct.tokens.reduce(0) { $0 + abs($1) }
    for block in report.blocks {
      for part in [block.attention, block.feedForward] {
        size += part.tokens.reduce(abs(part.bias ?? 0)) { $0 + abs($1) }
      }
      size += abs(block.bias)
    }
    return (S.self == Float.self ? 1e-5 : 1e-12) * size
  }

  @Test(arguments: Fixture.all, GateRule.allCases)
  func everyLevelSumsToTheLogit(_ fixture: Fixture, _ gate: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      var options = ExplanationOptions()
      options.gate = gate
      let model = try fixture.model(S.self)
      let tokens = PromptInput.tokens(try fixture.tokens())
      guard model.decoder.configuration.gateRules.contains(gate) else {
        // A rule that would have no effect is refused, not ignored.
        let error = #expect(throws: InputError.self) { try model.shares(tokens, options) }
        #expect(error?.description.contains(gate.rawValue) == true)
        return
      }
      let report = try model.shares(tokens, options)
      let bound = bound(S.self, report)
      #expect(abs(report.exactness.difference) <= bound, "\(S.self)")
      let difference = try #require(report.exactness.largestRowDifference)
      #expect(difference <= bound, "\(S.self)")
      #expect(abs(report.shares.difference) <= bound, "\(S.self)")
      let columns = report.blocks.reduce(report.direct.value) {
        $0 + $1.attention.value + $1.feedForward.value + $1.bias
      }
      #expect(abs(columns - report.target.logit) <= bound)
      #expect(report.notes.isEmpty == (model.decoder.unembedding.softcap == nil))
      for block in report.blocks {
        #expect(
          abs(block.heads.reduce(0) { $0 + $1.value } - block.attention.value) <= bound)
        #expect(block.heads.allSatisfy { $0.tokens?.count == report.prompt.tokens.count })
        for head in block.heads {
          #expect(abs((head.read ?? []).reduce(-head.value, +)) <= bound)
        }
      }
      let explanation = try model.explain(tokens, options)
      #expect(report.target == explanation.target && report.prediction == explanation.prediction)
      for (a, b) in zip(
        report.shares.tokens + [report.shares.bias],
        explanation.shares.tokens + [explanation.shares.bias])
      {
        #expect(abs(a.value - b.value) <= bound, "\(S.self)")
      }
    }
  }

  @Test func aDifferenceOfLogitsIsTheDifferenceOfDivisions() throws {
    let model = try Fixture.biases.model(Double.self)
    let tokens = PromptInput.tokens(try Fixture.biases.tokens())
    func shares(_ target: String) throws -> SharesReport {
      var options = ExplanationOptions()
      let parsed = ExplanationOptions.Target(target)
      if case .logits(let subject, .runnerUp) = parsed {
        options.target = .logits(of: subject, over: .nothing)
      } else {
        options.target = parsed
      }
      return try model.shares(tokens, options)
    }
    let (a, b, both) = (try shares("#3"), try shares("#4"), try shares("#3 - #4"))
    let bound = bound(Double.self, a) + bound(Double.self, b)
    for n in both.blocks.indices {
      let difference = a.blocks[n].attention.value - b.blocks[n].attention.value
      #expect(abs(both.blocks[n].attention.value - difference) <= bound)
      #expect(abs(both.blocks[n].bias - (a.blocks[n].bias - b.blocks[n].bias)) <= bound)
    }
  }

  @Test func littleMemoryChangesNothingButTheBatches() throws {
    let model = try Fixture.biases.model(Double.self)
    let tokens = PromptInput.tokens(try Fixture.biases.tokens())
    var options = ExplanationOptions()
    let generous = try model.shares(tokens, options)
    options.memory = 1
    #expect(throws: InputError.self) { try model.shares(tokens, options) }
    // The least power of two that is enough.
    var least: SharesReport?
    for shift in 10..<30 where least == nil {
      options.memory = 1 << shift
      least = try? model.shares(tokens, options)
    }
    let frugal = try #require(least)
    let bound = bound(Double.self, generous)
    for (a, b) in zip(generous.blocks, frugal.blocks) {
      for (x, y) in zip(a.heads, b.heads) { #expect(abs(x.value - y.value) <= bound) }
    }
  }

  @Test func placesThatComponentsDoNotWriteIntoAreRefused() throws {
    let model = try Fixture.plain.model(Float.self)
    let tokens = PromptInput.tokens(try Fixture.plain.tokens())
    for site in [Site.block(0, .attention), .block(0, .feedForward), .block(99, .residual)] {
      var options = ExplanationOptions()
      options.site = site
      #expect(throws: InputError.self) { try model.shares(tokens, options) }
    }
    var options = ExplanationOptions()
    options.site = .block(0, .residual)
    options.position = 1
    let report = try model.shares(tokens, options)
    #expect(report.blocks.count == 1 && report.shares.tokens.count == 2)
  }

  /// The modules of an adapter and the base weights sum to the target; an adapter of the unembedding counts last.
  @Test(arguments: [false, true])
  func anAdaptersModulesSumToTheTarget(_ adaptsUnembedding: Bool) throws {
    let plain = try Checkpoint(at: Fixture.biases.folder)
    let source = Repository.folder.appending(path: "Tests/Fixtures/adapters/llama-biases")
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: source, to: folder)
    if adaptsUnembedding {
      let head = try plain.tensor(named: "lm_head.weight")
      let whole = try SafetensorsFile(at: folder.appending(path: "adapter_model.safetensors"))
      var tensors = whole.tensors.map { ($0.name, $0.shape, $0.values(as: Float.self)) }
      for (factor, shape) in [("A", [3, head.shape[1]]), ("B", [head.shape[0], 3])] {
        let values = (0..<shape[0] * shape[1]).map { 0.1 * Float($0 % 7) - 0.3 }
        tensors.append(("base_model.model.lm_head.lora_\(factor).weight", shape, values))
      }
      let file = folder.appending(path: "adapter_model.safetensors")
      try FileManager.default.removeItem(at: file)
      let writer = try SafetensorsWriter(
        tensors.map { .init(name: $0.0, elementType: .f32, shape: $0.1) }, to: file)
      for (name, _, values) in tensors { try writer.write(values.span, to: name) }
      try writer.commit()
    }
    let tokens = PromptInput.tokens(try Fixture.biases.tokens())
    let adapted = try plain.adapted(by: LowRankAdapter(at: folder))
    try check(Float.self, 1e-5)
    try check(Double.self, 1e-12)

    func check<S: Scalar>(_: S.Type, _ bound: Double) throws {
      let model = try Model<S>(adapted)
      for target in ["#3", "#3 - #4"] {
        var options = ExplanationOptions()
        options.target = .init(target)
        let report = try model.shares(tokens, options)
        let adapter = try #require(report.adapter)
        let size = adapter.modules.reduce(abs(adapter.base)) { $0 + abs($1.value) }
        #expect(abs(adapter.difference) <= bound * size)
        let sum = adapter.modules.reduce(adapter.base) { $0 + $1.value }
        #expect(abs(sum - report.target.logit) <= bound * size)
        for module in adapter.modules {
          let positions = module.positions.map { $0.reduce(0, +) } ?? module.value
          #expect(abs(positions - module.value) <= bound * size)
        }
        #expect(adapter.frozen.map(\.module) == ["query", "gate"])
        let last = try #require(adapter.modules.last)
        #expect((last.module == "unembedding") == adaptsUnembedding)
        #expect((last.block == nil) == adaptsUnembedding && last.value != 0)
        #expect(try Model<S>(plain).shares(tokens, options).adapter == nil)
      }
      func cost(_ model: Model<S>) throws -> Double {
        try model.planShares(tokens).estimates[0].floatingPointOperations
      }
      #expect(try cost(model) > cost(Model<S>(plain)))
    }
  }

  /// Learned positions are a part of each token's share, and no other family has that part.
  @Test(arguments: [("gpt2", true), ("gpt-neox", false), ("llama-biases", false)])
  func positionsAreAPartOfTheirTokens(_ name: String, _ areLearned: Bool) throws {
    let fixture = Fixture(name: name)
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let report = try model.shares(.tokens(tokens))
    let explained = try model.explain(.tokens(tokens))
    for shares in [report.shares, explained.shares] {
      #expect((shares.positions != nil) == areLearned)
      guard let positions = shares.positions else { continue }
      #expect(positions.count == tokens.count)
      let first = try #require(report.shares.positions)
      #expect(zip(positions, first).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    #expect(report.terminalText().contains("by position") == areLearned)
    #expect(explained.terminalText().contains("by position") == areLearned)
  }
}
