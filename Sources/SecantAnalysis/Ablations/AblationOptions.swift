/// A part of a run that an ablation scales.
public enum AblatedPart: Hashable, Sendable {
  /// The vector of a token that enters block 0, by its position; it moves toward the mean of all tokens' vectors.
  case token(Int)
  /// A head, by its output before the output projection, at all positions.
  case head(block: Int, Int)
  /// A feed-forward layer, by what it adds to the stream at all positions.
  case feedForward(block: Int)
  /// A block, by what it adds to the stream at all positions.
  case block(Int)
  /// A right singular vector v_k of a token's map, k from 1: the part of the token's vector along it.
  case direction(token: Int, Int)
}

/// What an ablation scales, by which factors, and of what it reads the change.
public struct AblationOptions: Hashable, Sendable {
  /// The parts, each scaled by itself; empty for the tokens, heads and feed-forward layers of the largest shares, as
  /// many of each kind.
  ///
  /// Negative positions of tokens count from the prompt's end.
  public var parts: [AblatedPart] = []
  /// The factors: 0 takes a part away and 1 leaves it as it is; nil for 0 alone where parts are chosen by their
  /// shares, and otherwise for 0, 0.25, 0.5 and 0.75.
  public var keeps: [Double]?
  /// The number of parts that are chosen by their shares; nil for 12, or for fewer, at least 3, where that would
  /// take longer than some ten seconds.
  public var count: Int?
  /// Target, position, site, gate rule and memory; and how singular vectors are found.
  public var explanation = ExplanationOptions()

  /// The parts of the largest shares, taken away one at a time.
  public init() {}

  /// The factors that are measured.
  var settledKeeps: [Double] { keeps ?? (parts.isEmpty ? [0] : [0, 0.25, 0.5, 0.75]) }
}
