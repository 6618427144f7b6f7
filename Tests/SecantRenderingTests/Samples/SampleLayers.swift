import Foundation
import SecantRendering
import SecantReports
import Testing

extension Sample {
  /// The bridge prompt through four blocks: a word that emerges, an estimate and a map that has not converged.
  static let layers: LayersReport = {
    let words = ["·Coronado", " shore", " Golden", " Golden"]
    let maps = LayersReport.Extent.allCases.flatMap { extent in
      (0..<4).map { block in layer(block, extent, word: words[block]) }
    }
    return LayersReport(
      provenance: provenance(tolerance: 1e-2), prompt: bridge.prompt,
      prediction: bridge.prediction, target: bridge.target,
      shares: .init(
        direct: 0.5,
        blocks: (0..<4).map {
          .init(attention: 0.25 * Double($0), feedForward: 1 - 0.5 * Double($0), bias: 0.125)
        }), blockCount: 4, sites: [.residual],
      extents: LayersReport.Extent.allCases, maps: maps,
      grid: .init(
        probabilities: (0..<4).map { block in
          bridge.prompt.tokens.map { token in
            block < 2 ? 0.001 : 0.04 * Double(block * token.position)
          }
        }),
      concepts: [.init(word: "golden", tokens: [302]), .init(word: "tower", tokens: [])],
      notes: ["Not every triplet reached the tolerance: block 1 residual (cumulative)."])
  }()

  private static func layer(
    _ block: Int, _ extent: LayersReport.Extent, word: String
  ) -> LayersReport.LayerMap {
    let token = ExplanationReport.DecodedToken(
      id: 300 + block / 2 * 2, text: word, score: 3 - 0.1 * Double(block))
    let other = ExplanationReport.DecodedToken(id: 7, text: " the", score: 1)
    let value = 40 / Double(block + 1)
    let tokens = bridge.prompt.tokens.map { place in
      ExplanationReport.TokenJacobian(
        position: place.position, inputNorm: 1, outputNorm: 2, singularValues: [value, value / 3],
        residuals: [1e-3, block == 1 ? 4e-2 : 6e-3], clusters: [], isConverged: block != 1,
        operatorProducts: 60, frobeniusNormSquared: .init(value: value * value * 1.5),
        stableRank: .init(value: 1.5),
        triplets: [
          .init(left: place.position.isMultiple(of: 2) ? [token, other] : [other], right: [other]),
          .init(left: [other], right: [other]),
        ])
    }
    let left = Double(3 - block)
    let overlap = LayersReport.Overlap(
      cosines: [
        [0.3 * Double(block) + 0.1, (block.isMultiple(of: 2) ? -0.2 : 0.25) * left], [0, 1],
      ],
      rightCosines: [[1 - 0.4 * left, 0.3 * left * (left - 2)], [0, 1]])
    return .init(
      block: block, site: .residual, extent: extent, reconstruction: bridge.reconstruction,
      output: [token],
      lens: .init(
        logit: Double(block), probability: 0.1 * Double(block), rank: max(1, 1200 >> (4 * block)),
        entropy: 12.5 - 2 * Double(block)),
      tokens: tokens, tokenOverlaps: tokens.map { _ in overlap },
      joint: .init(
        singularValues: [2 * value, value], residuals: [2e-3, 3e-3], clusters: [],
        isConverged: true, frobeniusNormSquared: .init(value: 6 * value * value, standardError: 1),
        stableRank: .init(value: 1.5, standardError: block == 2 ? 0.1 : 0),
        triplets: [
          .init(left: [token, other], weights: tokens.map { _ in 0.125 }),
          .init(left: [other], weights: tokens.map { _ in 0.125 }),
        ]),
      jointOverlap: overlap)
  }
}

