/// What really happens to a target where tokens are removed, beside what a rule says of them.
///
/// The effect of a token is the target after the prompt as it is, less the target after a prompt from which
/// the token alone was removed: two forward passes, nothing frozen. It is positive where the token spoke for
/// the target. Effects do not add up to anything.
public struct EffectCheck: Codable, Hashable, Sendable {
  /// How tokens were removed: "mean" (the mean of all tokens' vectors in their place), "mask" (no later
  /// position attends to them), or "replace" (another token in their place).
  public let method: String
  /// The token in their place, where they were replaced.
  public let replacement: ExplanationReport.Target.Token?
  /// The effects that were measured, by position.
  public let effects: [Effect]
  /// The rank correlation of shares and effects, from -1 to 1; nil where fewer than three tokens were
  /// removed, or all shares or effects are equal.
  public let spearman: Double?
  /// The linear correlation of shares and effects, likewise.
  public let pearson: Double?

  /// Gathers what was measured.
  public init(
    method: String, replacement: ExplanationReport.Target.Token? = nil, effects: [Effect],
    spearman: Double?, pearson: Double?
  ) {
    self.method = method
    self.replacement = replacement
    self.effects = effects
    self.spearman = spearman
    self.pearson = pearson
  }

  /// The effect of the token at a position; nil where it was not removed.
  public func effect(at position: Int) -> Effect? { effects.first { $0.position == position } }

  /// What removing one token changes.
  public struct Effect: Codable, Hashable, Sendable {
    /// The token's place in the prompt.
    public let position: Int
    /// The target with the token less the target without it, in logits.
    public let effect: Double
    /// The kind of part that gave most of the effect: "content", "patterns", "gates" or "norms"; nil where
    /// the effect was not divided.
    public let channel: String?
    /// The effect divided by kind of part; nil where it was not divided.
    public let channels: Channels?

    /// Describes the effect of a token.
    public init(position: Int, effect: Double, channels: Channels? = nil) {
      self.position = position
      self.effect = effect
      self.channels = channels
      channel = channels?.largest
    }
  }

  /// An effect as a sum: the mean of the exact accounts of both orders, from the prompt to the changed one
  /// and back.
  public struct Channels: Codable, Hashable, Sendable {
    /// What the token's own vector gave, carried on by what was frozen; 0 where it was masked.
    public let content: Double
    /// What other attention patterns gave.
    public let patterns: Double
    /// What other gates gave.
    public let gates: Double
    /// What other scales of norms gave.
    public let norms: Double

    /// Divides an effect.
    public init(content: Double, patterns: Double, gates: Double, norms: Double) {
      self.content = content
      self.patterns = patterns
      self.gates = gates
      self.norms = norms
    }

    /// The four parts by name.
    public var named: [(name: String, value: Double)] {
      [("content", content), ("patterns", patterns), ("gates", gates), ("norms", norms)]
    }

    /// The name of the part that gave most in the effect's own direction; nil where there is no effect.
    public var largest: String? {
      let sum = content + patterns + gates + norms
      return sum == 0 ? nil : named.max { $0.value * sum < $1.value * sum }?.name
    }
  }
}
