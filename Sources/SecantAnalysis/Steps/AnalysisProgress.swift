/// How far a question has come.
public struct AnalysisProgress: Hashable, Sendable {
  /// The parts of the work, in the order in which they are done.
  public enum Stage: String, Hashable, Sendable, CaseIterable {
    /// The model's own continuation, token after token.
    case answer = "writing the answer"
    /// The forward pass that freezes the decoder.
    case linearization = "reading the prompt"
    /// What each token gave to the output.
    case contributions = "dividing the output"
    /// Each token of an answer divided by itself.
    case rows = "dividing each answer token"
    /// The target without each of the tokens.
    case effects = "removing tokens"
    /// What each component wrote because of each source.
    case sources = "dividing components by source"
    /// The output rebuilt by the frozen maps.
    case reconstruction = "rebuilding the output"
    /// The singular vectors of every token's map.
    case singularVectors = "finding singular vectors"
    /// Every token's map, row after row.
    case jacobians = "computing Jacobians"
    /// The nearest tokens of vectors.
    case decoding = "decoding vectors"
    /// The laws, tried one after the other.
    case laws = "trying the laws"
    /// Rules of attribution held against real forward passes, item after item.
    case validation = "measuring rules"
    /// Continuations of a prompt, one strength after the other.
    case steering = "steering"
  }

  /// What is being done.
  public let stage: Stage
  /// How much of the whole question is done, from 0 to 1, by expected cost.
  public let fraction: Double

  /// Describes how far a question has come.
  ///
  /// - Parameters:
  ///   - stage: What is being done.
  ///   - fraction: How much of the whole question is done, from 0 to 1.
  public init(stage: Stage, fraction: Double) {
    self.stage = stage
    self.fraction = fraction
  }

  /// What is called with each progress, on the thread that asked and before the answer returns.
  public typealias Handler = @Sendable (AnalysisProgress) -> Void
}
