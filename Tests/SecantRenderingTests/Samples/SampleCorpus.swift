import SecantReports

extension Sample {
  private static func word(_ text: String, _ isListed: Bool = true) -> AuditReport.Word {
    .init(text: text, isListed: isListed)
  }

  private static let auditDirections: [AuditReport.Direction] = [
    .init(
      item: 0, text: "The most dangerous part of handling uranium is", position: 6,
      token: " uranium", rank: 0, sigma: 41.2,
      words: [word(" radiation"), word(" nuclear"), word(" the", false), word(" reactor")],
      pRandom: 0.0001, pShuffled: 0.0001, q: 0.0206, prompted: ["uranium"],
      predicted: ["radiation"],
      ablation: .init(
        part: 0.31, probability: .init(before: 0.12, predicted: 0.05, measured: 0.07),
        control: 0.004, controls: 8, target: " the -  to",
        targetLogit: .init(before: 0.61, predicted: 0.42, measured: 0.55), prediction: " the",
        predictionWithout: " that")),
    .init(
      item: 17, text: "The bridge out of Marin is the", position: 3, token: " out", rank: 2,
      sigma: 3.1,
      words: [word(" poison"), word(" toxic"), word("<b>", false), word(" old", false)],
      pRandom: 0.0002, pShuffled: 0.0003, q: 0.031, prompted: [], predicted: [],
      ablation: .init(
        part: 0.02, probability: .init(before: 0.0001, predicted: 0.0001, measured: 0.0001),
        control: 0.002, controls: 8, target: " Golden",
        targetLogit: .init(before: 12.5, predicted: 12.4, measured: 12.8), prediction: " Golden",
        predictionWithout: " Golden")),
    .init(
      item: 3, text: "The acid test is", position: 1, token: " acid", rank: 1, sigma: 8,
      words: [word(" acid"), word(" a", false), word(" b", false), word(" c", false)],
      pRandom: 0.01, pShuffled: 0.02, q: 0.7, prompted: ["acid"], predicted: []),
  ]

  private static func audit(_ directions: [AuditReport.Direction]) -> AuditReport {
    AuditReport(
      run: "RUN", model: model, secantVersion: "0.1.0",
      commandLine: ["secant", "audit", "RUN", "--words", "hazards"],
      list: .init(
        name: "hazards", words: ["radiation", "nuclear", "reactor", "poison", "toxic", "acid"],
        unknown: ["radium"], tokenCount: 11), side: "left", items: 52, directionCount: 624,
      decodedCount: 4, samples: 9999, seed: 0, level: 0.05, smallestQ: 0.0624,
      overall: .init(
        count: directions.count, shuffledMean: 0.61, shuffledHigh: 2, p: 0.013, randomMean: 0.2),
      directions: directions, notes: ["A note that belongs to the numbers."])
  }

  /// Two directions that are found and one that is not.
  static let audit = audit(auditDirections)
  /// A list of which nothing is found.
  static let emptyAudit = audit([auditDirections[2]])

  /// Two groups, two blocks, and two clusters.
  static let stats: StatsReport = {
    typealias R = StatsReport
    func measure(
      _ kind: String, _ name: String, _ value: Double, q: Double? = 0.4
    ) -> R.Measure {
      R.Measure(
        kind: kind, name: name, items: 12,
        mean: .init(value: value, low: value - 0.25, high: value + 0.5), magnitude: abs(value),
        groups: [
          .init(name: "hazard", items: 7, mean: value + 0.1),
          .init(name: "everyday", items: 5, mean: value - 0.1),
        ], p: q.map { $0 / 2 }, q: q)
    }
    return R(
      run: "RUN", model: "demo", items: 13, by: "group", itemsWithoutGroup: 1, permutations: 999,
      measures: [
        measure("prediction", "probability", 0.31), measure("share", "first", 1.5),
        measure("share", "middle", -0.75), measure("share", "last", 4.25, q: 0.004),
        measure("stable-rank", "last", 3.5), measure("block-stable-rank", "0", 40.5),
        measure("block-stable-rank", "1", 12.25), measure("block-stable-rank", "2", 7.5),
        measure("attention", "0", 0.5), measure("attention", "1", -1.5),
        measure("feed-forward", "0", 2.5), measure("feed-forward", "1", 3.5),
        measure("head", "0.1", 0.75), measure("head", "1.3", -2.5, q: 0.01),
        measure("gates", "1", 0.25, q: nil),
      ],
      clusters: .init(
        directionCount: 36, clusteredCount: 36, cohesion: 0.61, randomCohesion: 0.08, seed: 0,
        clusters: [
          .init(
            count: 24, items: 10, opposite: 3, cosine: 0.81, nearest: "4:2:0",
            words: [.init(text: " the", count: 20), .init(text: " a", count: 14)],
            groups: [.init(name: "hazard", count: 14), .init(name: "everyday", count: 10)]),
          .init(
            count: 12, items: 5, opposite: 0, cosine: 0.74, nearest: "7:5:0",
            words: [.init(text: " poison", count: 9), .init(text: " toxic", count: 4)],
            groups: [.init(name: "hazard", count: 12)]),
        ]), notes: ["The run did not ask for something."])
  }()
}
