import Foundation
import Secant
import SecantTestSupport
import Testing

/// Both kinds of Jacobian, compared.
@Suite struct JacobiansTests {
  private func report(_ fixture: Fixture, _ precisions: [ComparedPrecision]) throws
    -> JacobiansReport
  {
    try fixture.model(Float.self).compareJacobians(
      .tokens(fixture.tokens()), precisions: precisions)
  }

  /// The detached kind gives the output, the ordinary one what automatic differentiation says.
  @Test(arguments: Fixture.all)
  func rebuildsWhatItShould(_ fixture: Fixture) throws {
    let report = try report(fixture, [.f32, .f64])
    let (maps, input) = (try fixture.values("ordinary"), try fixture.values("input"))
    let width = try fixture.values("output").count
    let expected = (0..<width).map { row in
      (0..<input.count / width).reduce(0.0) { sum, token in
        (0..<width).reduce(sum) {
          $0 + maps[(token * width + row) * width + $1] * input[token * width + $1]
        }
      }
    }
    for (comparison, bounds) in zip(
      report.comparisons, [Bounds.of(Float.self), Bounds.of(Double.self)])
    {
      #expect(comparison.detached.relativeError < bounds.reconstruction)
      #expect(comparison.ordinary.relativeError > 1e-3)
      let scale = expected.map(abs).max() ?? 1
      for (value, reference) in zip(comparison.ordinary.values, expected) {
        #expect(abs(value - reference) < bounds.singularValue * scale)
      }
      #expect(comparison.output.count == width && comparison.detached.values.count == width)
      #expect(abs(comparison.detached.sum - comparison.logit) < 1e-4)
    }
    #expect(report.target.logit == report.comparisons[0].logit)
  }

  /// Rounding a bf16 model's weights to bf16 changes nothing, to f16 it does; both are still linear.
  @Test func roundedWeightsAreAnotherModel() throws {
    let fixture = try #require(Fixture.all.first { $0.name == "llama-gqa-6-2" })
    let report = try report(fixture, [.f32, .bf16])
    let (plain, rounded) = (report.comparisons[0], report.comparisons[1])
    #expect(plain.output == rounded.output && plain.ordinary == rounded.ordinary)
    #expect(plain.precision.weights == "stored" && rounded.precision.weights == "bf16")
    let other = try self.report(.plain, [.f64, .f16, .bf16])
    #expect(other.comparisons[0].output != other.comparisons[1].output)
    let bound = Bounds.of(Float.self).reconstruction
    #expect(other.comparisons.allSatisfy { $0.detached.relativeError < bound })
  }
}

/// The Jacobians of a whole report.
@Suite struct ReportedJacobiansTests {
  /// All precisions are compared while they cost no more than the rest, or than a person waits.
  @Test(arguments: [Fixture.plain, .biases])
  func aLongPromptIsComparedInOnePrecision(_ fixture: Fixture) throws {
    let options = FullOptions()
    func precisions<S: Scalar>(_ count: Int, in _: S.Type) throws -> [ComparedPrecision] {
      try fixture.model(S.self).fullWork(tokens: count, options).precisions
    }
    #expect(try precisions(3, in: Float.self) == ComparedPrecision.allCases)
    #expect(try precisions(300_000, in: Float.self) == [.f32])
    #expect(try precisions(300_000, in: Double.self) == [.f64])
  }
}

/// Weights that a format cannot hold.
@Suite struct UnroundableWeightTests {
  /// A model with weights beyond binary16.
  private func model(
    weight: Float = 70_000
  ) throws -> (speaking: SpeakingModel, model: Model<Float>) {
    let speaking = try SpeakingModel()
    let file = speaking.folder.appending(path: "model.safetensors")
    let tensors = try Checkpoint(at: speaking.folder).tensors.map {
      ($0.name, $0.shape, $0.values(as: Float.self))
    }
    let writer = try SafetensorsWriter(
      tensors.map { .init(name: $0.0, elementType: .f32, shape: $0.1) }, to: file)
    for (name, _, elements) in tensors {
      var elements = elements
      if name == "model.norm.weight" { elements = elements.map { $0 * weight } }
      try writer.write(elements.span, to: name)
    }
    try writer.commit()
    return (speaking, try speaking.model(Float.self))
  }

