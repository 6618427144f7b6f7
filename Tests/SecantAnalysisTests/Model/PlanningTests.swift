import Secant
import Testing

/// Plans say what explanations then do; times are estimates, of which nothing is asserted.
@Suite struct PlanningTests {
  @Test(arguments: [ExplanationOptions.Method.auto, .dense, .krylov])
  func plansTheMethodThatIsUsed(_ method: ExplanationOptions.Method) throws {
    let model = try Fixture.plain.model(Float.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = ExplanationOptions()
    options.method = method
    let plan = try model.plan(prompt, options)
    let report = try model.explain(prompt, options)
    #expect(plan.method == report.provenance.method)
    #expect(plan.estimates.first?.method == plan.method)
    #expect(Set(plan.estimates.map(\.method)) == ["dense", "krylov"])
    #expect(plan.tokenCount == report.prompt.tokens.count)
    for estimate in plan.estimates {
      #expect(estimate.seconds > 0 && estimate.seconds.isFinite)
      #expect(estimate.floatingPointOperations > 0 && estimate.peakMemoryBytes > 0)
    }
  }

  /// A sketch is what was planned, beside the methods that measure; questions that it does not serve refuse it.
  @Test func aSketchIsPlannedWhereItServes() throws {
    let model = try Fixture.plain.model(Float.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = ExplanationOptions()
    options.method = .sketch
    let plan = try model.plan(prompt, options)
    #expect(plan.estimates.map(\.method) == ["sketch", "dense", "krylov"])
    let report = try model.explain(prompt, options)
    #expect(
      report.jacobians.allSatisfy { $0.operatorProducts == plan.estimates[0].operatorProducts })
    var (maps, layers) = (MapsOptions(), LayersOptions())
    (maps.explanation.method, layers.method) = (.sketch, .sketch)
    #expect(throws: InputError.self) { try model.maps(prompt, maps) }
    #expect(throws: InputError.self) { try model.planMaps(prompt, maps) }
    #expect(throws: InputError.self) { try model.layers(prompt, layers) }
    #expect(throws: InputError.self) { try model.planLayers(prompt, layers) }
  }

  @Test func denseProductsAreCounted() throws {
    let model = try Fixture.plain.model(Float.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = ExplanationOptions()
    options.method = .dense
    let plan = try model.plan(prompt, options)
    let report = try model.explain(prompt, options)
    let products = report.jacobians.reduce(0) { $0 + $1.operatorProducts }
    #expect(plan.estimates.first?.operatorProducts == products)
  }

  /// What is planned stays within the budget, or is refused with a budget that then suffices.
  @Test(arguments: [ExplanationOptions.Method.dense, .krylov])
  func theWorkFitsIntoTheMemory(_ method: ExplanationOptions.Method) throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = ExplanationOptions()
    options.method = method
    let whole = try model.explain(prompt, options)
    var fitting = 0
    for kibibytes in [1, 40, 80, 160, 320, 640] {
      options.memory = kibibytes << 10
      do {
        let plan = try model.plan(prompt, options)
        #expect(plan.estimates[0].peakMemoryBytes <= options.memory)
        let report = try model.explain(prompt, options)
        // Batches of other sizes sum in another order.
        for (part, reference) in zip(report.jacobians, whole.jacobians) {
          let (found, expected) = (part.singularValues[0], reference.singularValues[0])
          #expect(abs(found - expected) <= 1e-12 * expected)
        }
        fitting += 1
      } catch let error {
        #expect(error.subject == "memory", "\(error)")
        #expect(error.expected.hasPrefix("at least 1M"))
      }
    }
    #expect(fitting > 0 && fitting < 6)
  }

  /// What the work takes may grow with what it is given, as where another method is cheaper then.
  @Test(arguments: [(1, 3, 3), (1, 5, 8), (1, 8, 8)])
  func aRefusalNamesASizeThatIsAccepted(_ budget: Int, _ step: Int, _ enough: Int) throws {
    let configuration = try Fixture.plain.model(Float.self).decoder.configuration
    func memory(_ mebibytes: Int) -> WorkingMemory {
      WorkingMemory(
        configuration: configuration, tokens: 1, scalarBytes: 4, budget: mebibytes << 20)
    }
    let need = { (budget: Int) in (budget < step << 20 ? step : max(step, enough)) << 20 - 1 }
    let error = #expect(throws: InputError.self) { try memory(budget).require(need) }
    #expect(error?.expected == "at least \(enough)M for 1 token")
    try memory(enough).require(need)
  }

  /// A size is found after a few trials, however slowly the work falls behind a growing budget.
  @Test func aSizeIsFoundSoon() throws {
    let configuration = try Fixture.plain.model(Float.self).decoder.configuration
    let memory = WorkingMemory(
      configuration: configuration, tokens: 1, scalarBytes: 4, budget: 1 << 20)
    var trials = 0
    let error = #expect(throws: InputError.self) {
      try memory.require { budget in
        trials += 1
        return budget / 1000 * 999 + (10 << 20)
      }
    }
    let size = try #require(error?.expected.split(separator: " ")[2].dropLast())
    #expect((10_000...10_010).contains(try #require(Int(size))))
    #expect(trials < 200)
  }

