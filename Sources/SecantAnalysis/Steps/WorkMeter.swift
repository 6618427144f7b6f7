import SecantOperators
import Synchronization

/// Converts finished operations into the fraction of a whole question, from the expected
/// operations.
///
/// If a stage takes more operations than expected, the fraction waits at the stage's end.
final class WorkMeter: Sendable {
  private struct State {
    /// The expected operations of the finished stages.
    var before = 0.0
    var stage = 0
    /// The finished operations of this stage.
    var done = 0.0
    /// The last reported fraction.
    var reported = -1.0
  }

  private let stages: [(stage: AnalysisProgress.Stage, work: Double, operations: Double)]
  private let total: Double
  private let handler: AnalysisProgress.Handler
  private let state = Mutex(State())

  /// The smallest growth that is reported.
  private static let step = 1e-3

  /// A meter for a question's steps.
  init(_ steps: Steps, report: @escaping AnalysisProgress.Handler) {
    stages = steps.stages
    total = max(1, steps.operations)
    handler = report
  }

  /// Begins a stage; earlier stages are finished.
  func begin(_ stage: AnalysisProgress.Stage) {
    let index = stages.firstIndex { $0.stage == stage } ?? stages.count
    let fraction = state.withLock { state in
      state.before = stages.prefix(index).reduce(0) { $0 + $1.work }
      state.stage = index
      state.done = 0
      state.reported = state.before / total
      return state.reported
    }
    handler(AnalysisProgress(stage: stage, fraction: min(1, fraction)))
  }

  /// Adds finished operations to this stage; what is made anew goes along with them.
  func add(_ operations: Double) {
    let progress = state.withLock { state -> AnalysisProgress? in
      guard stages.indices.contains(state.stage) else { return nil }
      let current = stages[state.stage]
      state.done += operations * current.work / max(1, current.operations)
      let fraction = (state.before + min(state.done, current.work)) / total
      guard fraction >= state.reported + Self.step else { return nil }
      state.reported = fraction
      return AnalysisProgress(stage: current.stage, fraction: min(1, fraction))
    }
    if let progress { handler(progress) }
  }

  /// Sets the fraction of this stage that is done.
  func reach(_ part: Double) {
    let done = state.withLock { state in
      guard stages.indices.contains(state.stage) else { return 0.0 }
      let current = stages[state.stage]
      return max(0, part - state.done / max(1, current.work)) * current.operations
    }
    add(done)
  }

  /// Ends the last stage.
  func end() {
    if let last = stages.last { handler(AnalysisProgress(stage: last.stage, fraction: 1)) }
  }
}
