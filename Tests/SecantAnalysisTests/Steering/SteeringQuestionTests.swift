import Foundation
import Secant
import SecantTestSupport
import Testing

/// What steering a prompt reports: measures against their definitions, and refusals.
@Suite struct SteeringQuestionTests {
  private let reference = SteeringReference(name: "qwen3-moe")

  private func options(_ mode: SteeringMode, concept: [Int]) -> SteeringOptions {
    var options = SteeringOptions()
    options.mode = mode
    options.count = 6
    options.concept = .tokens(concept)
    return options
  }

  @Test(arguments: SteeringMode.allCases)
  func measuresAreWhatTheySay(mode: SteeringMode) throws {
    let model = try reference.fixture.model(Double.self)
    let steering = try reference.steering(model)
    let (prompt, concept) = (try reference.integers("text"), [3, 9])
    let report = try model.steer(
      .tokens(prompt), by: steering, strength: 0.7, options(mode, concept: concept))
    let change = Steering(steering, mode: mode, strength: 0.7).intervention
    func probabilities(_ tokens: [Int], _ change: Intervention<Double>?) throws -> [[Double]] {
      var cache = KeyValueCache<Double>(model.decoder.configuration)
      let output = try model.decoder.forward(tokens, cache: &cache, intervention: change)
      let logits = model.decoder.unembedding.logits(output)
      return (0..<logits.rows).map { r in
        let weights = logits.row(r).map { exp($0) }
        return weights.map { $0 / weights.reduce(0, +) }
      }
    }
    for (trial, change) in [(report.unsteered, nil), (report.steered, change)] {
      let tokens = trial.tokens.map(\.id)
      #expect(
        try tokens
          == model.decoder.generate(after: prompt, count: 6, intervention: change))
      let last = prompt.count - 1
      let named = try probabilities(prompt + concept, change)
      let expected = named[last][concept[0]] * named[last + 1][concept[1]]
      #expect(abs((trial.conceptProbability ?? -1) / expected - 1) < 1e-9)
      let (p, q) = (
        try probabilities(prompt + tokens, change), try probabilities(prompt + tokens, nil)
      )
      let steps = (0..<tokens.count).map { last + $0 }
      let share = steps.reduce(0) { $0 + p[$1][3] + p[$1][9] } / 6
      #expect(abs((trial.conceptShare ?? -1) / share - 1) < 1e-9)
      let surprise = steps.reduce(0) { $0 - log(q[$1][tokens[$1 - last]]) } / 6
      #expect(abs((trial.perplexity ?? -1) / exp(surprise) - 1) < 1e-9)
      let divergence =
        steps.reduce(0) { sum, step in
          sum + zip(p[step], q[step]).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        } / 6
      #expect(abs((trial.divergence ?? -1) - divergence) < 1e-9 * max(1, divergence))
    }
    #expect(report.unsteered.divergence == 0)
  }

  @Test func theBaselineIsAsLong() throws {
    let model = try reference.fixture.model(Double.self)
    let steering = try reference.steering(model)
    let prompt = try reference.integers("text")
    let report = try model.sweep(
      .tokens(prompt), by: steering, strengths: [1, 0, 1], blocks: [1, 0],
      options(.add, concept: [3]))
    #expect(report.points.map(\.block) == [0, 0, 0, 0, 1, 1, 1, 1])
    #expect(report.points.map(\.strength) == [0, 1, 0, 1, 0, 1, 0, 1])
    for point in report.points where point.strength == 0 {
      #expect(point.trial == report.unsteered)
    }
    #expect(report.points.contains { $0.trial != report.unsteered })
    // The phrase itself as the prompt: there is no difference of means, and a note says so.
    let same = try model.sweep(
      .tokens(steering.tokens), by: steering, strengths: [1], options(.add, concept: [3]))
    #expect(same.points[1].method == .difference && same.points[1].trial == same.unsteered)
    #expect(same.notes.count == 1)
  }

  /// The exported vector is what `add` at strength 1 changes at the last position.
  @Test func theControlVectorIsTheChange() throws {
    let model = try reference.fixture.model(Double.self)
    let steering = try reference.steering(model)
    let prompt = try reference.integers("text")
    let vector = try model.controlVector(of: steering, at: .tokens(prompt))
    let frozen = try model.decoder.linearize(at: prompt)
    let stream = frozen.value(at: .block(steering.block, .residual))
    let changed = Steering(steering, mode: .add, strength: 1)
      .intervention.transform(stream, frozen.input)
    let change = (changed - stream).row(prompt.count - 1)
    #expect(zip(vector, change).allSatisfy { abs($0 - $1) < 1e-12 * stream.norm })
    // Half as long as the stream.
    let length = Matrix(row: stream.row(prompt.count - 1)).norm
    #expect(abs(Matrix(row: vector).norm / length - 0.5) < 1e-12)
    // The phrase is the prompt where none is given.
    #expect(
      try model.controlVector(of: steering)
        == model.controlVector(of: steering, at: .tokens(steering.tokens)))
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let model = try reference.fixture.model(Double.self)
    let steering = try reference.steering(model)
    func refused(_ body: () throws -> Void) throws -> InputError.Kind {
      try #require(throws: InputError.self, performing: body).kind
    }
    let concept = options(.mix, concept: [3])
    for strength in [-1, 1.5, .nan, .infinity] {
      #expect(
        try refused { _ = try model.steer(.tokens([1]), by: steering, strength: strength, concept) }
          == .invalid)
    }
    for count in [0, -3, 1_000_000] {
      var wrong = concept
      wrong.count = count
      #expect(
        try refused { _ = try model.steer(.tokens([1]), by: steering, strength: 1, wrong) }
          == .invalid)
    }
    #expect(
      try refused { _ = try model.steeringOperator(for: .tokens([1]), after: 99) } == .invalid)
    #expect(
      try refused { _ = try model.steeringOperator(for: .tokens([1]), after: -1) } == .invalid)
    #expect(try refused { _ = try model.steeringOperator(for: .tokens([]), after: 0) } == .invalid)
    #expect(
      try refused {
        _ = try model.sweep(.tokens([1]), by: steering, strengths: [0.5], blocks: [7])
      } == .invalid)
    #expect(
      try refused {
        _ = try model.steer(
          .tokens([1]), by: steering, strength: 0.5, options(.mix, concept: [10_000]))
      } == .invalid)
  }

  /// Texts as prompts, phrases and concepts, by a model whose answers mean nothing.
  @Test(arguments: ["llama2", "gpt2"]) func textsAreUnderstood(tokenizer: String) throws {
    let speaking = try SpeakingModel(tokenizer: tokenizer)
    let model = try speaking.model(Float.self)
    let steering = try model.steeringOperator(for: .text("the cat"), after: 0)
    #expect(steering.text == "the cat")
    var options = SteeringOptions()
    options.count = 4
    let report = try model.steer(.text("a dog"), by: steering, strength: 0.5, options)
    #expect(report.setting.promptText == "a dog")
    let concept = report.setting.concept.map(\.text).joined()
    #expect(
      concept.trimmingCharacters(in: CharacterSet(charactersIn: " \u{2581}")).hasSuffix("cat"))
    #expect(report.steered.tokens.count <= 4)
    options.concept = .text(report.unsteered.text)
    if !report.unsteered.text.trimmingCharacters(in: .whitespaces).isEmpty {
      let again = try model.steer(.text("a dog"), by: steering, strength: 0, options)
      #expect(again.steered == again.unsteered && again.steered.containsConcept)
    }
  }
}
