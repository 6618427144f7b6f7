import SecantReports

/// A part of a question's work: its expected cost, by counting, and its memory.
package struct Step: Hashable, Sendable {
  /// Its stage.
  let stage: AnalysisProgress.Stage
  /// The number of products of a vector with a map or its transpose, over all maps.
  var products = 0
  /// Floating-point operations; a multiplication and an addition count as two.
  package var operations = 0.0
  /// The operations to make blocks anew that are not held.
  var remaking = 0.0
  /// Time without operations, such as for reading the weights, in operations of a matrix product.
  var overhead = 0.0
  /// The peak memory in bytes, without the weights.
  var peakBytes = 0

  /// An empty step of a stage.
  init(
    _ stage: AnalysisProgress.Stage, products: Int = 0, operations: Double = 0,
    remaking: Double = 0, overhead: Double = 0, peakBytes: Int = 0
  ) {
    self.stage = stage
    self.products = products
    self.operations = operations
    self.remaking = remaking
    self.overhead = overhead
    self.peakBytes = peakBytes
  }

  /// Its time, in operations of a matrix product.
  package var time: Double { work + overhead }
  /// All of its operations.
  package var work: Double { operations + remaking }
}

/// The steps of a question, in order.
///
/// The same list gives the estimate, the progress, the required memory, the choice of the method,
/// and the amount of work within the time that a person waits.
struct Steps: Hashable, Sendable {
  /// The steps, in order.
  private(set) var list: [Step]

  /// A question with these steps.
  init(_ list: [Step]) { self.list = list }

  /// One question after another.
  static func + (a: Steps, b: Steps) -> Steps { Steps(a.list + b.list) }

  /// The same question a number of times.
  func times(_ count: Int) -> Steps { Steps((0..<count).flatMap { _ in list }) }

  /// The same work while something else holds a number of bytes.
  func beside(_ bytes: Int) -> Steps {
    Steps(
      list.map {
        var step = $0
        step.peakBytes += bytes
        return step
      })
  }

  /// The operations of all steps.
  var operations: Double { list.reduce(0) { $0 + $1.work } }
  /// The time of all steps, in operations of a matrix product.
  var time: Double { list.reduce(0) { $0 + $1.time } }
  /// The peak memory of all steps in bytes, without the weights.
  var peakBytes: Int { list.map(\.peakBytes).max() ?? 0 }

  /// The stages in the order in which they begin, with the operations of each, and those without
  /// what is made anew.
  var stages: [(stage: AnalysisProgress.Stage, work: Double, operations: Double)] {
    list.reduce(into: []) { stages, step in
      if let index = stages.firstIndex(where: { $0.stage == step.stage }) {
        stages[index].work += step.work
        stages[index].operations += step.operations
      } else {
        stages.append((step.stage, step.work, step.operations))
      }
    }
  }

  /// The estimate as plans report it, at a speed in operations per second.
  func reported(_ method: String, rate: Double) -> PlanReport.Estimate {
    .init(
      method: method, operatorProducts: list.reduce(0) { $0 + $1.products },
      floatingPointOperations: operations.rounded(), seconds: time / rate,
      peakMemoryBytes: peakBytes)
  }
}

/// The joint progress of questions that are asked one after another.
struct ProgressParts: Sendable {
  private let works: [Double]
  private let progress: AnalysisProgress.Handler

  /// The questions' steps, in order.
  init(_ parts: [Steps], _ progress: @escaping AnalysisProgress.Handler) {
    works = parts.map(\.operations)
    self.progress = progress
  }

  /// The handler for the question at an index.
  func handler(_ index: Int) -> AnalysisProgress.Handler {
    let (total, progress) = (max(1, works.reduce(0, +)), progress)
    let (before, work) = (works.prefix(index).reduce(0, +), works[index])
    return {
      progress(
        AnalysisProgress(stage: $0.stage, fraction: min(1, (before + work * $0.fraction) / total)))
    }
  }
}
