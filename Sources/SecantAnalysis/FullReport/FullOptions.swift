/// What a report of every analysis should contain, and how it is computed.
public struct FullOptions: Hashable, Sendable {
  /// Target, position, site, gate rule and numbers, for all analyses; singular vectors where they are
  /// found.
  public var explanation = ExplanationOptions()
  /// Rows and columns of each map that are listed, those of largest norm.
  public var unitCount = 8
  /// Words that are looked for among the tokens that the layers' directions decode to.
  public var concepts: [String] = []

  /// The defaults: those of an explanation.
  public init() {}
}
