/// What a report of every analysis contains, and how it is computed.
public struct FullOptions: Hashable, Sendable {
  /// Target, position, site, gate rule and numbers, for all analyses; singular vectors for those
  /// that compute them.
  public var explanation = ExplanationOptions()
  /// The number of rows and columns listed for each map, those of largest norm.
  public var unitCount = 8
  /// Words to look for among the tokens to which the layers' directions decode.
  public var concepts: [String] = []

  /// The defaults: those of an explanation.
  public init() {}
}
