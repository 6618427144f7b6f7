import Foundation
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
    for picture in [
      report.shareSVG(), report.spectrumSVG(), report.spectrumSVG(position: 1),
      report.spectrumSVG(position: .min),
    ] {
      let picture = MarkupReader(picture)
      #expect(picture.error == nil, "seed \(seed)")
      #expect(picture.elements.allSatisfy { $0.name != "script" && $0.name != "a" })
      #expect(!picture.attributeValues.contains { $0.contains("nan") || $0.contains("inf") })
    }
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

  @Test(arguments: ["same", "again"]) func pagesAreDeterministic(_: String) throws {
    #expect(try Sample.bridge.htmlPage() == Sample.bridge.htmlPage())
  }

  private func checkLaws(_ page: MarkupReader, of report: ExplanationReport) throws {
    let scripts = page.elements.filter { $0.name == "script" }
    #expect(scripts.map { $0.attributes["type"] } == ["application/json"])
    let policy = page.elements.compactMap { $0.attributes["content"] }
      .first { $0.contains("default-src 'none'") }
    #expect(policy != nil && policy?.contains("http") == false)
    for element in page.elements {
      for (name, value) in element.attributes {
        #expect(!name.lowercased().hasPrefix("on"))
        guard ["href", "src", "srcset", "action", "data", "poster"].contains(name) else { continue }
        #expect(value.hasPrefix("#") || value == "data:,", "\(element.name) loads \(value)")
      }
    }
    #expect(!page.style.contains("url(") && !page.style.contains("@import"))
    let identifiers = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count)
    let embedded = try ExplanationReport(jsonData: Data(page.script.utf8))
    #expect(try embedded.jsonData() == report.jsonData())
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["SECANT_PAGES"] != nil, "for looking"))
  func writesPagesToLookAt() throws {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["SECANT_PAGES"] ?? ".")
    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }
    try write(Sample.bridge.htmlPage(), "bridge.html")
    try write(Sample.bridge.shareSVG(), "shares.svg")
    try write(Sample.bridge.spectrumSVG(position: 2), "spectrum.svg")
    try write(Sample.bridge.spectrumSVG(), "spectra.svg")
    try write(Sample.dense.htmlPage(), "dense.html")
    let words = Hostile.texts.filter { !$0.isEmpty }
    try write(
      Sample.explanation(
        words: words, shares: words.indices.map { Double($0) - 12 }, writes: [words, words],
        reads: [words, words], text: words.joined(), notes: words
      ).htmlPage(), "hostile.html")
    let words2000 = (0..<2000).map {
      $0 % 97 == 96 ? ".\n" : Sample.bridge.prompt.tokens[$0 % 7 + 1].text
    }
    let long = Sample.explanation(
      words: words2000, shares: (0..<2000).map { sin(Double($0)) * exp(-Double($0 % 50) / 9) },
      writes: words2000.map { [$0, " Golden", " Bay"] }, reads: words2000.map { [$0, " Golden"] })
    try write(long.htmlPage(), "long.html")
    try write(long.terminalText(), "long.txt")
  }
}
