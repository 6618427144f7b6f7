/// What a report on maps contains, and how it is computed.
public struct MapsOptions: Hashable, Sendable {
  /// Which maps, how many triplets of each, and to how many tokens a direction decodes.
  ///
  /// `spectra` selects the tokens, whose maps are always formed completely. `method` applies to the
  /// joint map.
  public var explanation = ExplanationOptions()
  /// The number of rows and columns listed for each map, those of largest norm.
  public var unitCount = 8
  /// The number of tokens to generate from the first one, each decomposed at its step; 0 for none.
  public var generatedCount = 0

  /// The defaults: those of an explanation, eight rows and columns of each map, no generation.
  public init() {}
}