  /// Runs share what one has to itself: no two may each take half of the budget.
  @Test func runsShareTheMemory() throws {
    let configuration = try Fixture.plain.model(Float.self).decoder.configuration
    let run = RunMemory(
      configuration: configuration, tokens: 1000, scalarBytes: 4, kind: .detached)
    for runs in 1...4 {
      let others = [RunMemory](repeating: run, count: runs - 1)
      func left(_ budget: Int) -> Int {
        WorkingMemory(run, beside: others, budget: budget).available
      }
      // All blocks of all runs are held where that takes half of the budget.
      let whole = runs * run.bytes
      #expect(left(2 * whole) == whole)
      // With less, a quarter of it is left wherever the streams leave that.
      let least = runs * run.bytes(holding: 0)
      for budget in stride(from: least * 4 / 3 + 4, to: 2 * whole, by: whole / 50) {
        #expect(left(budget) >= budget / 4)
      }
    }
  }

  /// Work that passes the blocks a few times holds half as much, and no less fits than otherwise.
  @Test func fewPassesHoldFewerBlocks() throws {
    let configuration = try Fixture.plain.model(Float.self).decoder.configuration
    let run = RunMemory(
      configuration: configuration, tokens: 1000, scalarBytes: 4, kind: .detached)
    func memory(_ budget: Int, _ passes: WorkingMemory.Passes) -> WorkingMemory {
      WorkingMemory(run, budget: budget, passes: passes)
    }
    #expect(memory(4 * run.bytes, .few).heldFrozenBytes == run.bytes)
    #expect(memory(4 * run.bytes, .few).remadePart == 0)
    for budget in stride(from: run.bytes / 8, to: 8 * run.bytes, by: run.bytes / 8) {
      let (few, many) = (memory(budget, .few), memory(budget, .many))
      #expect(few.heldBytes <= budget / 4)
      // A run whose blocks are all held needs neither its streams nor a block that is made anew.
      #expect(many.remadePart == 0 || few.heldFrozenBytes <= many.heldFrozenBytes)
      #expect(few.remadePart >= many.remadePart && (0...1).contains(few.remadePart))
    }
  }

  /// What is not held is made anew by each pass, which takes the operations of a forward pass.
  @Test func plansCountBlocksThatAreMadeAnew() throws {
    let configuration = try Fixture.plain.model(Float.self).decoder.configuration
    let scope = ExplanationScope(
      tokens: 1000, position: 999, lastBlock: configuration.blockCount - 1, rank: 0,
      tolerance: 1e-3)
    func cost(_ memory: Int) -> CostModel {
      CostModel(configuration, scope, precision: Float.self, memory: memory)
    }
    let whole = cost(1 << 40)
    let reading = whole.reading(vectors: 1)
    for part in [0, 1, 3, 10, 100] {
      let less = cost(whole.memory.frozenBytes * part / 50)
      let blocks = less.memory.remadePart * (whole.forward.operations - reading)
      // The first pass has made them all; each of the three makes them again.
      #expect(less.forward.time == whole.forward.time)
      let made = less.sweeps(3, .contributions).time - whole.sweeps(3, .contributions).time
      #expect(abs(made - 3 * blocks) <= 1e-9 * whole.forward.operations)
      let account = less.difference.time - whole.difference.time
      #expect(abs(account - 8 * blocks) <= 1e-9 * whole.forward.operations)
    }
    #expect(cost(1).memory.remadePart == 1)
  }

  /// Vectors that pass a delta network have a state in each head.
  ///
  /// There are two states for as many rows as there are positions, because a vector reaches half of them on
  /// average. The rows that fit are those whose memory does.
  @Test func statesOfDeltaNetworksCount() throws {
    let configuration = try Fixture(name: "qwen3-5").model(Float.self).decoder.configuration
    let delta = try #require(configuration.blocks.lazy.compactMap(\.delta).first)
    func memory(_ tokens: Int, _ kind: JacobianKind = .detached) -> WorkingMemory {
      WorkingMemory(
        configuration: configuration, tokens: tokens, scalarBytes: 4, budget: 1 << 30, kind: kind)
    }
    // A text so long that rows are a vanishing part of a vector.
    let more = memory(1000).sweepBytes(rows: 1000) - memory(1 << 40).sweepBytes(rows: 1000)
    #expect(more == 4 * 2 * delta.heads * delta.keyWidth * delta.valueWidth - 4)
    for kind in JacobianKind.allCases {
      for rows in [1, 7, 1000, 25_000] {
        let bytes = memory(1000, kind).sweepBytes(rows: rows)
        #expect(memory(1000, kind).rows(within: bytes) == rows)
        #expect(memory(1000, kind).rows(within: bytes - 1) == rows - 1)
      }
    }
    // States at every 16th position and of 16 in turn, that of a derivative itself.
    let derivatives = memory(1600, .ordinary).sweepBytes(rows: 0) - 1600 * 1600 * 4
    #expect(derivatives == 4 * 117 * delta.heads * delta.keyWidth * delta.valueWidth)
  }

