import Foundation
import SecantReports
import SecantTestSupport

// Made-up reports of further analyses: plausible to look at, computed by no model.
extension Sample {
  private static func wave(_ a: Int, _ b: Int = 0, _ c: Int = 0) -> Double {
    sin(Double(a) * 1.7 + Double(b) * 0.9 + Double(c) * 0.37)
  }

  static let jacobians: JacobiansReport = {
    let output = (0..<192).map { 2 * wave($0) + wave(3 * $0, 1) }
    func comparison(_ arithmetic: String, _ weights: String, _ error: Double)
      -> JacobiansReport.Comparison
    {
      let logit = bridge.target.logit
      return .init(
        precision: .init(arithmetic: arithmetic, weights: weights),
        prediction: bridge.prediction[0], logit: logit, output: output,
        detached: .init(
          values: output.enumerated().map { $1 * (1 + error * wave($0)) }, relativeError: error,
          standardDeviationRatio: error * 0.98, correlation: 1,
          contributions: bridge.shares.tokens.map(\.value), bias: 0),
        ordinary: .init(
          values: output.enumerated().map { 0.6 * $1 + 0.5 * wave(5 * $0, 2) }, relativeError: 0.62,
          standardDeviationRatio: 0.6, correlation: 0.8712,
          contributions: bridge.shares.tokens.map { 0.4 * $0.value }, bias: 0))
    }
    return JacobiansReport(
      secantVersion: "0.1.0", model: model, gateRule: "up",
      commandLine: ["secant", "jacobians", "The bridge out of Marin is the"], prompt: bridge.prompt,
      target: bridge.target, shares: bridge.shares,
      comparisons: [comparison("f32", "stored", 3.1e-7), comparison("f64", "bf16", 2e-15)])
  }()

  static let gateRules: GateRulesReport = {
    let answers = ["up", "gate", "half"].enumerated().map { index, rule in
      let tokens = bridge.shares.tokens.enumerated().map { token, share in
        ExplanationReport.Shares.Share(
          value: share.value + 0.6 * Double(index) * wave(token), fraction: share.fraction,
          isBaseline: share.isBaseline)
      }
      return GateRulesReport.Answer(
        gateRule: rule, reconstruction: bridge.reconstruction,
        shares: .init(
          tokens: tokens, bias: bridge.shares.bias, sum: bridge.shares.sum,
          logit: bridge.shares.logit, difference: bridge.shares.difference),
        jacobians: bridge.jacobians)
    }
    return GateRulesReport(
      provenance: provenance(), prompt: bridge.prompt, prediction: bridge.prediction,
      target: bridge.target, answers: answers,
      tokens: bridge.jacobians.map {
        .init(
          position: $0.position, shareRanks: [1, 2, 1], hasOneSign: true, stableRankRatio: 1.3,
          commonLeftCount: 5, commonRightCount: 4, isLeadingPairDetermined: true)
      },
      conclusions: [
        .init(
          name: "order of shares",
          definition: "A case is a pair of tokens: the same one has the larger share.", holding: 25,
          cases: 28),
        .init(
          name: "sign of shares", definition: "A case is a token: its share has one sign.",
          holding: 8, cases: 8),
      ])
  }()

  /// The same of a model with an adapter.
  static let adapted: SharesReport = {
    let kinds = ["value", "output", "up", "down"]
    let modules = (0..<6).flatMap { block in
      kinds.enumerated().map { index, kind -> SharesReport.Adapter.Module in
        let positions = bridge.shares.tokens.indices.map { 0.2 * wave($0, block, 3 * index + 1) }
        return .init(
          block: block, module: kind, expert: nil, value: positions.reduce(0, +),
          positions: positions)
      }
    }
    let total = modules.reduce(0) { $0 + $1.value }
    return SharesReport(
      provenance: shares.provenance, prompt: shares.prompt, prediction: shares.prediction,
      target: shares.target, shares: shares.shares, sources: shares.sources,
      direct: shares.direct, blocks: shares.blocks, exactness: shares.exactness,
      adapter: .init(
        base: bridge.shares.sum - total, modules: modules,
        frozen: ["query", "key", "gate"].map { .init(module: $0, blocks: Array(0..<6)) },
        sum: bridge.shares.sum, difference: -1.7e-6))
  }()

