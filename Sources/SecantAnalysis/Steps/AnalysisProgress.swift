/// The progress of a question.
public struct AnalysisProgress: Hashable, Sendable {
  /// The stages of the work, in order.
  public enum Stage: String, Hashable, Sendable, CaseIterable {
    /// The model's own continuation, token after token.
    case answer = "writing the answer"
    /// The forward pass that freezes the decoder.
    case linearization = "reading the prompt"
    /// The contribution of each token to the output.
    case contributions = "dividing the output"
    /// What each module of an adapter gave.
    case adapter = "dividing what the adapter gave"
    /// Each token of an answer divided separately.
    case rows = "dividing each answer token"
    /// The target after each token is removed.
    case effects = "removing tokens"
    /// The target after parts of the run are scaled.
    case ablation = "running with parts scaled"
    /// What each component wrote, by source.
    case sources = "dividing components by source"
    /// The output rebuilt by the frozen maps.
    case reconstruction = "rebuilding the output"
    /// The singular vectors of every token's map.
    case singularVectors = "finding singular vectors"
    /// Every token's map, row by row.
    case jacobians = "computing Jacobians"
    /// The nearest tokens of vectors.
    case decoding = "decoding vectors"
    /// The laws, checked one after another.
    case laws = "trying the laws"
    /// Rules of attribution compared with real forward passes, item by item.
    case validation = "measuring rules"
    /// Continuations of a prompt, one strength after another.
    case steering = "steering"
  }

  /// The current stage.
  public let stage: Stage
  /// The fraction of the whole question that is done, from 0 to 1, by expected cost.
  public let fraction: Double

  /// Describes the progress of a question.
  ///
  /// - Parameters:
  ///   - stage: The current stage.
  ///   - fraction: The fraction of the whole question that is done, from 0 to 1.
  public init(stage: Stage, fraction: Double) {
    self.stage = stage
    self.fraction = fraction
  }

  /// A function that receives each progress, on the asking thread and before the answer returns.
  public typealias Handler = @Sendable (AnalysisProgress) -> Void
}
