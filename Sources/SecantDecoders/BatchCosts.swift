import SecantOperators

// What reading weights costs, in rows multiplied by them: it depends on how they are stored, and not on their
// extents.

extension Weight {
  /// Rows whose products take the time of bringing the weights to where they are multiplied.
  ///
  /// Numbers that are multiplied as they are stored come from memory: ``FamilyCosts/usualBatch``. Blocks of 4 bits
  /// are an eighth of that, and unpacked into a core's cache: 6 for Q4_1 was seen.
  public var batchCost: Double { isDirect ? FamilyCosts.usualBatch : 6 }
}

extension FrozenFeedForwardMap {
  /// That of the layer's weights, which are most of a block's.
  public var batchCost: Double { layer.layers[0].down.weight.batchCost }
}

extension ResidualStep {
  /// That of the branch.
  public var batchCost: Double { branch.batchCost }
}