  static let shares: SharesReport = {
    let count = bridge.shares.tokens.count
    let heads = 6
    let blocks = (0..<6).map { block -> SharesReport.Block in
      let headTokens = (0..<heads).map { head in
        (0..<count).map { 0.3 * wave($0, block, head) }
      }
      let attention = (0..<count).map { token in headTokens.reduce(0) { $0 + $1[token] } }
      let feedForward = (0..<count).map { 0.5 * wave($0, 2 * block, 11) }
      func part(_ tokens: [Double]) -> SharesReport.Part {
        .init(
          value: tokens.reduce(0, +), tokens: tokens, bias: 0, through: tokens.map { 1.5 * $0 })
      }
      return .init(
        block: block, attention: part(attention),
        heads: headTokens.enumerated().map {
          .init(
            index: $0, value: $1.reduce(0, +), tokens: $1, bias: 0, through: $1.map { 1.2 * $0 },
            read: $1.reversed())
        }, feedForward: part(feedForward), bias: 0)
    }
    let direct = (0..<count).map { $0 == count - 1 ? 0.21 : 0 }
    return SharesReport(
      provenance: provenance(method: "exact", tolerance: 0), prompt: bridge.prompt,
      prediction: bridge.prediction,
      target: bridge.target, shares: bridge.shares, sources: Array(0..<count),
      direct: .init(value: 0.21, tokens: direct, bias: 0), blocks: blocks,
      exactness: .init(
        sum: bridge.shares.sum, difference: 2.4e-6, largestRowDifference: 1.1e-6))
  }()

  static let maps: MapsReport = {
    func units(_ words: [String], _ seed: Int) -> [MapsReport.Unit] {
      (0..<8).map { k in
        .init(
          index: (k * 29 + seed) % 192, norm: 6 / Double(k + 1), value: 3 * wave(k, seed),
          tokens: words.enumerated().map { .init(id: $0, text: $1, score: 0.4 - 0.1 * Double($0)) }
        )
      }
    }
    func curve(_ power: Double) -> MapsReport.Curve {
      let x = (0...32).map { Double($0) / 32 }
      return .init(x: x, y: x.map { 1 - pow(1 - $0, power) })
    }
    let words = [" Golden", " Bay", " span"]
    let maps = bridge.jacobians.map { jacobian in
      let k = (1...64).map { Double($0) * 3 }
      return MapsReport.Map(
        singular: jacobian,
        spectrum: .init(x: k, y: k.map { (jacobian.singularValues.first ?? 1) / $0 }),
        picture: .init(
          matrixRows: 192, matrixColumns: 192, rows: 48, columns: 48, largest: 0.83,
          levels: (0..<2304).map { cell in
            let (row, column) = (cell / 48, cell % 48)
            let stripe = row == 11 ? 2.4 : 1
            return Int(stripe * 50 * wave(row, column, jacobian.position) * wave(column, 3))
          }),
        concentration: .init(entries: curve(5), rows: curve(2), columns: curve(2.6)),
        rows: units(words, jacobian.position), columns: units(words.reversed(), 7))
    }
    let weights = (0..<4).map { k in
      (0..<8).map { token in token == (5 + k) % 8 ? 0.65 : 0.05 }
    }
    return MapsReport(
      provenance: provenance(), prompt: bridge.prompt, prediction: bridge.prediction,
      target: bridge.target, shares: bridge.shares, reconstruction: bridge.reconstruction,
      jacobians: maps,
      joint: .init(
        singularValues: (1...8).map { 40 / Double($0) }, residuals: [], clusters: [],
        isConverged: true, stableRank: .init(value: 3.2),
        triplets: weights.map {
          .init(
            left: bridge.jacobians[5].triplets[0].left, outputCosine: 0.4, weights: $0,
            right: [.init(position: 5, tokens: bridge.jacobians[5].triplets[0].right)])
        }),
      generation: .init(
        tokens: Array(bridge.prompt.tokens.prefix(4)),
        steps: (0..<3).map { step in
          .init(
            prediction: bridge.prediction[step], target: bridge.target,
            shares: .init(
              tokens: bridge.shares.tokens.prefix(step + 1).map { $0 }, bias: bridge.shares.bias,
              sum: 3.5, logit: 3.5, difference: 0), reconstruction: bridge.reconstruction)
        }))
  }()

