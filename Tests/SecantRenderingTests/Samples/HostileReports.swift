import Foundation
import SecantReports
import SecantTestSupport

/// Texts and numbers that try to break a layout, a page or a parser.
enum Hostile {
  static let texts = [
    "", " ", "\n", "\t\r\n", "\u{1b}[31mred\u{7}", "</script><script>alert(1)</script>", "<!--",
    "]]>", "&amp;&lt;", "\" onfocus=\"alert(1)", "'><img src=x onerror=alert(1)>",
    "\u{202e}gnp.exe", "\u{200b}\u{feff}", "שלום", "مرحبا", "日本語のトークン", "한국어",
    "e\u{301}\u{302}\u{303}",
    "\u{301}", "👩‍👩‍👧‍👦", "🏳️‍🌈🇫🇷", "👍🏽", "\u{fffd}\u{fffd}", "\u{ffff}\u{fffe}", "\u{0}", "\u{e000}",
    String(repeating: "W", count: 400), "https://example.org/x.js", "{{7*7}}", "\\u{41}\\n",
    "\u{2028}",
    "a\u{2066}b", "\u{1160}", "ﷺ", "𒐫",
  ]

  static let numbers: [Double] = [
    0, -0.0, 1, -1, Double.leastNonzeroMagnitude, 1e308, -1e308, 1.7976931348623157e308, .infinity,
    -.infinity, .nan,
    1e-9, 123_456.789, 1e15, -3.5e-7,
  ]

  /// A report whose every text and number is drawn from the two lists.
  static func report(seed: UInt64, tokens: Int, rank: Int = 4) -> ExplanationReport {
    typealias R = ExplanationReport
    var generator = SeededGenerator(seed: seed)
    func text() -> String { texts.randomElement(using: &generator) ?? "" }
    func number() -> Double { numbers.randomElement(using: &generator) ?? 0 }
    func estimate() -> R.Estimate { .init(value: number(), standardError: number()) }
    func words() -> [R.DecodedToken] {
      (0..<3).map { .init(id: $0, text: text(), score: number()) }
    }
    return R(
      provenance: Provenance(
        secantVersion: text(),
        model: ModelIdentity(
          name: text(), fingerprint: text(), architecture: text(), parameterCount: .max,
          elementTypes: [text(), text()]),
        precision: text(), gateRule: text(), method: text(), tolerance: number(), seed: .max,
        commandLine: [text(), text()]),
      prompt: .init(
        text: seed.isMultiple(of: 2) ? text() : nil,
        tokens: (0..<tokens).map { .init(position: $0, id: .max - $0, text: text()) },
        analysedPosition: tokens - 1, site: text()),
      prediction: (0..<(tokens == 0 ? 0 : 4)).map { _ in
        .init(id: 1, text: text(), logit: number(), probability: number())
      },
      target: .init(
        label: text(), token: .init(id: 0, text: text()),
        contrast: seed.isMultiple(of: 3) ? .init(id: 1, text: text()) : nil, logit: number()),
      reconstruction: .init(
        relativeError: number(), standardDeviationRatio: number(), outputNorm: number(),
        offsetNorm: number()),
      shares: .init(
        tokens: (0..<tokens).map {
          .init(
            value: number(), fraction: number(), isBaseline: $0 == 0 && seed.isMultiple(of: 2))
        },
        bias: .init(value: number(), fraction: number()), sum: number(), logit: number(),
        difference: number(),
        firstToken: .init(attention: number(), evenAttention: number(), excess: number()),
        grouping: seed % 3 == 1
          ? .init(
            by: text(),
            spans: (0..<tokens).map { _ in
              .init(name: text(), positions: [.max, -1], value: number(), fraction: number())
            }) : nil),
      // One map fewer than tokens: lists of different lengths must not matter.
      jacobians: (0..<max(tokens - 1, min(tokens, 1))).map { position in
        .init(
          position: position, inputNorm: number(), outputNorm: number(),
          singularValues: (0..<rank).map { _ in number() },
          residuals: (0..<(position % 3)).map { _ in number() },
          clusters: [.init(first: position - 1, count: .max), .init(first: 1, count: 2)],
          isConverged: position.isMultiple(of: 2), operatorProducts: .max,
          frobeniusNormSquared: estimate(), stableRank: estimate(),
          triplets: (0..<2).map { _ in .init(left: words(), right: words()) })
      },
      notes: [text(), text()])
  }
}
