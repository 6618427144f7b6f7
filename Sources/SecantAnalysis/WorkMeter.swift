import SecantOperators

/// Turns what is done of one stage into what is done of the whole question, by expected cost.
struct WorkMeter {
  private let shares: [(stage: AnalysisProgress.Stage, work: Double)]
  private let handler: AnalysisProgress.Handler

  /// A meter of an explanation.
  init(_ cost: CostModel, _ method: SettledMethod, report: @escaping AnalysisProgress.Handler) {
    self.init(
      [
        (.linearization, cost.linearization), (.contributions, cost.contributions),
        (.singularVectors, cost.singularVectors(method) + cost.overhead(method)),
        (.decoding, cost.decoding(triplets: cost.scope.rank)),
      ], report: report)
  }

  /// A meter of stages, each with the work that is expected of it.
  init(
    _ stages: [(stage: AnalysisProgress.Stage, work: Double)],
    report: @escaping AnalysisProgress.Handler
  ) {
    let total = stages.reduce(0) { $0 + $1.work }
    shares = stages.map { ($0.stage, $0.work / max(total, .leastNormalMagnitude)) }
    handler = report
  }

  /// Reports that a fraction of a stage is done.
  func report(_ stage: AnalysisProgress.Stage, _ fraction: Double) {
    var done = 0.0
    for share in shares {
      if share.stage == stage {
        done += share.work * min(1, max(0, fraction))
        break
      }
      done += share.work
    }
    handler(AnalysisProgress(stage: stage, fraction: min(1, done)))
  }
}
