import Foundation
import SecantReports
import SecantTestSupport
import Testing

/// The JSON form: reading gives back what was written, and equal reports give equal bytes.
struct ReportCodingTests {
  private func roundTrip<R: Report>(_ report: R) throws {
    for isIndented in [true, false] {
      let data = try report.jsonData(isIndented: isIndented)
      let again = try R(jsonData: data)
      // Bytes rather than values: a NaN does not equal itself, but it must survive.
      #expect(try again.jsonData(isIndented: isIndented) == data)
      #expect(try report.jsonData(isIndented: isIndented) == data)
      #expect(data.last == UInt8(ascii: "\n"))
    }
  }

  @Test func reportsSurvive() throws {
    try roundTrip(Sample.bridge)
    #expect(try ExplanationReport(jsonData: Sample.bridge.jsonData()) == Sample.bridge)
    try roundTrip(Sample.verification)
    try roundTrip(Sample.inspection)
    try roundTrip(Sample.vocabulary)
    try roundTrip(Sample.plan)
    try roundTrip(Sample.exactPlan)
    try roundTrip(Sample.models)
    try roundTrip(Sample.layers)
    try roundTrip(Sample.steering)
    try roundTrip(Sample.sweep)
    try roundTrip(Sample.steeringOperator)
    try roundTrip(Sample.steeringVector)
    for index in Hostile.texts.indices { try roundTrip(Hostile.sweep(index)) }
    try roundTrip(Sample.shares)
    try roundTrip(Sample.adapted)
    try roundTrip(Sample.maps)
    try roundTrip(Sample.full)
    try roundTrip(Sample.comparison)
    try roundTrip(Sample.checked)
    try roundTrip(Sample.validation)
    try roundTrip(Sample.trace)
    try roundTrip(Sample.audit)
    try roundTrip(Sample.stats)
    try roundTrip(Sample.ablation)
    try roundTrip(Sample.scaledParts)
  }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func hostileReportsSurvive(seed: UInt64) throws {
    try roundTrip(Hostile.report(seed: seed, tokens: Int(seed % 7)))
  }

  @Test func everyBitOfANumberSurvives() throws {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<200 {
      let value = Double(bitPattern: generator.next())
      let report = Sample.explanation(words: ["a"], shares: [value], writes: [], reads: [])
      let read = try ExplanationReport(jsonData: report.jsonData()).shares.tokens[0].value
      #expect(read.bitPattern == value.bitPattern || (read.isNaN && value.isNaN), "\(value)")
    }
  }

  @Test func numbersThatJSONLacksAreWords() throws {
    let report = Sample.explanation(
      words: ["a", "b", "c"], shares: [.nan, .infinity, -.infinity], writes: [], reads: [])
    let text = try String(decoding: report.jsonData(isIndented: false), as: UTF8.self)
    for word in ["\"value\":\"NaN\"", "\"value\":\"Infinity\"", "\"value\":\"-Infinity\""] {
      #expect(text.contains(word))
    }
    _ = try JSONSerialization.jsonObject(with: report.jsonData())
  }