  static let comparison = ComparisonReport(
    first: bridge, second: bridge, hasOneTarget: true,
    pairs: (0..<8).map {
      .init(
        first: $0, second: $0 == 3 ? nil : $0, isSameToken: $0 != 5, shareDifference: wave($0),
        overlap: .init(cosines: [0.9, 0.3], meanSquaredCosine: 0.45))
    },
    mapDifferences: [5, 7].map { place in
      .init(
        first: place, second: place, singularValues: [9.5, 2.5], residuals: [1e-4, 4e-3],
        clusters: [], isConverged: place == 5, operatorProducts: 48,
        frobeniusNormSquared: .init(value: 120, standardError: 3),
        stableRank: .init(value: 1.33, standardError: 0.03),
        triplets: [
          .init(
            left: [.init(id: 1, text: " Golden", score: 4), .init(id: 3, text: " gate", score: 3)],
            right: [.init(id: 4, text: " Marin", score: 0.4)]),
          .init(
            left: [.init(id: 2, text: " Brooklyn", score: 2)],
            right: [.init(id: 5, text: " bridge", score: 0.2)]),
        ])
    }, overlap: .init(cosines: [0.99, 0.5], meanSquaredCosine: 0.61), overlapSpace: "output",
    predictionDistance: 0.12,
    candidates: [
      .init(text: " Golden", first: 0.93, second: 0.81),
      .init(text: " Bay", first: nil, second: 0.1),
    ], difference: difference,
    circuit: .init(
      fraction: 0.9, difference: 6.2, size: 3, entryCount: 180, predicted: 5.71, real: 4.9,
      entries: Array(difference.forward.wholeEntries.prefix(3))))

  /// An account of what changed, with entries of every kind and their terms.
  static let difference: DifferenceLedger = {
    func order(_ sign: Double, divided: Bool) -> DifferenceLedger.Order {
      let blocks = (0..<4).map { n in
        DifferenceLedger.Block(
          block: n, heads: (0..<4).map { sign * wave(n, $0, 2) }, gates: sign * 2 * wave(n, 5),
          norms: sign * 0.1 * wave(n, 7))
      }
      let whole: [DifferenceLedger.Entry] = [
        .init(kind: "gate", block: 3, position: 7, value: sign * 4.81),
        .init(kind: "content", position: 5, value: sign * 3.36),
        .init(kind: "gate", block: 2, expert: 1, position: 7, value: sign * 2.66),
        .init(kind: "pattern", block: 3, head: 2, position: 7, value: sign * -2.92),
        .init(kind: "pattern", block: 2, head: 0, position: 6, value: sign * 1.33),
        .init(kind: "norm", block: 1, norm: "feed-forward-post", position: 6, value: sign * -0.31),
        .init(
          kind: "norm", block: 0, norm: "attention", position: 5, value: sign * -0.11),
        .init(kind: "norm", norm: "final", position: 7, value: sign * 0.02),
      ]
      return .init(
        real: sign * 8.95, sum: sign * 8.9500001, content: sign * 3.36, patterns: sign * -1.59,
        gates: sign * 7.47, norms: sign * -0.40, blocks: blocks,
        entries: whole.flatMap { entry -> [DifferenceLedger.Entry] in
          switch (divided, entry.kind) {
          case (true, "gate"):
            [entry]
              + [311, 12].map {
                .init(
                  kind: "gate", block: entry.block, neuron: $0, expert: entry.expert,
                  position: entry.position, value: entry.value / Double($0 % 7 + 2))
              }
          case (true, "pattern"):
            [entry]
              + [5, 1].map {
                .init(
                  kind: "pattern", block: entry.block, head: entry.head, position: entry.position,
                  source: $0, value: entry.value / Double($0 + 1))
              }
          default: [entry]
          }
        }, entryCount: 180, unlisted: sign * 0.11,
        splitPatterns: [
          .init(
            block: 3, head: 2, whole: sides(sign * -2.92),
            positions: [
              .init(position: 6, sides: sides(sign * -0.5)),
              .init(position: 7, sides: sides(sign * -2.42)),
            ])
        ])
    }
    func sides(_ value: Double) -> DifferenceLedger.Sides {
      .init(
        value: value, keysFirst: 0.3 * value, queriesFirst: 0.8 * value, queries: 0.75 * value,
        keys: 0.25 * value)
    }
    return .init(
      target: .init(
        label: " Golden - Brooklyn", token: .init(id: 1, text: " Golden"),
        contrast: .init(id: 2, text: " Brooklyn"), logit: 5.2),
      position: 7, forward: order(1, divided: true), reverse: order(-0.8, divided: true),
      mean: order(0.9, divided: false))
  }()

