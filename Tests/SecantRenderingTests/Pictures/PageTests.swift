import Foundation
import SecantDigests
import SecantRendering
import SecantReports
import SecantTestSupport
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What holds for the page and the pictures of every report.
///
/// A parser that accepts only well-formed markup reads them. It does not prove that a browser
/// shows them well: for looking, `SECANT_PAGES=FOLDER swift test --filter PageTests` writes them.
struct PageTests {
  @Test(arguments: 0..<24 as Range<UInt64>)
  func hostileTextStaysText(seed: UInt64) throws {
    let report = Hostile.report(seed: seed, tokens: Int(seed % 9))
    let page = try MarkupReader(report.htmlPage())
    #expect(page.error == nil, "seed \(seed)")
    try checkLaws(page, of: report)
  }

  @Test(arguments: 0..<16 as Range<UInt64>)
  func hostileReportsOfEveryKindStayText(seed: UInt64) throws {
    try checkPage(of: Hostile.mutated(Sample.jacobians, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.gateRules, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.shares, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.adapted, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.maps, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.comparison, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.checked, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.validation, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.trace, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.audit, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.stats, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.ablation, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.scaledParts, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.layers, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.full, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.steering, seed: seed))
    try checkPage(of: Hostile.mutated(Sample.steeringVector, seed: seed))
  }

  private func checkPage<R: IllustratedReport>(of report: R) throws {
    let page = try MarkupReader(report.htmlPage())
    #expect(page.error == nil, "\(R.self)")
    try checkLaws(page, of: report)
  }

  @Test func hostileContinuationsStayText() throws {
    for index in Hostile.texts.indices {
      try checkPage(of: Hostile.steering(index))
      try checkPage(of: Hostile.sweep(index))
    }
  }

  /// The report itself is bounded by its own rule; browsers take some tens of megabytes with ease.
  @Test func longPromptsGivePagesOfBoundedSize() throws {
    let page = try Sample.longPrompt.htmlPage()
    #expect(page.utf8.count < 8 << 20)
    let reader = MarkupReader(page)
    #expect(reader.error == nil)
    #expect(reader.elements.count { $0.name == "input" } == 2000)
    #expect(reader.elements.count { $0.attributes["class"] == "grid vectors" } == 256)
  }

  /// Four thousand tokens and sixty of an answer, each with its row; the report itself stays outside.
  @Test func longTracesGiveSmallPages() throws {
    let page = try Sample.longTrace.htmlPage()
    #expect(page.utf8.count < 3_000_000)
    let reader = MarkupReader(page)
    #expect(reader.error == nil)
    let words = try #require(reader.elements.first { $0.attributes["id"] == "answer-words" })
    let columns = try #require(words.attributes["data-columns"]).split(separator: " ")
    #expect(columns.count == 4059)
    let rows = try #require(Data(base64Encoded: words.attributes["data-rows"] ?? ""))
    #expect(rows.count == 2 * 60 * 4059)
    #expect(page.contains("too long to be carried by this page"))
  }

  /// What the script reads are the rows, to 16 bits of the largest number of each.
  @Test func aTracesPageHasItsRows() throws {
    let page = try MarkupReader(Sample.trace.htmlPage())
    try checkLaws(page, of: Sample.trace)
    let words = try #require(page.elements.first { $0.attributes["id"] == "answer-words" })
    func list(_ name: String) throws -> [Double] {
      try #require(words.attributes[name]).split(separator: " ").compactMap { Double($0) }
    }
    let bytes = Array(try #require(Data(base64Encoded: words.attributes["data-rows"] ?? "")))
    let (scales, columns) = (try list("data-scales"), try list("data-columns").map { Int($0) })
    let count = bytes.count / 2 / scales.count
    #expect(columns[0] == -1 && Set(columns.dropFirst()).count == count)
    for row in try #require(Sample.trace.matrix).rows {
      for (position, value) in row.tokens.enumerated() where columns[position] >= 0 {
        let place = 2 * (row.answer * count + columns[position])
        let bits = UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
        let found = Double(Int16(bitPattern: bits)) * scales[row.answer]
        #expect(abs(found - value) <= 0.51 * scales[row.answer])
      }
    }
    // Without rows the page has the sum alone, and says so.
    let whole = Sample.trace
    let without = TraceReport(
      provenance: whole.provenance, prompt: whole.prompt, answer: whole.answer,
      reference: whole.reference, shares: whole.shares, roles: whole.roles, direct: whole.direct,
      blocks: whole.blocks, exactness: whole.exactness)
    let sum = try MarkupReader(without.htmlPage())
    #expect(sum.elements.allSatisfy { $0.attributes["data-rows"] == nil })
    #expect(sum.text.contains("with --matrix each token of it has its own"))
  }

