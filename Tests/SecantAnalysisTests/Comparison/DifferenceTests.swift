import Foundation
import Secant
import SecantAnalysis
import SecantDecoders
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
    #expect(longer.difference?.masked == .init(prompt: "first", start: 1, count: 1))
    let other = try Fixture(name: "llama-gqa-6-2").model(Double.self)
    let two = try model.compare(a, with: b, by: other)
    #expect(two.difference == nil && two.notes.contains { $0.contains("these differ in") })
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

  /// Prompts of different lengths: the account is of the difference of two forward passes, whichever is longer.
  @Test(arguments: Fixture.all)
  func promptsOfDifferentLengthsAddUp(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let shorter = [tokens[0], tokens[1]] + tokens.dropFirst(4)
    // Repeated tokens are common to both for longer.
    let start = min(shorter.count - 1, zip(tokens, shorter).prefix { $0 == $1 }.count)
    for (a, b) in [(tokens, shorter), (shorter, tokens)] {
      let ledger = try model.difference(.tokens(a), from: .tokens(b))
      let masked = try #require(ledger.masked)
      #expect(masked.prompt == (a.count > b.count ? "second" : "first"))
      #expect(masked.start == start && masked.count == 2 && ledger.position == tokens.count - 1)
      let logits = try [a, b].map { ids -> Double in
        var options = Self.options(for: ledger.target)
        options.rank = 0
        return try model.explain(.tokens(ids), options).target.logit
      }
      let real = logits[0] - logits[1]
      for (name, order) in ledger.orders {
        let bound = 1e-12 * order.wholeEntries.reduce(1) { $0 + abs($1.value) }
        #expect(abs(order.real - (name == "reverse" ? -real : real)) <= bound)
        #expect(abs(order.sum - order.real) <= bound)
      }
      var options = Self.options(for: ledger.target)
      options.rank = 0
      options.circuit = 1
      let report = try model.compare(.tokens(a), with: .tokens(b), options)
      let compared = try #require(report.difference)
      #expect(compared.masked == masked)
      #expect(abs(compared.forward.real - real) <= 1e-9 * (1 + abs(real)))
      #expect(report.notes.contains { $0.contains("at \(start) to \(start + 1)") })
      let circuit = try #require(report.circuit)
      #expect(abs(circuit.real - real) <= 1e-9 * (1 + abs(real)))
    }
  }

  /// The words that stand beside each other, where one prompt has more of them.
  @Test func textsAreAlignedFromBothEnds() throws {
    func rows(_ a: [Int], _ b: [Int]) -> Range<Int>? {
      EndAlignment(a, b, readAt: (a.count - 1, b.count - 1))?.masked?.rows
    }
    #expect(rows([1, 2, 3, 4], [1, 2, 4]) == 2..<3)
    #expect(rows([1, 2, 4], [1, 2, 3, 4]) == 2..<3)
    // Another first token stands beside the first, another last one beside the last.
    #expect(rows([1, 2, 3, 4], [5, 3, 4]) == 1..<2)
    #expect(rows([1, 2, 3, 4], [1, 2, 3]) == 2..<3)
    #expect(rows([1, 2, 3], [3]) == 0..<2)
    #expect(rows([1, 2], [3, 4]) == nil)
    #expect(EndAlignment([1, 2, 3], [1, 2], readAt: (1, 1)) == nil)
    #expect(EndAlignment([1, 2, 3, 4], [1, 2, 4], readAt: (2, 1))?.position == 2)
  }

  @Test func positionsThatAreNotAlignedAreRefused() throws {
    let model = try Fixture.plain.model(Float.self)
    var options = ExplanationOptions()
    options.position = 1
    let error = try #require(throws: InputError.self) {
      try model.difference(.tokens([5, 6, 7]), from: .tokens([5, 6]), options)
    }
    #expect(error.found == "1 and 0" && error.remedy.contains("from the end"))
    options.splitPatterns = .heads([.init(block: 0, head: 0)])
    let notes = try model.compare(.tokens([5, 6, 7]), with: .tokens([5, 6]), options).notes
    #expect(
      notes.contains {
        $0.contains("read 1 and 0 tokens before the last. No heads' patterns were divided.")
      })
    options.splitPatterns = .heads([.init(block: 99, head: 0)])
    #expect(throws: InputError.self) {
      try model.compare(.tokens([5, 6, 7]), with: .tokens([5, 6]), options)
    }
  }

  @Test func planningCountsTheAccount() throws {
    let model = try Fixture.plain.model(Float.self)
    let (a, b) = (PromptInput.tokens([5, 6, 7]), PromptInput.tokens([5, 8, 7]))
    #expect(try model.planComparison(a, with: b).notes.contains { $0.contains("what changed") })
    let longer = PromptInput.tokens([5, 6, 7, 8])
    #expect(
      try model.planComparison(a, with: longer).notes.contains { $0.contains("what changed") })
    var options = ExplanationOptions()
    options.position = 1
    #expect(
      try !model.planComparison(a, with: longer, options).notes.contains {
        $0.contains("what changed")
      })
  }
}
