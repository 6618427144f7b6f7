/// What a report on maps should contain, and how it is computed.
public struct MapsOptions: Hashable, Sendable {
  /// Which maps are meant, how many triplets of each, and how many tokens a direction is decoded to.
  ///
  /// Its spectra are the tokens whose maps are looked at, which are always formed whole; the method is that of
  /// the joint map.
  public var explanation = ExplanationOptions()
  /// Rows and columns of each map that are listed, those of largest norm.
  public var unitCount = 8
  /// Tokens that are generated from the first one alone and decomposed, each at its step; 0 for none.
  public var generatedCount = 0

  /// The defaults: those of an explanation, eight rows and columns of each map, no generation.
  public init() {}
}
