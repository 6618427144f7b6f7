import SecantDecoders

extension DecoderConfiguration {
  /// In what two decoders differ that have no parts in common: each a phrase, such as "width 576 and 640".
  ///
  /// Parts are in common where streams, heads and feed-forward layers have the same extents and norms stand at the
  /// same places. What else differs acts inside the parts: activations, rotations, windows, biases.
  func shapeDifferences(from other: DecoderConfiguration) -> [String] {
    func unequal<Value: Equatable>(_ name: String, _ value: (DecoderConfiguration) -> Value)
      -> String?
    {
      let (a, b) = (value(self), value(other))
      return a == b ? nil : "\(name) \(a) and \(b)"
    }
    let extents = [
      unequal("vocabulary", \.vocabularySize), unequal("width", \.width),
      unequal("blocks", \.blockCount), unequal("heads", \.queryHeads),
      unequal("value heads", \.keyValueHeads), unequal("head width", \.headWidth),
      unequal("feed-forward width", \.feedForwardWidth),
      unequal("norms", \.normPlacement.rawValue),
      unequal("width of per-layer inputs") { $0.perLayerWidth ?? 0 },
    ].compactMap(\.self)
    if !extents.isEmpty { return extents }
    let mixers = zip(blocks, other.blocks).enumerated().first { $1.0.delta != $1.1.delta }
    if let mixers { return ["the delta network of block \(mixers.offset)"] }
    let heads = zip(blocks, other.blocks).enumerated().first { $1.0.ownHeads != $1.1.ownHeads }
    if let heads { return ["the heads of block \(heads.offset)"] }
    let sources = zip(blocks, other.blocks).enumerated().first {
      $1.0.keyValueRole != $1.1.keyValueRole
    }
    if let sources { return ["whose keys and values block \(sources.offset) has"] }
    let widths = zip(blocks, other.blocks).enumerated().first {
      $1.0.ownFeedForwardWidth != $1.1.ownFeedForwardWidth
    }
    if let widths { return ["the feed-forward width of block \(widths.offset)"] }
    let mixtures = zip(blocks, other.blocks).enumerated().first {
      $1.0.experts?.count != $1.1.experts?.count || $1.0.experts?.width != $1.1.experts?.width
        || $1.0.experts?.sharedWidth != $1.1.experts?.sharedWidth
        || $1.0.experts?.isBesideDense != $1.1.experts?.isBesideDense
    }
    return mixtures.map { ["the experts of block \($0.offset)"] } ?? []
  }
}