  @Test func theMethodDependsOnTheArgumentsAlone() throws {
    let model = try Fixture.plain.model(Float.self)
    let plans = try (0..<5).map { _ in try model.plan(.tokens([1, 2, 3])).method }
    #expect(Set(plans).count == 1)
  }

  @Test(arguments: [ExplanationOptions.Method.auto, .dense, .krylov])
  func everyQuestionIsPlannedByItsMethod(_ method: ExplanationOptions.Method) throws {
    let model = try Fixture.biases.model(Double.self)
    let prompt = PromptInput.tokens([5, 6, 7])
    var options = MapsOptions()
    options.explanation.method = method
    options.explanation.rank = 2
    options.generatedCount = 1
    let features = try model.maps(prompt, options)
    let featuring = try model.planMaps(prompt, options)
    #expect(featuring.method == features.provenance.method)
    var layering = LayersOptions()
    layering.method = method
    let layers = try model.layers(prompt, layering)
    let planned = try model.planLayers(prompt, layering)
    #expect(planned.method == layers.provenance.method)
    let comparison = try model.compare(prompt, with: .tokens([5, 8]), options.explanation)
    let plan = try model.planComparison(prompt, with: .tokens([5, 8]), options.explanation)
    let methods = [comparison.first, comparison.second].map(\.provenance.method)
    #expect(plan.method == (Set(methods).count == 1 ? methods[0] : "mixed"))
    let rules = try model.compareGateRules(prompt, options.explanation)
    let planning = try model.planGateRules(prompt, options.explanation)
    #expect(planning.method == rules.provenance.method)
    #expect(try model.planJacobians(prompt, precisions: [.f32, .f64]).method == "exact")
    var full = FullOptions()
    full.explanation = options.explanation
    let whole = try model.planReport(prompt, full)
    #expect(whole.method == (try model.explain(prompt, options.explanation).provenance.method))
    #expect(whole.operations > planning.operations)
    let shares = try model.planShares(prompt)
    #expect(shares.method == "exact" && shares.estimates.count == 1 && shares.rank == 0)
  }

  /// More work costs more; by how much, only measurements say.
  @Test func plansGrowWithTheWork() throws {
    let model = try Fixture.plain.model(Float.self)
    let (short, long) = (PromptInput.tokens([1, 2]), PromptInput.tokens([1, 2, 3, 4, 5]))
    let alone = try model.plan(short).operations
    let pair = try model.planComparison(short, with: short).operations
    let mixed = try model.planComparison(short, with: long).operations
    #expect(2 * alone < pair && pair < mixed)
    var layers = LayersOptions()
    let few = try model.planLayers(short, layers).operations
    layers.sites = [.residual, .attention]
    let many = try model.planLayers(short, layers).operations
    #expect(few < many)
    let (one, other) = (try model.planShares(short), try model.planShares(long))
    #expect(one.operations < other.operations)
    var features = MapsOptions()
    let none = try model.planMaps(short, features).operations
    features.generatedCount = 3
    let generated = try model.planMaps(short, features).operations
    #expect(none < generated)
  }

  /// What is planned for all layers stays within the budget, or is refused.
  @Test func allLayersFitIntoTheMemory() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = LayersOptions()
    options.tolerance = 1e-9
    let whole = try model.layers(prompt, options)
    var fitting = 0
    for kibibytes in [1, 100, 400, 700, 1000, 2000, 4000] {
      options.memory = kibibytes << 10
      do {
        let plan = try model.planLayers(prompt, options)
        #expect(plan.estimates[0].peakMemoryBytes <= options.memory, "\(kibibytes)")
        let report = try model.layers(prompt, options)
        for (part, reference) in zip(report.maps, whole.maps) {
          let found = part.joint?.singularValues[0] ?? .nan
          let expected = reference.joint?.singularValues[0] ?? .nan
          #expect(abs(found - expected) <= 1e-8 * expected)
        }
        fitting += 1
      } catch let error {
        #expect(error.subject == "memory", "\(error)")
      }
    }
    #expect(fitting > 0 && fitting < 7)
  }
}

extension PlanReport {
  /// The operations of the method that would be used.
  fileprivate var operations: Double { estimates.first?.floatingPointOperations ?? .nan }
}