  @Test func schemaLeadsToAClearRefusal() throws {
    let json = try String(decoding: Sample.plan.jsonData(isIndented: false), as: UTF8.self)
    #expect(json.contains(#""schema":{"name":"secant.plan","version":1}"#))
    // Nothing but the schema: a newer report may have none of the fields that this version knows.
    let newer = Data(#"{"schema":{"name":"secant.plan","version":2}}"#.utf8)
    #expect(throws: ReportError.newerVersion(schema: "secant.plan", newestKnown: 1, found: 2)) {
      try PlanReport(jsonData: newer)
    }
    #expect(throws: ReportError.otherSchema(expected: "secant.explanation", found: "secant.plan")) {
      try ExplanationReport(jsonData: Data(json.utf8))
    }
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"schema\":1}",
    "{\"schema\":{\"name\":\"secant.plan\",\"version\":1}}", "\u{0}",
  ])
  func whatIsNoReportIsMalformed(text: String) {
    #expect {
      try PlanReport(jsonData: Data(text.utf8))
    } throws: { error in
      guard case .malformed? = error as? ReportError else { return false }
      return true
    }
  }

  @Test func fieldsMayBeAddedLater() throws {
    var json = try String(decoding: Sample.plan.jsonData(isIndented: false), as: UTF8.self)
    json = json.replacing("{\"estimates\"", with: "{\"addedLater\":[1,{}],\"estimates\"")
    #expect(try PlanReport(jsonData: Data(json.utf8)) == Sample.plan)
  }

  /// Names alone: it does not prove that what the document says of a field is right.
  @Test func everyFieldIsDocumented() throws {
    let file = Repository.folder.appending(path: "Documentation/ReportSchema.md")
    let document = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    for data in [
      try Sample.bridge.jsonData(), try Sample.verification.jsonData(),
      try Sample.inspection.jsonData(), try Sample.plan.jsonData(),
      try Sample.models.jsonData(), try Sample.vocabulary.jsonData(),
      try Sample.shares.jsonData(), try Sample.maps.jsonData(),
      try Sample.comparison.jsonData(), try Sample.trace.jsonData(),
    ] {
      for key in keys(of: try JSONSerialization.jsonObject(with: data)) {
        #expect(document.contains("`\(key)`"), "\(key)")
      }
    }
  }

  private func keys(of json: Any) -> Set<String> {
    if let object = json as? [String: Any] {
      return object.reduce(into: []) { keys, field in
        keys.insert(field.key)
        keys.formUnion(self.keys(of: field.value))
      }
    }
    guard let list = json as? [Any] else { return [] }
    return list.reduce(into: []) { $0.formUnion(keys(of: $1)) }
  }

  /// What leaves as a table says the same as the report: the parts of a logit add up to it.
  @Test func theTableOfSharesAddsUp() {
    let report = Sample.shares
    let totals = report.numbers.rows.filter { $0[3] == .text("total") }
    let sum = totals.reduce(0.0) { sum, row in
      if case .number(let value)? = row.last { sum + value } else { sum }
    }
    let columns = report.blocks.reduce(report.direct.value) {
      $0 + $1.attention.value + $1.feedForward.value + $1.bias
    }
    // Some hundred parts of order 1, in another order.
    #expect(abs(sum - columns) <= 1e-12)
    #expect(report.arrays.first { $0.name == "heads.tokens" }?.shape == [6, 6, 8])
    #expect(Sample.maps.arrays.first { $0.name == "pictures" }?.shape == [8, 48, 48])
  }

  /// With an adapter, its rows add up to the same number, and others stay as they are.
  @Test func theTableOfAnAdapterAddsUp() throws {
    let report = Sample.adapted
    let rows = report.numbers.rows.filter { $0[3] == .text("adapter") }
    let sum = rows.reduce(0.0) { sum, row in
      if case .number(let value)? = row.last { sum + value } else { sum }
    }
    let adapter = try #require(report.adapter)
    #expect(rows.count == 1 + adapter.modules.count && abs(sum - adapter.sum) <= 1e-12)
    #expect(report.numbers.rows.count - rows.count == Sample.shares.numbers.rows.count)
    #expect(report.arrays.first { $0.name == "adapter.modules" }?.shape == [24])
  }

  /// The rows of each gate rule are its answer's shares, biases included.
  @Test func theTableOfGateRulesAddsUp() throws {
    let report = Sample.gateRules
    for answer in report.answers {
      let rows = report.numbers.rows.filter { $0[0] == .text(answer.gateRule) }
      #expect(rows.count == report.tokens.count + 1)
      let sum = rows.reduce(0.0) { sum, row in
        if case .number(let value) = row[3] { sum + value } else { sum }
      }
      let shares = answer.shares.tokens.reduce(answer.shares.bias.value) { $0 + $1.value }
      #expect(abs(sum - shares) <= 1e-9)
    }
    let n = report.tokens.count
    #expect(report.arrays.first { $0.name == "shares" }?.shape == [report.answers.count, n])
    #expect(report.arrays.first { $0.name == "biases" }?.shape == [report.answers.count])
  }

  /// The contributions of each kind of Jacobian add up to its sum, in each precision.
  @Test func theTableOfJacobiansAddsUp() throws {
    let report = Sample.jacobians
    for comparison in report.comparisons {
      for (kind, rebuilt) in [
        ("detached", comparison.detached), ("ordinary", comparison.ordinary),
      ] {
        let rows = report.numbers.rows.filter {
          $0[0] == .text(comparison.precision.arithmetic)
            && $0[1] == .text(comparison.precision.weights) && $0[2] == .text(kind)
        }
        #expect(rows.count == rebuilt.contributions.count + 1)
        let sum = rows.reduce(0.0) { sum, row in
          if case .number(let value)? = row.last { sum + value } else { sum }
        }
        #expect(abs(sum - rebuilt.sum) <= 1e-9)
      }
    }
    let output = report.arrays.first { $0.name == "output" }
    #expect(output?.shape == [report.comparisons.count, report.comparisons[0].output.count])
  }
}