  @Test func everyHostileTextIsShownWhole() throws {
    let words = Hostile.texts.filter { !$0.isEmpty && $0.count < 100 }
    let report = Sample.explanation(
      words: words, shares: words.indices.map(Double.init), writes: [words], reads: [words],
      text: words.joined(), notes: words)
    let page = try MarkupReader(report.htmlPage())
    #expect(page.error == nil)
    try checkLaws(page, of: report)
    #expect(page.text.contains("</script><script>alert(1)</script>"))
    #expect(page.text.contains("\\u{202e}gnp.exe"))
    #expect(page.text.contains("\\u{1b}[31mred\\u{7}".replacing(" ", with: "·")))
  }

  @Test func pageOfTheSample() throws {
    let page = try MarkupReader(Sample.bridge.htmlPage())
    #expect(page.error == nil)
    try checkLaws(page, of: Sample.bridge)
    let radios = page.elements.filter { $0.name == "input" }
    #expect(radios.count == 8)
    #expect(radios.filter { $0.attributes["checked"] != nil }.map { $0.attributes["id"] } == ["t5"])
    for text in ["·Golden", "93.0%", "+6.900", "3.1e-7", "·Sausalito", "residual"] {
      #expect(page.text.contains(text))
    }
  }

  /// A report has three tabs; no heading is lost, and the word table begins with the last block.
  @Test func theReportIsInThreeTabs() throws {
    let text = try Sample.full.htmlPage()
    let page = MarkupReader(text)
    #expect(page.error == nil)
    let tabs = page.elements.filter { $0.attributes["name"] == "tab" }
    #expect(tabs.map { $0.attributes["id"] } == ["tab-1", "tab-2", "tab-3"])
    #expect(tabs.filter { $0.attributes["checked"] != nil }.count == 1)
    for title in ["Answer", "Inside", "Exactness and provenance"] {
      #expect(page.text.contains(title))
    }
    let ids = Set(page.elements.compactMap { $0.attributes["id"] })
    let sections: Set = ["tokens", "next", "gate-rules", "layers", "blocks", "exact", "provenance"]
    #expect(sections.isSubset(of: ids), "\(sections.subtracting(ids))")
    // One picture of the output rebuilt, however many precisions.
    #expect(ids.filter { $0.hasPrefix("jacobians-") }.count == 1)
    let cells = page.elements.filter { $0.name == "td" && $0.attributes["data-b"] != nil }
    let blocks = Sample.full.layers.maps.map(\.block)
    #expect(cells.first?.attributes["data-b"] == blocks.max().map(String.init))
  }

  /// Tokens, blocks and heads that a page marks are those of the report, and each has a mark.
  @Test func whatIsChosenCanBeFound() throws {
    let report = Sample.full
    let page = try MarkupReader(report.htmlPage())
    func marks(_ kind: String) -> Set<String> {
      Set(page.elements.compactMap { $0.attributes["data-\(kind)"] })
    }
    #expect(marks("t") == Set(report.explanation.shares.tokens.indices.map(String.init)))
    let blocks = Set(report.shares.blocks.map(\.block) + report.layers.maps.map(\.block))
    #expect(marks("b") == Set(blocks.map(String.init)))
    let heads = report.shares.blocks.flatMap { block in
      block.heads.indices.map { "\(block.block).\($0)" }
    }
    // In the picture of the heads, row by row: a head is named by its block first.
    let cells = page.elements.filter { $0.name == "g" }.compactMap { $0.attributes["data-h"] }
    #expect(cells == heads && !heads.isEmpty)
    #expect(marks("h") == Set(heads))
  }