  /// That format is left out with a note, and nothing else is lost.
  @Test func isLeftOut() throws {
    let (speaking, model) = try model()
    defer { withExtendedLifetime(speaking) {} }
    let jacobians = try model.compareJacobians(.tokens([3, 4]))
    #expect(jacobians.comparisons.map(\.precision.weights) == ["stored", "stored", "bf16"])
    #expect(
      jacobians.notes.contains { $0.contains("rounded to f16 is left out: tensor model.norm") })
    let report = try model.report(.tokens([3, 4]))
    #expect(report.jacobians.notes == jacobians.notes)
  }

  /// A forward pass that overflows in single precision, and not in double: the report in f64 is whole.
  @Test func singlePrecisionThatOverflowsIsLeftOut() throws {
    let (speaking, _) = try model(weight: 2.5e38)
    defer { withExtendedLifetime(speaking) {} }
    let options = FullOptions()
    let report = try speaking.model(Double.self).report(.tokens([3, 4]), options)
    #expect(report.jacobians.comparisons.map(\.precision.arithmetic) == ["f64"])
    #expect(report.jacobians.notes.contains { $0.contains("Computing in f32 is left out") })
  }

  @Test func isRefusedWhereNothingRemains() throws {
    let (speaking, model) = try model()
    defer { withExtendedLifetime(speaking) {} }
    #expect(throws: InputError.self) {
      try model.compareJacobians(.tokens([3, 4]), precisions: [.f16])
    }
  }
}

/// The gate rules, compared.
@Suite struct GateRulesTests {
  /// A report's check is that of an explanation by its own rule.
  @Test(arguments: GateRule.allCases)
  func theReportMeasuresEffects(_ rule: GateRule) throws {
    let (model, prompt) = (try Fixture.plain.model(Double.self), PromptInput.tokens([5, 6, 7]))
    var options = FullOptions()
    #expect(try model.report(prompt, options).explanation.check == nil)
    options.explanation.gate = rule
    options.explanation.check = .removing(.mean)
    let found = try #require(try model.report(prompt, options).explanation.check)
    #expect(try model.explain(prompt, options.explanation).check == found)
  }

  @Test(arguments: [Fixture.plain, .biases])
  func answersAreExplanations(_ fixture: Fixture) throws {
    let (model, prompt) = (try fixture.model(Double.self), PromptInput.tokens(try fixture.tokens()))
    let report = try model.compareGateRules(prompt)
    #expect(report.answers.map(\.gateRule) == ["up", "gate", "half"])
    for (answer, rule) in zip(report.answers, GateRule.allCases) {
      var options = ExplanationOptions()
      options.gate = rule
      let explanation = try model.explain(prompt, options)
      #expect(answer.shares == explanation.shares && answer.jacobians == explanation.jacobians)
    }
    #expect(report.tokens.count == (try fixture.tokens().count))
    for conclusion in report.conclusions {
      #expect(0...conclusion.cases ~= conclusion.holding)
      #expect(
        conclusion.survives == (conclusion.cases > 0 && conclusion.holding == conclusion.cases))
    }
  }

  /// What does not differ survives: one answer thrice.
  @Test func equalAnswersAgreeInEverything() throws {
    let report = try Fixture.plain.model(Double.self).compareGateRules(
      .tokens(Fixture.plain.tokens()))
    let agreement = GateRuleAgreement(
      [GateRulesReport.Answer](repeating: report.answers[0], count: 3), tolerance: 1e-3)
    #expect(agreement.conclusions.allSatisfy { $0.survives || $0.cases == 0 })
    #expect(agreement.tokens.allSatisfy { $0.stableRankRatio == 1 && $0.hasOneSign })
  }

  @Test func oneTokenHasNoOrder() throws {
    let report = try Fixture.plain.model(Double.self).compareGateRules(.tokens([3]))
    let order = report.conclusions.first { $0.name == "order of shares" }
    #expect(order?.cases == 0 && order?.survives == false)
  }
}
