import Foundation
import Secant
import SecantTestSupport
import Testing

/// The account of what changed between two prompts.
@Suite struct DifferenceQuestionTests {
  /// Every sum of an account is a sum of its entries, and its total the difference of two forward passes.
  @Test(arguments: Fixture.all)
  func anAccountAddsUp(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let others =
      [tokens[0], (tokens[1] + 1) % model.decoder.configuration.vocabularySize]
      + tokens.dropFirst(2)
    let ledger = try model.difference(.tokens(tokens), from: .tokens(others))
    let explained = try [tokens, others].map { ids -> ExplanationReport in
      var options = Self.options(for: ledger.target)
      options.rank = 0
      return try model.explain(.tokens(ids), options)
    }
    let real = explained[0].target.logit - explained[1].target.logit
    for (name, order) in ledger.orders {
      let whole = order.wholeEntries
      let size = whole.reduce(0) { $0 + abs($1.value) }
      // What only rounding separates, relative to the sum of magnitudes.
      let bound = 1e-12 * size
      #expect(abs(order.real - (name == "reverse" ? -real : real)) <= bound)
      #expect(abs(order.sum - order.real) <= bound)
      #expect(abs(order.content + order.patterns + order.gates + order.norms - order.sum) <= bound)
      func sum(_ kind: String) -> Double {
        whole.reduce(0) { $0 + ($1.kind == kind ? $1.value : 0) }
      }
      #expect(abs(sum("content") - order.content) <= bound)
      #expect(abs(sum("pattern") - order.patterns) <= bound)
      #expect(abs(sum("gate") - order.gates) <= bound)
      #expect(abs(sum("norm") - order.norms) <= bound)
      let blocks = order.blocks.reduce(0) { $0 + $1.sum }
      let final = whole.reduce(0) { $0 + ($1.norm == "final" ? $1.value : 0) }
      #expect(abs(order.content + blocks + final - order.sum) <= bound)
      #expect(whole.allSatisfy { $0.position >= 1 })
      #expect(zip(whole, whole.dropFirst()).allSatisfy { abs($0.value) >= abs($1.value) })
    }
    #expect(ledger.forward.entries.contains { $0.neuron != nil })
    #expect(ledger.forward.entries.contains { $0.source != nil })
    #expect(ledger.mean.entries.allSatisfy { !$0.isTerm })
    let reverse = try model.difference(
      .tokens(others), from: .tokens(tokens), Self.options(for: ledger.target))
    #expect(reverse.forward == ledger.reverse && reverse.reverse == ledger.forward)
  }

  private static func options(for target: ExplanationReport.Target) -> ExplanationOptions {
    var options = ExplanationOptions()
    options.target = .prediction.settled(as: target)
    return options
  }

  /// A comparison has the same account where there is one, and says why where there is none.
  @Test func aComparisonAccountsForWhatItCan() throws {
    let model = try Fixture.plain.model(Double.self)
    let (a, b) = (PromptInput.tokens([5, 6, 7, 8]), PromptInput.tokens([5, 9, 7, 8]))
    let report = try model.compare(a, with: b)
    #expect(try report.difference == model.difference(a, from: b))
    #expect(!report.notes.contains { $0.hasPrefix("What changed") })
    #expect(try model.compare(a, with: a).difference == nil)

    let longer = try model.compare(a, with: .tokens([5, 9, 7, 8, 4]))
    #expect(longer.difference == nil)
    #expect(longer.notes.contains { $0.contains("these have 4 and 5") })
    let other = try Fixture.biases.model(Double.self)
    let two = try model.compare(a, with: b, by: other)
    #expect(two.difference == nil && two.notes.contains { $0.contains("one model reads both") })
    var options = ExplanationOptions()
    options.site = .block(0, .attention)
    let inside = try model.compare(a, with: b, options)
    #expect(inside.difference == nil)
    #expect(inside.notes.contains { $0.contains("the stream after a block") })
    options.site = .block(0, .residual)
    #expect(try model.compare(a, with: b, options).difference?.forward.blocks.count == 1)
  }

  /// A circuit is the fewest of the largest entries, the whole of them carries everything, and its real outcome is that
  /// of a run with only its parts swapped.
  @Test(arguments: Fixture.all) func circuitsCarryWhatWasAskedFor(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let (a, b) = (PromptInput.tokens([5, 6, 7, 8]), PromptInput.tokens([5, 9, 7, 8]))
    for fraction in [0.5, 0.9, 1] {
      var options = ExplanationOptions()
      options.rank = 0
      options.circuit = fraction
      let report = try model.compare(a, with: b, options)
      let (circuit, ledger) = try (#require(report.circuit), #require(report.difference))
      let entries = ledger.forward.wholeEntries
      #expect(circuit.difference == ledger.forward.real && circuit.entryCount == entries.count)
      #expect(circuit.entries == Array(entries.prefix(circuit.size)))
      let slack = (1 - fraction) * abs(ledger.forward.sum) + 1e-12
      var sum = 0.0
      for (index, entry) in entries.prefix(circuit.size).enumerated() {
        sum += entry.value
        let isEnough = abs(ledger.forward.sum - sum) <= slack
        #expect(isEnough == (index == circuit.size - 1) || fraction == 1)
      }
      #expect(abs(circuit.predicted - sum) <= 1e-12)
      if circuit.size == entries.count {
        #expect(abs(circuit.real - circuit.difference) <= 1e-9 * (1 + abs(circuit.difference)))
      }
    }
    var options = ExplanationOptions()
    options.circuit = 1.5
    #expect(throws: InputError.self) { try model.compare(a, with: b, options) }
    options.circuit = 0.9
    #expect(try model.compare(a, with: a, options).circuit == nil)
  }

  @Test func promptsOfDifferentLengthsAreRefused() throws {
    let model = try Fixture.plain.model(Float.self)
    let error = try #require(throws: InputError.self) {
      try model.difference(.tokens([5, 6, 7]), from: .tokens([5, 6]))
    }
    #expect(error.found == "3 and 2" && error.expected.contains("as many tokens"))
  }