  /// What the switch shows are the views' own numbers: every token's share, rounded, by every target and rule.
  @Test func theSwitchHasTheViews() throws {
    let report = Sample.full
    let views = try #require(report.views)
    let page = try MarkupReader(report.htmlPage())
    let places = try #require(
      page.elements.first { $0.attributes["id"] == "switch" }?.attributes["data-places"])
    #expect(
      places.split(separator: " ").count == views.count
        && Set(places.split(separator: " ")).count == views.count)
    // The report's own question comes first.
    let isOwn = { (view: FullReport.View) in
      view.gateRule == report.explanation.provenance.gateRule
        && view.target == report.explanation.target
    }
    let ordered = views.filter(isOwn) + views.filter { !isOwn($0) }
    let labels = page.elements.compactMap { $0.attributes["data-views"] }
    #expect(labels.count == report.explanation.shares.tokens.count)
    for (position, label) in labels.enumerated() {
      let shown = label.split(separator: ";", omittingEmptySubsequences: false)
      #expect(shown.count == views.count)
      for (view, text) in zip(ordered, shown) {
        let value = try #require(
          Double(text.split(separator: "|", omittingEmptySubsequences: false)[1]))
        #expect(abs(view.shares.tokens[position].value - value) < 0.006)
      }
    }
    let bars = page.elements.filter { $0.name == "div" && $0.attributes["data-view"] != nil }
    #expect(bars.count == views.count)
    #expect(bars.filter { $0.attributes["hidden"] == nil }.count == 1)
    // A report that was written before has its gate rules, and one target.
    let former = FullReport(
      explanation: report.explanation, layers: report.layers, shares: report.shares,
      maps: report.maps, jacobians: report.jacobians, gateRules: report.gateRules)
    let again = try MarkupReader(former.htmlPage())
    let fewer = again.elements.first { $0.attributes["id"] == "switch" }?.attributes["data-places"]
    #expect(fewer == "0.0 0.1 0.2")
  }

  /// A report that was read back, with dictionaries and sets made anew, gives the same bytes.
  @Test func pagesAreDeterministic() throws {
    let again = try FullReport(jsonData: Sample.full.jsonData())
    #expect(try Array(again.htmlPage().utf8) == Array(Sample.full.htmlPage().utf8))
  }

  /// The digest that the page's policy admits is that of the script that the page holds.
  @Test func thePolicyAdmitsTheScript() throws {
    let page = try Sample.bridge.htmlPage()
    let script = try #require(page.firstMatch(of: #/<script>((?s).*?)<\/script>/#)?.1)
    let admitted = try #require(page.firstMatch(of: #/script-src 'sha256-([^']+)'/#)?.1)
    var digest = Digest(.sha256)
    digest.update(String(script))
    let bytes = stride(from: 0, to: 64, by: 2).map { start -> UInt8 in
      let pair = digest.hexadecimal.dropFirst(start).prefix(2)
      return UInt8(pair, radix: 16) ?? 0
    }
    #expect(Data(bytes).base64EncodedString() == String(admitted))
  }

  private func checkLaws(_ page: MarkupReader, of report: some Report) throws {
    let scripts = page.elements.filter { $0.name == "script" }
    // The page's own script, admitted by its digest, and the report.
    #expect(scripts.map { $0.attributes["type"] } == [nil, "application/json"])
    let policy = page.elements.compactMap { $0.attributes["content"] }
      .first { $0.contains("default-src 'none'") }
    #expect(policy != nil && policy?.contains("http") == false)
    for element in page.elements {
      for (name, value) in element.attributes {
        #expect(!name.lowercased().hasPrefix("on"))
        guard ["href", "src", "srcset", "action", "data", "poster"].contains(name) else { continue }
        let isInside =
          value.hasPrefix("#") || value == "data:," || value.hasPrefix("data:image/png;base64,")
        #expect(isInside, "\(element.name) loads \(value)")
      }
    }
    #expect(!page.style.contains("url(") && !page.style.contains("@import"))
    let identifiers = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count)
    try checkData(page, of: report)
  }

  private func checkData<R: Report>(_ page: MarkupReader, of report: R) throws {
    let embedded = try R(jsonData: Data(page.data.utf8))
    #expect(try embedded.jsonData() == report.jsonData())
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["SECANT_PAGES"] != nil, "for looking"))
  func writesPagesToLookAt() throws {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["SECANT_PAGES"] ?? ".")
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try write(Sample.bridge.htmlPage(), "bridge.html")
    try write(Sample.jacobians.htmlPage(), "jacobians.html")
    try write(Sample.gateRules.htmlPage(), "gate-rules.html")
    try write(Sample.shares.htmlPage(), "shares.html")
    try write(Sample.ablation.htmlPage(), "ablation.html")
    try write(Sample.scaledParts.htmlPage(), "scaled-parts.html")
    try write(Sample.trace.htmlPage(), "trace.html")
    try write(Sample.longTrace.htmlPage(), "long-trace.html")
    try write(Sample.maps.htmlPage(), "maps.html")
    try write(Sample.comparison.htmlPage(), "comparison.html")
    try write(Sample.dense.htmlPage(), "dense.html")
    let words = Hostile.texts.filter { !$0.isEmpty }
    try write(
      Sample.explanation(
        words: words, shares: words.indices.map { Double($0) - 12 }, writes: [words, words],
        reads: [words, words], text: words.joined(), notes: words
      ).htmlPage(), "hostile.html")
    let long = Sample.longPrompt
    try write(Sample.layers.htmlPage(), "layers.html")
    try write(Sample.steering.htmlPage(), "steering.html")
    try write(Sample.sweep.htmlPage(), "steering-sweep.html")
    try write(Sample.steeringVector.htmlPage(), "steering-vector.html")
    try write(Sample.full.htmlPage(), "full.html")
    try write(Hostile.mutated(Sample.full, seed: 3).htmlPage(), "mutated.html")
    for figure in FigureTests.figures { try write(figure.svg(), "\(figure.name).svg") }
    try write(long.htmlPage(), "long.html")
    try write(long.terminalText(), "long.txt")
  }
}
