import Secant
import SecantAnalysis
import SecantOperators
import SecantTestSupport
import Testing

/// Rules of attribution held against real forward passes.
///
/// The model is random: what is tested is what must hold of any model, not which rule is best.
@Suite struct ValidationTests {
  /// An item each way round: the model prefers one of both answers.
  private static let items = ["q w z", "x q j", "z z q"].flatMap { prompt in
    [("a", "b"), ("b", "a")].map { target, over in
      ValidationItem(
        family: "letters", prompt: prompt, counterfactual: String(prompt.dropLast()) + "k",
        target: target, over: over)
    }
  }

  private static func options(_ change: (inout ValidationOptions) -> Void = { _ in })
    -> ValidationOptions
  {
    var options = ValidationOptions()
    options.items = items
    options.dataName = "letters"
    change(&options)
    return options
  }

  @Test func everyItemIsCountedOnce() throws {
    let model = try SpeakingModel().model(Double.self)
    let flawed = [
      ValidationItem(
        family: "flaws", prompt: "abc", counterfactual: "abc de fg", target: "a", over: "b"),
      ValidationItem(
        family: "flaws", prompt: "abc", counterfactual: "abd", target: "a", over: "a"),
      ValidationItem(
        family: "flaws", prompt: "abc", counterfactual: "abd", target: "a", over: "no token"),
      ValidationItem(
        family: "flaws", prompt: String(repeating: "q w ", count: 40),
        counterfactual: String(repeating: "q z ", count: 40), target: "a", over: "b"),
    ]
    let report = try model.validate(Self.options { $0.items = Self.items + flawed })
    #expect(report.families.map(\.name) == ["letters", "flaws"])
    let (letters, flaws) = (report.families[0], report.families[1])
    #expect(letters.measured == 3 && letters.prefersOther == 3 && letters.offered == 6)
    #expect(flaws.unequalLengths == 1 && flaws.notOneToken == 2 && flaws.tooLong == 1)
    #expect(flaws.measured == 0)
    #expect(report.items.count == 3 && report.items.allSatisfy { $0.logit > 0 })
    #expect(try model.validate(Self.options { $0.itemCount = 2 }).items.count == 2)
    let none = #expect(throws: InputError.self) {
      try model.validate(Self.options { $0.items = flawed })
    }
    #expect(none?.found.contains("none of 4") == true)
  }

  /// The rank correlation of shares is the one that an explanation's check has.
  @Test func sharesAgreeAsTheCheckSays() throws {
    let model = try SpeakingModel().model(Double.self)
    let report = try model.validate(Self.options { $0.rules = [.up, .half, .gate] })
    for item in report.items {
      for gate in GateRule.allCases {
        for removal in [TokenRemoval.mean, .mask] {
          var asked = ExplanationOptions()
          asked.gate = gate
          asked.target = .difference(.id(item.target.id), .id(item.over.id))
          let check = try model.effects(
            .text(item.prompt), removing: removal, asked, isDivided: false)
          for (kind, expected) in [("spearman", check.spearman), ("pearson", check.pearson)] {
            let found = item.values.first {
              $0.rule == gate.rawValue && $0.measure == "\(kind).\(check.method)"
            }
            let value = try #require(found?.value)
            #expect(abs(value - (try #require(expected))) <= 1e-9)
          }
        }
      }
    }
  }

  /// Rules that promise a sum keep it; every measure is within its range.
  @Test func sumsAreKept() throws {
    let model = try SpeakingModel().model(Double.self)
    let report = try model.validate(Self.options())
    #expect(report.rules.map(\.name) == PredictionRule.allCases.map(\.rawValue))
    for rule in report.rules {
      if ["up", "half", "gate", "ledger"].contains(rule.name) {
        #expect(try #require(rule.median("completeness")).high <= 1e-9, "\(rule.name)")
      }
      for median in rule.medians {
        #expect(median.low <= median.value && median.value <= median.high)
        if median.measure.hasPrefix("spearman") || median.measure.hasPrefix("pearson") {
          #expect(abs(median.value) <= 1)
        }
      }
      #expect(
        (rule.median("spearman.heads") == nil) == ["integrated", "ledger"].contains(rule.name))
      #expect(rule.median("cpr") != nil && rule.median("cmd") != nil)
    }
    #expect(report.rules.last?.median("completeness") == nil)
    #expect(Set(report.measures.map(\.name)).count == report.measures.count)
  }

  /// The same seed gives the same report, and a rule's measures do not depend on the others.
  ///
  /// They agree to rounding only: the runs that other rules ask for share the batches, and the last bits of a row of a
  /// matrix product may depend on its place.
  @Test func resultsDependOnTheSeedAlone() throws {
    let model = try SpeakingModel().model(Double.self)
    let whole = try model.validate(Self.options())
    #expect(try model.validate(Self.options()) == whole)
    let alone = try model.validate(Self.options { $0.rules = [.gradient] })
    let (first, second) = try (
      #require(alone.rules.first).medians,
      #require(whole.rules.first { $0.name == "gradient" }).medians
    )
    #expect(alone.rules.count == 1 && first.map(\.measure) == second.map(\.measure))
    for (a, b) in zip(first, second) {
      #expect(a.items == b.items, "\(a.measure)")
      for (a, b) in [(a.value, b.value), (a.low, b.low), (a.high, b.high)] {
        #expect(abs(a - b) <= 1e-9 * max(1, abs(b)))
      }
    }
  }

  @Test func planningCountsItems() throws {
    let model = try SpeakingModel().model(Float.self)
    let plan = try model.planValidation(Self.options())
    #expect(plan.notes.contains { $0.contains("6 items") } && plan.method == "exact")
    #expect(throws: InputError.self) { try model.planValidation(Self.options { $0.memory = 1000 }) }
    #expect(throws: InputError.self) { try model.validate(Self.options { $0.rules = [] }) }
    #expect(throws: InputError.self) { try model.validate(Self.options { $0.itemCount = 0 }) }
    let silent = try Fixture.plain.model(Float.self)
    let error = #expect(throws: InputError.self) { try silent.validate(Self.options()) }
    #expect(error?.subject == "tokenizer.json")
  }

  /// Several hundred different items, the same for the same seed, of which every prompt differs from its counterfactual.
  @Test func builtInItemsAreManyAndDifferent() {
    let items = BuiltInItems.items(seed: 3)
    #expect(items.count > 400 && Set(items).count == items.count)
    #expect(items == BuiltInItems.items(seed: 3) && items != BuiltInItems.items(seed: 4))
    #expect(Set(items.map(\.family)).count == 6)
    #expect(Set(items.prefix(6).map(\.family)).count == 6)
    for item in items {
      #expect(item.prompt != item.counterfactual && item.target != item.over)
      #expect(item.target.hasPrefix(" ") && item.over.hasPrefix(" "))
    }
  }

  @Test func itemsAreReadLineByLine() throws {
    let folder = try TemporaryFolder()
    func read(_ text: String) throws -> [ValidationItem] {
      let url = try folder.write(Array(text.utf8), to: "items.jsonl")
      return try ValidationItem.items(contentsOf: url, name: "items")
    }
    let line = #"{"prompt": "a", "counterfactual": "b", "target": " c", "over": " d"}"#
    let items = try read(line + "\n\n" + line.replacing("}", with: #", "family": "f"}"#) + "\n")
    #expect(items.map(\.family) == ["data", "f"] && items[0].target == " c")
    for (text, expected) in [
      ("", "an object in each line"), (line + "\nx", "items, line 2"),
      (line.replacing("over", with: "against"), "no other field"),
      (line.replacing(#"" c""#, with: "3"), "a string"),
      (line.replacing(#"" c""#, with: #""""#), "a text"),
      (#"{"prompt": "a"}"#, "counterfactual"),
    ] {
      let error = #expect(throws: InputError.self) { try read(text) }
      #expect(error?.description.contains(expected) == true, "\(error?.description ?? "none")")
    }
  }

  /// A validation that is done in parts is that of one run; one of other settings is refused.
  @Test func aValidationIsContinued() throws {
    let model = try SpeakingModel().model(Float.self)
    let whole = try model.validate(Self.options())
    #expect(whole.items.count == 3)
    var part = try model.validate(Self.options { $0.itemCount = 1 })
    for count in 2...3 {
      part = try ValidationReport(jsonData: part.jsonData())
      part = try model.validate(
        Self.options {
          $0.itemCount = count
          $0.earlier = part
        })
      #expect(part.items.count == count)
    }
    #expect(part.items == whole.items && part.rules == whole.rules)
    for change: (inout ValidationOptions) -> Void in [
      { $0.seed = 1 }, { $0.rules = [.up] }, { $0.dataName = "others" },
    ] {
      let error = #expect(throws: InputError.self) {
        try model.validate(
          Self.options {
            change(&$0)
            $0.earlier = part
          })
      }
      #expect(error?.subject == "the validation that is continued")
    }
    let other = try SpeakingModel().model(Double.self)
    #expect(throws: InputError.self) { try other.validate(Self.options { $0.earlier = part }) }
  }

  /// What a line's derivative integrates to is known: panels are halved until the sum is near it.
  @Test func linesAreIntegratedWhereTheyTurn() {
    /// F(x) = s(x·w) along x = α·p, where s turns fast near 0.
    func integral(_ width: Double, limit: Int) -> (LineIntegral<Double>, error: Double) {
      let path = Matrix<Double>(rows: [[1, 2], [3, 4]])
      let w = Matrix<Double>(rows: [[0.5, -1], [1, 0.25]])
      let end = Kernels.dot(path.elements.span, w.elements.span)
      func value(_ x: Double) -> Double { x / (abs(x) + width) }
      let line = LineIntegral(along: path, tolerance: 0.01, limit: limit) { places in
        places.map { place in
          let x = place * end
          return .init(
            value: value(x),
            gradient: (width / ((abs(x) + width) * (abs(x) + width))) * w)
        }
      }
      let sum = Kernels.dot(line.meanGradient.elements.span, path.elements.span)
      return (line, abs(sum - value(end)) / value(end))
    }
    for width in [1.0, 1e-2, 1e-3] {
      let (line, error) = integral(width, limit: 200)
      #expect(error <= 0.01 && line.pointCount < 200, "\(width): \(error)")
      #expect(line.values.0 == 0)
    }
    // With few points what is left is left, and not hidden.
    let (line, error) = integral(1e-4, limit: 25)
    #expect(line.pointCount == 25 && error > 0.01)
  }

  /// The interval of equal values is a point; that of others holds the median and depends on the seed alone.
  @Test func mediansHaveIntervals() throws {
    #expect(Bootstrap(of: Bootstrap.median, [], seed: 0) == nil)
    let point = try #require(Bootstrap(of: Bootstrap.median, [2, 2, 2], seed: 0))
    #expect(point.value == 2 && point.low == 2 && point.high == 2)
    #expect(Bootstrap.median([3, 1, 2]) == 2 && Bootstrap.median([4, 1, 2, 3]) == 2.5)
    let values = (0..<101).map(Double.init)
    let median = try #require(Bootstrap(of: Bootstrap.median, values, seed: 5))
    // The median of 101 uniform draws has a standard deviation of about 5.
    #expect(median.value == 50 && (35..<47).contains(median.low) && (53..<65).contains(median.high))
    #expect(median == Bootstrap(of: Bootstrap.median, values, seed: 5))
  }
}
