import SecantOperators

// The cost of reading weights, in rows multiplied by them. It depends on their format, not on their
// size.

extension Weight {
  /// The number of rows whose products take as long as reading the weights.
  ///
  /// Weights that are multiplied in their stored format come from memory: `FamilyCosts.usualBatch`.
  /// Quantized weights are fewer bytes, unpacked into a core's cache: measured were 32 rows for
  /// Q4_1 and 41 for Q4_K.
  public var batchCost: Double { isDirect ? FamilyCosts.usualBatch : 32 }
}

extension FrozenFeedForwardMap {
  /// The cost of the feed-forward layer's weights, which are most of a block's weights.
  public var batchCost: Double { layer.layers[0].down.weight.batchCost }
}

extension FrozenBlocks {
  /// The cost of the first block's feed-forward weights.
  var batchCost: Double { firstFeedForward?.batchCost ?? FamilyCosts.usualBatch }
}

extension GatedFeedForward {
  /// The cost of W_down.
  public var batchCost: Double { down.weight.batchCost }
}

extension PlainFeedForward {
  /// The cost of W_down.
  public var batchCost: Double { down.weight.batchCost }
}

extension DenseBesideExperts {
  /// The cost of the dense layer's W_down.
  public var batchCost: Double { dense.batchCost }
}

extension MixtureOfExperts {
  /// The cost of the first expert's W_down.
  public var batchCost: Double { experts.first?.batchCost ?? FamilyCosts.usualBatch }
}
