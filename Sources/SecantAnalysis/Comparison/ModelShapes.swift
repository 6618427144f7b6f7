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
    func unequalBlock<Value: Equatable>(_ value: (BlockVariation) -> Value) -> Int? {
      zip(blocks, other.blocks).enumerated().first { value($1.0) != value($1.1) }?.offset
    }
    if let n = unequalBlock(\.delta) { return ["the delta network of block \(n)"] }
    if let n = unequalBlock(\.ownHeads) { return ["the heads of block \(n)"] }
    if let n = unequalBlock(\.keyValueRole) {
      return ["whose keys and values block \(n) has"]
    }
    if let n = unequalBlock(\.ownFeedForwardWidth) {
      return ["the feed-forward width of block \(n)"]
    }
    let mixtures = zip(blocks, other.blocks).enumerated().first {
      $1.0.experts?.count != $1.1.experts?.count || $1.0.experts?.width != $1.1.experts?.width
        || $1.0.experts?.sharedWidth != $1.1.experts?.sharedWidth
        || $1.0.experts?.isBesideDense != $1.1.experts?.isBesideDense
    }
    return mixtures.map { ["the experts of block \($0.offset)"] } ?? []
  }
}