  static let full = FullReport(
    explanation: bridge, layers: layers, shares: shares, maps: maps, jacobians: jacobians,
    gateRules: gateRules, views: views)

  /// The report's question under every gate rule, and the logit alone.
  private static let views: [FullReport.View] = gateRules.answers.flatMap { answer in
    let target = bridge.target
    let half = answer.shares.tokens.map {
      ExplanationReport.Shares.Share(
        value: 0.5 - $0.value, fraction: $0.fraction, isBaseline: $0.isBaseline)
    }
    let sum = half.reduce(0) { $0 + $1.value } + answer.shares.bias.value
    return [
      FullReport.View(target: target, gateRule: answer.gateRule, shares: answer.shares),
      FullReport.View(
        target: .init(label: "Golden", tokens: target.tokens, logit: sum, rawLogit: sum),
        gateRule: answer.gateRule,
        shares: .init(
          tokens: half, bias: answer.shares.bias, sum: sum, logit: sum, difference: 0)),
    ]
  }

  /// The bridge prompt with its shares by word.
  static var words: ExplanationReport {
    let names = ["<s>", "The", " bridge", " out of", " Marin", " is", " the"]
    let positions = [[0], [1], [2], [3, 4], [5], [6], [7]]
    let shares = bridge.shares
    let spans = zip(names, positions).dropFirst().map { name, positions in
      let value = positions.reduce(0.0) { $0 + shares.tokens[$1].value }
      return ExplanationReport.Shares.Span(
        name: name, positions: positions, value: value, fraction: value / shares.logit)
    }
    return ExplanationReport(
      provenance: provenance(),
      answer: .init(
        prompt: bridge.prompt, prediction: bridge.prediction, target: bridge.target,
        shares: .init(
          tokens: shares.tokens, bias: shares.bias, sum: shares.sum, logit: shares.logit,
          difference: shares.difference, firstToken: shares.firstToken,
          grouping: .init(by: "word", spans: spans))),
      reconstruction: bridge.reconstruction, jacobians: bridge.jacobians)
  }

  /// An explanation of 2000 tokens.
  static var longPrompt: ExplanationReport {
    let words = (0..<2000).map {
      $0 % 97 == 96 ? ".\n" : bridge.prompt.tokens[$0 % 7 + 1].text
    }
    return explanation(
      words: words, shares: (0..<2000).map { sin(Double($0)) * exp(-Double($0 % 50) / 9) },
      writes: words.map { [$0, " Golden", " Bay"] }, reads: words.map { [$0, " Golden"] })
  }
}
