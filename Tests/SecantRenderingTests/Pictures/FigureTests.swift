import Foundation
import SecantRendering
import SecantReports
import SecantTestSupport
import Testing

/// Pictures that committed files fix, byte by byte, and what holds for the pictures of every report.
///
/// `SECANT_UPDATE_GOLDEN=1 swift test --filter FigureTests` writes the files anew; then look at them in a
/// browser, light and dark. They do not prove that a picture is legible: eyes did.
struct FigureTests {
  static let figures =
    Sample.full.figures + Sample.comparison.figures + Sample.trace.figures
    + Sample.checked.figures.filter { $0.name == "effects" }
    + Sample.adapted.figures.filter { $0.name == "shares-adapter" }
    + Sample.ablation.figures + Sample.scaledParts.figures.suffix(1)

  /// Those of whole corpora, which have no answer of their own.
  static let corpusFigures = Sample.audit.figures + Sample.stats.figures

  @Test func matchGolden() throws {
    // One of each kind; the other maps' images are of the same kind, and large.
    for figure in Self.figures + Self.corpusFigures
    where !figure.name.hasPrefix("jacobian") || figure.name == "jacobian-0" {
      try GoldenFile("figure-\(figure.name).svg").expect(figure.svg())
    }
  }

  @Test func namesAreDistinctFileNames() {
    let names = (Self.figures + Self.corpusFigures).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z0-9-]+/) != nil }, "\(names)")
  }

  @Test(arguments: Figure.ColorScheme.allCases)
  func standAloneInEveryScheme(scheme: Figure.ColorScheme) {
    for figure in Self.figures {
      let svg = figure.svg(scheme)
      let picture = MarkupReader(svg)
      #expect(picture.error == nil, "\(figure.name)")
      // Programs other than browsers know no custom properties.
      #expect(!svg.contains("var("), "\(figure.name)")
      #expect(svg.contains("prefers-color-scheme") == (scheme == .adaptive))
      // The samples' answers: a bridge, or the sentence of the trace.
      let answer = figure.name.hasPrefix("trace") ? "→ The·code" : "·Golden"
      #expect(figure.subject.contains("demo") && figure.subject.contains(answer))
      #expect(!figure.caption.isEmpty && !figure.table.rows.isEmpty)
    }
  }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func hostileReportsGiveWellFormedPictures(seed: UInt64) throws {
    let figures = [
      try Hostile.mutated(Sample.bridge, seed: seed).figures,
      try Hostile.mutated(Sample.jacobians, seed: seed).figures,
      try Hostile.mutated(Sample.gateRules, seed: seed).figures,
      try Hostile.mutated(Sample.shares, seed: seed).figures,
      try Hostile.mutated(Sample.adapted, seed: seed).figures,
      try Hostile.mutated(Sample.maps, seed: seed).figures,
      try Hostile.mutated(Sample.comparison, seed: seed).figures,
      try Hostile.mutated(Sample.trace, seed: seed).figures,
      try Hostile.mutated(Sample.audit, seed: seed).figures,
      try Hostile.mutated(Sample.stats, seed: seed).figures,
      try Hostile.mutated(Sample.scaledParts, seed: seed).figures,
      try Hostile.mutated(Sample.layers, seed: seed).figures,
      Hostile.report(seed: seed, tokens: Int(seed % 9)).figures,
    ].flatMap(\.self)
    for figure in figures {
      let picture = MarkupReader(figure.svg())
      #expect(picture.error == nil, "seed \(seed), \(figure.name)")
      #expect(picture.elements.allSatisfy { $0.name != "script" && $0.name != "a" })
      for element in picture.elements {
        for (name, value) in element.attributes {
          #expect(!name.hasPrefix("on"))
          guard name == "href" else { continue }
          #expect(value.hasPrefix("data:image/png;base64,"), "seed \(seed), \(figure.name)")
        }
        for name in ["d", "x", "y", "width", "height", "cx", "cy", "transform"] {
          let value = element.attributes[name, default: ""]
          #expect(!value.contains("nan") && !value.contains("inf"), "seed \(seed)")
        }
      }
      _ = figure.table.commaSeparated
    }
  }

  @Test func csvKeepsTextsAndBits() {
    let report = Sample.explanation(
      words: ["a,b", "\"q\"", "line\r\nbreak", " plain"], shares: [0.1, .nan, -.infinity, 1e-300],
      writes: [], reads: [])
    let csv = report.figures[0].table.commaSeparated
    #expect(csv.hasPrefix("position,token,share,fraction,baseline\r\n0,\"a,b\",0.1,"))
    #expect(csv.contains("1,\"\"\"q\"\"\",NaN,"))
    #expect(csv.contains("2,\"line\r\nbreak\",-Infinity,"))
    #expect(csv.contains("3, plain,1e-300,"))
  }

  /// Tests the chunks' lengths and the decoded size; that colours are right was seen by eye.
  @Test func imagesArePNG() throws {
    let figure = try #require(Self.figures.first { $0.name.hasPrefix("jacobian-") })
    let picture = MarkupReader(figure.svg())
    let image = try #require(picture.elements.first { $0.name == "image" })
    let text = try #require(image.attributes["href"]).dropFirst("data:image/png;base64,".count)
    let data = try #require(Data(base64Encoded: String(text)))
    var place = 8
    var chunks: [String] = []
    while place < data.count {
      let length = data[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      chunks.append(String(decoding: data[place + 4..<place + 8], as: UTF8.self))
      place += 12 + length
    }
    #expect(place == data.count)
    #expect(chunks == ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"])
  }
}
