import Secant
import Testing

/// What cannot be satisfied is refused in one line before any work.
@Suite struct BadInputTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    let message: String
    let prompt: PromptInput
    let change: @Sendable (inout ExplanationOptions) -> Void
    var testDescription: String { message }

    init(
      _ message: String, _ prompt: PromptInput = .tokens([1, 2, 3]),
      _ change: @escaping @Sendable (inout ExplanationOptions) -> Void = { _ in }
    ) {
      self.message = message
      self.prompt = prompt
      self.change = change
    }
  }

  @Test(arguments: [
    Refusal("the prompt: expected at least one token, found none", .tokens([])),
    Refusal("token id 67: expected an id in 0..<67, found 67", .tokens([1, 67])),
    Refusal("token id -1: expected an id in 0..<67", .tokens([-1])),
    Refusal(
      "the prompt: expected at most 64 tokens, the model's context, found 65",
      .tokens([Int](repeating: 1, count: 65))),
    Refusal("position 3: expected one of the prompt's 3 tokens") { $0.position = 3 },
    Refusal("position -4: expected one of the prompt's 3 tokens") { $0.position = -4 },
    Refusal("position \(Int.min): expected one of the prompt's 3 tokens") { $0.position = .min },
    Refusal("site block.2.residual: expected a block in 0...1, found 2") {
      $0.site = .block(2, .residual)
    },
    Refusal("site input.0: expected output or a place in a block") { $0.site = .input(token: 0) },
    Refusal("rank: expected 0 or more, found -1") { $0.rank = -1 },
    Refusal("tolerance: expected a number above 0 and below 1, found nan") { $0.tolerance = .nan },
    Refusal("tolerance: expected a number above 0 and below 1, found 0.0") { $0.tolerance = 0 },
    Refusal("memory: expected at least 1, found 0") { $0.memory = 0 },
    Refusal("target #67: expected an id in 0..<67, found 67") { $0.target = .token(.id(67)) },
    Refusal("the prompt: expected a text, found an empty one", .text("")),
    Refusal("llama-plain: tokenizer.json: expected the model's tokenizer", .text("word")),
  ])
  func isRefused(_ refusal: Refusal) throws {
    var options = ExplanationOptions()
    refusal.change(&options)
    let model = try Fixture.plain.model(Float.self)
    let explained = message { () throws(InputError) in
      _ = try model.explain(refusal.prompt, options)
    }
    #expect(explained?.hasPrefix(refusal.message) == true, "\(explained ?? "no error")")
    if options.target != .prediction { return }
    let planned = message { () throws(InputError) in _ = try model.plan(refusal.prompt, options) }
    #expect(planned == explained)
    let compared = message { () throws(InputError) in
      _ = try model.planComparison(refusal.prompt, options)
    }
    #expect(compared == explained)
  }

  @Test func ranksBeyondTheWidthAreTheWidth() throws {
    var options = ExplanationOptions()
    options.rank = .max
    let report = try Fixture.plain.model(Double.self).explain(.tokens([1, 2]), options)
    #expect(report.jacobians.allSatisfy { $0.singularValues.count == 32 })
  }

  @Test func decodingNothingIsAllowed() throws {
    var options = ExplanationOptions()
    options.decodedTriplets = 0
    let report = try Fixture.plain.model(Float.self).explain(.tokens([1, 2]), options)
    #expect(report.jacobians.allSatisfy { $0.triplets.isEmpty })
  }

  private func message(_ body: () throws(InputError) -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return error.description
    }
  }
}