  @Test func planningCountsTheAccount() throws {
    let model = try Fixture.plain.model(Float.self)
    let (a, b) = (PromptInput.tokens([5, 6, 7]), PromptInput.tokens([5, 8, 7]))
    #expect(try model.planComparison(a, with: b).notes.contains { $0.contains("what changed") })
    let longer = PromptInput.tokens([5, 6, 7, 8])
    #expect(
      try !model.planComparison(a, with: longer).notes.contains { $0.contains("what changed") })
  }
}

/// A real trained model in the folder that SECANT_REAL_MODELS names.
enum RealModel {
  static let url = ProcessInfo.processInfo.environment["SECANT_REAL_MODELS"]
    .map { URL(filePath: $0).appending(path: "SmolLM2-135M-Instruct.Q4_1.gguf") }
    .flatMap { FileManager.default.fileExists(atPath: $0.path) ? $0 : nil }
}

/// What an independent implementation in float64 found of two pairs of prompts.
@Suite(.enabled(if: RealModel.url != nil, "SECANT_REAL_MODELS names no folder with SmolLM2"))
struct DifferenceKnownAnswerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let a: String
    let b: String
    let target: (String, String)
    /// real, content, patterns, gates and norms, from B to A and from A to B.
    let orders: [[Double]]
    /// Gates by block and position, from B to A.
    let gates: [(block: Int, position: Int, value: Double)]
    /// Patterns by block and head at all positions, from B to A.
    let heads: [(block: Int, head: Int, value: Double)]
    var testDescription: String { target.0 }
  }

  static let cases = [
    Case(
      a: "The capital of France is", b: "The capital of Germany is",
      target: (" Paris", " Berlin"),
      orders: [
        [11.445457262, 0.650295688, 1.122662828, 9.983317577, -0.310818831],
        [-11.445457262, -8.070693036, 0.550562358, -3.737210816, -0.188115768],
      ],
      gates: [
        (23, 4, 4.812607237), (25, 4, 2.663350860), (24, 4, 1.585364732), (27, 4, 0.725286971),
        (22, 3, 0.243563364),
      ],
      heads: [(24, 4, -0.536907028), (29, 2, 0.533803033), (23, 1, 0.410392886)]),
    Case(
      a: "When Mary and John went to the store, John gave a drink to",
      b: "When Mary and John went to the store, Mary gave a drink to",
      target: (" Mary", " John"),
      orders: [
        [11.604858450, 3.358490866, 5.074433534, 3.470386429, -0.298452378],
        [-11.604858450, -4.875361783, -3.684317056, -2.743044174, -0.302135437],
      ],
      gates: [(21, 9, 1.100311455), (26, 13, 0.683458421), (0, 9, 0.625019740)],
      heads: [
        (23, 0, 3.071843994), (24, 4, -2.916096866), (23, 1, 1.352297573), (23, 2, 1.333389073),
        (23, 7, 0.784245397),
      ]),
  ]

  @Test(arguments: cases) func matchesTheReference(_ known: Case) throws {
    let model = try Model<Double>(Checkpoint(at: #require(RealModel.url)))
    var options = ExplanationOptions()
    options.target = .difference(.text(known.target.0), .text(known.target.1))
    let ledger = try model.difference(.text(known.a), from: .text(known.b), options)
    for (order, expected) in zip([ledger.forward, ledger.reverse], known.orders) {
      let found = [order.real, order.content, order.patterns, order.gates, order.norms]
      for (value, reference) in zip(found, expected) { #expect(abs(value - reference) <= 1e-6) }
      #expect(abs(order.sum - order.real) <= 1e-12 * abs(order.real))
    }
    for gate in known.gates {
      let entry = ledger.forward.wholeEntries.first {
        $0.kind == "gate" && $0.block == gate.block && $0.position == gate.position
      }
      #expect(abs((entry?.value ?? .nan) - gate.value) <= 1e-6)
    }
    for head in known.heads {
      #expect(abs(ledger.forward.blocks[head.block].heads[head.head] - head.value) <= 1e-6)
    }
  }
}
