import SecantReports

extension Sample {
  /// The bridge prompt without each of its largest parts.
  static let ablation = ablation(
    isRanked: true,
    [
      part("token", position: 2, share: 6.1, [(0, -5.6)]),
      part("head", block: 23, head: 3, share: 2.1, [(0, -1.92)]),
      part("feed-forward", block: 11, share: -1.4, [(0, -0.3)]),
      part("head", block: 7, head: 0, share: 0.9, [(0, -0.25)]),
    ], ["Token 0 is an attention sink and was left out of the choice: --token 0."])

  /// Parts of every kind, scaled by several factors.
  static let scaledParts = ablation(
    isRanked: false,
    [
      part("block", block: 4, share: 1.25, [(0, -3), (0.5, -0.7), (1, 0)]),
      part(
        "direction", position: 5, triplet: 2, share: -0.5, [(0, 0.4), (0.5, 0.3), (1, 0)]),
      part("head", block: 23, head: 3, share: 2.1, [(0, -1.92), (0.5, -1.1), (1, 0)]),
    ], [])

  private static func part(
    _ kind: String, block: Int? = nil, head: Int? = nil, position: Int? = nil,
    triplet: Int? = nil, share: Double, _ measured: [(keep: Double, change: Double)]
  ) -> AblationReport.Part {
    .init(
      kind: kind, block: block, head: head, position: position, triplet: triplet,
      singularValue: triplet.map { _ in 3.5 }, residual: triplet.map { _ in 2e-4 }, share: share,
      points: measured.map {
        .init(keep: $0.keep, predicted: ($0.keep - 1) * share + 0, measured: $0.change)
      })
  }

  private static func ablation(
    isRanked: Bool, _ parts: [AblationReport.Part], _ notes: [String]
  ) -> AblationReport {
    AblationReport(
      provenance: provenance(), prompt: bridge.prompt, prediction: bridge.prediction,
      target: bridge.target, isRanked: isRanked, parts: parts, notes: notes)
  }
}