/// The numbers of a report as a table and as arrays.
struct LayersNumbersTests {
  @Test func tablesQuoteWhatWouldBreakThem() {
    let table = NumberTable(
      columns: ["a,b", "c"],
      rows: [
        [.text("say \"x\"\n"), .number(.infinity)], [.integer(-3), .number(0.1)],
        [.text(""), .number(.nan)],
      ])
    #expect(
      table.commaSeparated
        == "\"a,b\",c\r\n\"say \"\"x\"\"\n\",Infinity\r\n-3,0.1\r\n,NaN\r\n")
  }

  @Test func everyTripletHasARowAndAPlace() throws {
    let layers = Sample.layers
    #expect(layers.numbers.rows.count == 8 * (8 + 1) * 2)
    let values = try #require(
      layers.arrays.first { $0.name == "local.residual.singular_values" })
    #expect(values.shape == [4, 8, 2])
    #expect(values.values[(3 * 8 + 5) * 2 + 1] == 10.0 / 3)
    let overlap = try #require(
      layers.arrays.first { $0.name == "cumulative.residual.joint.overlap" })
    #expect(overlap.shape == [4, 2, 2] && overlap.values[4] == 0.4)
    let right = try #require(
      layers.arrays.first { $0.name == "local.residual.joint.right_overlap" })
    #expect(right.shape == [4, 2, 2] && right.values[4] == 1 - 0.4 * 2)
  }

  @Test func everyPairOfAComparisonHasARow() throws {
    let comparison = Sample.comparison
    let entries = Sample.difference.orders.map(\.order.entries.count).reduce(0, +)
    #expect(comparison.numbers.rows.count == comparison.pairs.count + entries)
    let totals = try #require(comparison.arrays.first { $0.name == "difference.totals" })
    #expect(totals.shape == [3, 6] && totals.values[0] == Sample.difference.forward.real)
    let heads = try #require(comparison.arrays.first { $0.name == "difference.heads" })
    #expect(heads.shape == [3, 4, 4])
    #expect(heads.values[6] == Sample.difference.forward.blocks[1].heads[2])
    let shares = try #require(comparison.arrays.first { $0.name == "shares" })
    #expect(shares.shape == [comparison.pairs.count, 2])
    for (index, pair) in comparison.pairs.enumerated() {
      let share = pair.first.map { comparison.first.shares.tokens[$0].value }
      #expect(shares.values[2 * index].isNaN ? share == nil : shares.values[2 * index] == share)
    }
    let names = comparison.arrays.map(\.name)
    #expect(Set(names).count == names.count)
  }

  /// Comparisons that were written before what changed was accounted for are read, and shown without it.
  @Test func comparisonsWithoutAnAccountAreRead() throws {
    let json = String(decoding: try Sample.comparison.jsonData(isIndented: false), as: UTF8.self)
    let start = try #require(json.range(of: ",\"difference\":{"))
    let end = try #require(json.range(of: ",\"first\":", range: start.upperBound..<json.endIndex))
    let older = json.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: "")
    let comparison = try ComparisonReport(jsonData: Data(older.utf8))
    #expect(comparison.difference == nil && comparison.figures.map(\.name) == ["comparison"])
    #expect(comparison.numbers.rows.count == comparison.pairs.count)
    #expect(!comparison.terminalText().contains("What changed"))
    #expect(try !comparison.htmlPage().contains("What changed"))
  }

  /// Reports without maps show the lens and what blocks gave, everywhere.
  @Test func reportsWithoutMapsAreShown() throws {
    let whole = Sample.layers
    let report = LayersReport(
      provenance: whole.provenance, prompt: whole.prompt, prediction: whole.prediction,
      target: whole.target, shares: whole.shares, blockCount: 4, sites: whole.sites,
      extents: [.cumulative],
      maps: whole.maps(.cumulative, to: .residual).map {
        .init(
          block: $0.block, site: $0.site, extent: $0.extent, reconstruction: $0.reconstruction,
          output: $0.output, lens: $0.lens, tokens: [], tokenOverlaps: [], joint: nil,
          jointOverlap: nil)
      })
    let text = report.terminalText(TerminalStyle())
    #expect(text.contains("The logit lens") && !text.contains("All tokens together"))
    #expect(try report.htmlPage().contains("probability, rank, bits"))
    #expect(report.numbers.rows.isEmpty)
    #expect(report.figures.map(\.name) == ["layers-target"])
    #expect(report.arrays.map(\.name).contains("cumulative.residual.lens.entropy"))
    #expect(report.arrays.allSatisfy { $0.shape.allSatisfy { $0 > 0 } })
    #expect(try LayersReport(jsonData: report.jsonData()) == report)
  }

  /// Reports that were written before right vectors were compared have one picture fewer.
  @Test func reportsWithoutRightCosinesAreRead() throws {
    var json = String(decoding: try Sample.layers.jsonData(isIndented: false), as: UTF8.self)
    json.replace(/,"rightCosines":\[\[[^\]]*\],\[[^\]]*\]\]/, with: "")
    #expect(!json.contains("rightCosines"))
    let layers = try LayersReport(jsonData: Data(json.utf8))
    #expect(layers.maps.allSatisfy { $0.jointOverlap?.rightCosines == nil })
    let figure = try #require(layers.figures.first { $0.name == "layers-plane-cumulative" })
    let whole = try #require(Sample.layers.figures.first { $0.name == figure.name })
    #expect(figure.svg().contains("<g transform") && figure.svg().count < whole.svg().count)
    let right = try #require(layers.arrays.first { $0.name.hasSuffix("right_overlap") })
    #expect(right.values.allSatisfy { $0.isNaN })
  }
}
