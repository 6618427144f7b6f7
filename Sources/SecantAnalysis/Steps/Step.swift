import SecantReports

/// A part of a question's work: what it is expected to take, by counting, and what it holds meanwhile.
struct Step: Hashable, Sendable {
  /// What is being done.
  let stage: AnalysisProgress.Stage
  /// Products of a vector with a map or its transpose, over all maps.
  var products = 0
  /// Floating-point operations; a multiplication and an addition count as two.
  var operations = 0.0
  /// Time that is no operation, such as reading the weights, in operations of a matrix product.
  var overhead = 0.0
  /// Bytes at the peak, beside the weights.
  var peakBytes = 0

  /// A step of a stage that takes nothing yet.
  init(
    _ stage: AnalysisProgress.Stage, products: Int = 0, operations: Double = 0,
    overhead: Double = 0, peakBytes: Int = 0
  ) {
    self.stage = stage
    self.products = products
    self.operations = operations
    self.overhead = overhead
    self.peakBytes = peakBytes
  }

  /// The time that it takes, in operations of a matrix product.
  var time: Double { operations + overhead }
}

/// What a question does, one step after the other.
///
/// The same list gives the estimate, the progress, the memory that is needed, the choice between ways
/// to the answer, and what fits into the time that a person waits.
struct Steps: Hashable, Sendable {
  /// The steps in their order.
  private(set) var list: [Step]

  /// A question of these steps.
  init(_ list: [Step]) { self.list = list }

  /// One question after the other.
  static func + (a: Steps, b: Steps) -> Steps { Steps(a.list + b.list) }

  /// The same question so many times.
  func times(_ count: Int) -> Steps { Steps((0..<count).flatMap { _ in list }) }

  /// The same work beside so many bytes that something else holds.
  func beside(_ bytes: Int) -> Steps {
    Steps(
      list.map {
        var step = $0
        step.peakBytes += bytes
        return step
      })
  }

  /// The operations of all steps.
  var operations: Double { list.reduce(0) { $0 + $1.operations } }
  /// The time of all steps, in operations of a matrix product.
  var time: Double { list.reduce(0) { $0 + $1.time } }
  /// Bytes at the peak of all steps, beside the weights.
  var peakBytes: Int { list.map(\.peakBytes).max() ?? 0 }

  /// The stages in the order in which they begin, with the operations of each.
  var stages: [(stage: AnalysisProgress.Stage, work: Double)] {
    list.reduce(into: []) { stages, step in
      if let index = stages.firstIndex(where: { $0.stage == step.stage }) {
        stages[index].work += step.operations
      } else {
        stages.append((step.stage, step.operations))
      }
    }
  }

  /// The estimate as plans report it, at a speed in operations a second.
  func reported(_ method: String, rate: Double) -> PlanReport.Estimate {
    .init(
      method: method, operatorProducts: list.reduce(0) { $0 + $1.products },
      floatingPointOperations: operations.rounded(), seconds: time / rate,
      peakMemoryBytes: peakBytes)
  }
}

/// The progress of questions that are asked one after the other, as one.
struct ProgressParts: Sendable {
  private let works: [Double]
  private let progress: AnalysisProgress.Handler

  /// Questions with their steps, in the order in which they are asked.
  init(_ parts: [Steps], _ progress: @escaping AnalysisProgress.Handler) {
    works = parts.map(\.operations)
    self.progress = progress
  }

  /// What the question at an index reports to.
  func handler(_ index: Int) -> AnalysisProgress.Handler {
    let (total, progress) = (max(1, works.reduce(0, +)), progress)
    let (before, work) = (works.prefix(index).reduce(0, +), works[index])
    return {
      progress(
        AnalysisProgress(stage: $0.stage, fraction: min(1, (before + work * $0.fraction) / total)))
    }
  }
}
