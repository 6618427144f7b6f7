import Secant
import SecantTestSupport
import Testing

/// How an account of what changed is divided and listed: by queries and keys, by spans, by two models' weights.
@Suite struct DifferenceDetailTests {
  private static func options(
    _ change: (inout ExplanationOptions) -> Void = { _ in }
  ) -> ExplanationOptions {
    var options = ExplanationOptions()
    options.rank = 0
    change(&options)
    return options
  }

  private static func others(than tokens: [Int], in model: Model<Double>) -> [Int] {
    [tokens[0], (tokens[1] + 1) % model.decoder.configuration.vocabularySize]
      + tokens.dropFirst(2)
  }

  /// Queries and keys add up to their heads' entries, in either order, at every position and in the mean of both accounts.
  @Test(arguments: Fixture.all)
  func queriesAndKeysDivideTheirHeads(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let others = Self.others(than: tokens, in: model)
    let plain = try model.difference(.tokens(tokens), from: .tokens(others), Self.options())
    #expect(plain.forward.splitPatterns == nil)
    let shapes = model.decoder.configuration.blocks
    let attending = shapes.indices.filter { shapes[$0].delta == nil }
    let heads = [
      HeadSelection.Head(block: attending[0], head: 0),
      .init(block: attending[min(1, attending.count - 1)], head: 1),
    ]
    for selection in [HeadSelection.heads(heads), .top(2)] {
      let ledger = try model.difference(
        .tokens(tokens), from: .tokens(others), Self.options { $0.splitPatterns = selection })
      #expect(ledger.forward.entries == plain.forward.entries)
      for (_, order) in ledger.orders {
        let splits = try #require(order.splitPatterns)
        #expect(splits.count == 2)
        let size = order.wholeEntries.reduce(0) { $0 + abs($1.value) }
        for split in splits {
          let head = order.blocks[split.block].heads[split.head]
          #expect(abs(split.whole.value - head) <= 1e-12 * size)
          for sides in split.positions.map(\.sides) + [split.whole] {
            #expect(abs(sides.queries + sides.keys - sides.value) <= 1e-12 * size)
            // The mean of both orders.
            let mean = (sides.keysFirst + sides.value - sides.queriesFirst) / 2
            #expect(abs(sides.keys - mean) <= 1e-12 * size)
          }
          for place in split.positions {
            let entry = order.wholeEntries.first {
              $0.kind == "pattern" && $0.block == split.block && $0.head == split.head
                && $0.position == place.position
            }
            #expect(abs(place.sides.value - (entry?.value ?? 0)) <= 1e-12 * size)
          }
        }
      }
      if selection == .top(2) {
        let sizes = attending.flatMap { ledger.mean.blocks[$0].heads.map(abs) }.sorted(by: >)
        let found = ledger.mean.splitPatterns?.map { abs($0.whole.value) }.sorted(by: >) ?? []
        for (a, b) in zip(found, sizes) { #expect(abs(a - b) <= 1e-12 * (1 + b)) }
      }
    }
    let wrong = #expect(throws: InputError.self) {
      try model.difference(
        .tokens(tokens), from: .tokens(others),
        Self.options { $0.splitPatterns = .heads([.init(block: 99, head: 0)]) })
    }
    #expect(wrong?.subject == "head 99.0")
    guard let delta = shapes.indices.first(where: { shapes[$0].delta != nil }) else { return }
    let whole = #expect(throws: InputError.self) {
      try model.difference(
        .tokens(tokens), from: .tokens(others),
        Self.options { $0.splitPatterns = .heads([.init(block: delta, head: 0)]) })
    }
    #expect(whole?.kind == .unsupported && whole?.found == "one of a delta network")
  }

  @Test func headsAreSpelledAsReportsNameThem() {
    #expect(HeadSelection("top:4") == .top(4))
    #expect(
      HeadSelection("23.0,4.11") == .heads([.init(block: 23, head: 0), .init(block: 4, head: 11)]))
    for wrong in ["", "top:0", "top:", "23", "23.", "23.0.1", "23.0,", "-1.0", "a.b"] {
      #expect(HeadSelection(wrong) == nil, "\(wrong)")
    }
  }

  /// Spans' entries are the sums of their tokens' entries, and add up to the same.
  @Test func spansAddUpTheirTokens() throws {
    let model = try SpeakingModel().model(Double.self)
    let (a, b) = (PromptInput.text("The city is q."), PromptInput.text("The city is z."))
    let tokens = try model.difference(a, from: b, Self.options())
    let words = try model.difference(a, from: b, Self.options { $0.grouping = .word })
    let spans = try #require(words.grouping).spans
    #expect(words.grouping?.by == "word" && tokens.grouping == nil && spans.count >= 4)
    for (order, whole) in zip(words.orders, tokens.orders) {
      #expect(order.order.real == whole.order.real && order.order.blocks == whole.order.blocks)
      let size = whole.order.wholeEntries.reduce(0) { $0 + abs($1.value) }
      let sum = order.order.entries.reduce(0) { $0 + $1.value }
      #expect(abs(sum - whole.order.sum) <= 1e-12 * size)
      for entry in order.order.entries {
        let span = spans[try #require(entry.span)]
        #expect(entry.position == span.positions[0] && !entry.isTerm)
        let parts = whole.order.wholeEntries.filter {
          $0.kind == entry.kind && $0.block == entry.block && $0.head == entry.head
            && $0.norm == entry.norm && span.positions.contains($0.position)
        }
        #expect(abs(parts.reduce(0) { $0 + $1.value } - entry.value) <= 1e-12 * size)
      }
    }
  }

  /// Nothing is cut without being counted, and all of it can be had.
  @Test func listsSayWhatTheyLeaveOut() throws {
    let model = try SpeakingModel().model(Double.self)
    let (a, b) = (PromptInput.text("q red red red"), PromptInput.text("z red red red"))
    let whole = try model.difference(a, from: b, Self.options { $0.listedEntries = nil })
    for limit in [3, 10, 4096] {
      let ledger = try model.difference(a, from: b, Self.options { $0.listedEntries = limit })
      for ((_, order), (_, all)) in zip(ledger.orders, whole.orders) {
        let (listed, entries) = (order.wholeEntries, all.wholeEntries)
        #expect(order.entryCount == entries.count && all.unlisted == 0 && entries.count > 10)
        #expect(Array(listed.prefix(limit)) == Array(entries.prefix(limit)))
        let size = entries.reduce(0) { $0 + abs($1.value) }
        let sum = listed.reduce(order.unlisted ?? .nan) { $0 + $1.value }
        #expect(abs(sum - order.sum) <= 1e-12 * size)
        // How a changed token enters block 0 is always said.
        let entering = entries.filter {
          $0.kind == "content" || ($0.kind == "norm" && $0.block == 0)
        }
        .filter { entry in
          entries.contains { $0.kind == "content" && $0.position == entry.position }
        }
        #expect(!entering.isEmpty && entering.allSatisfy(listed.contains))
      }
      #expect(ledger.forward.wholeEntries.count < whole.forward.wholeEntries.count || limit == 4096)
    }
  }

  /// Two models of one shape: their weights are parts, and all parts add up to what really differs.
  @Test func twoModelsOfOneShapeAreAccountedFor() throws {
    let model = try Fixture(name: "llama-gelu").model(Double.self)
    let other = try Fixture(name: "llama-biases").model(Double.self)
    let tokens = PromptInput.tokens([5, 6, 7, 8])
    let ledger = try model.difference(tokens, by: other, Self.options { $0.target = .init("#3") })
    let logits = try [model, other].map { model in
      try model.explain(tokens, Self.options { $0.target = .prediction.settled(as: ledger.target) })
        .target.logit
    }
    for (name, order) in ledger.orders {
      let size = order.wholeEntries.reduce(0) { $0 + abs($1.value) }
      let real = (logits[0] - logits[1]) * (name == "reverse" ? -1 : 1)
      #expect(abs(order.real - real) <= 1e-12 * size && abs(order.sum - real) <= 1e-12 * size)
      let weights = try #require(order.weights)
      #expect(weights != 0)
      let kinds = order.content + order.patterns + order.gates + order.norms + weights
      #expect(abs(kinds - order.sum) <= 1e-12 * size)
      let matrices = Set(order.wholeEntries.compactMap(\.matrix))
      #expect(matrices == ["value", "output", "up", "down", "unembedding"])
      let blocks = order.blocks.reduce(0) { $0 + ($1.weights ?? .nan) }
      let unembedding = order.wholeEntries.filter { $0.matrix == "unembedding" }
        .reduce(0) { $0 + $1.value }
      #expect(abs(blocks + unembedding - weights) <= 1e-12 * size)
    }
    let report = try model.compare(
      tokens, by: other,
      Self.options {
        $0.target = .prediction.settled(as: ledger.target)
        $0.circuit = 0.9
      })
    #expect(report.difference?.forward.sum == ledger.forward.sum && report.circuit == nil)
    #expect(report.mapDifferences == nil)
    #expect(report.notes.contains { $0.contains("Circuits are run within one model") })

    let stranger = try Fixture(name: "llama-gqa-6-2").model(Double.self)
    let error = #expect(throws: InputError.self) {
      try model.difference(tokens, by: stranger, Self.options())
    }
    #expect(error?.found.contains("heads") == true, "\(error?.found ?? "")")
  }
}
