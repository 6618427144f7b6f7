import SecantOperators

// What reading weights costs, in rows multiplied by them: it depends on how they are stored, and not on their
// extents.

extension Weight {
  /// Rows whose products take the time of bringing the weights to where they are multiplied.
  ///
  /// Numbers that are multiplied as they are stored come from memory: `FamilyCosts.usualBatch`. Those in blocks are
  /// fewer bytes, unpacked into a core's cache: 32 and 41 were seen for Q4_1 and Q4_K.
  public var batchCost: Double { isDirect ? FamilyCosts.usualBatch : 32 }
}

extension FrozenFeedForwardMap {
  /// That of the layer's weights, which are most of a block's.
  public var batchCost: Double { layer.layers[0].down.weight.batchCost }
}

extension FrozenBlocks {
  /// That of the feed-forward weights of the first block.
  var batchCost: Double { firstFeedForward?.batchCost ?? FamilyCosts.usualBatch }
}

extension GatedFeedForward {
  /// That of W_down.
  public var batchCost: Double { down.weight.batchCost }
}

extension MixtureOfExperts {
  /// That of the first expert's W_down.
  public var batchCost: Double { experts.first?.batchCost ?? FamilyCosts.usualBatch }
}
