import Secant

/// What writing the Jacobians of all tokens up to a position costs.
struct JacobianCost {
  let configuration: DecoderConfiguration
  let kind: JacobianKind
  /// T: tokens of the prompt.
  let promptCount: Int
  /// Tokens whose map is not zero: those up to the position.
  let tokenCount: Int
  /// Bytes of a scalar.
  let scalarBytes: Int
  /// Bytes that the work may take beside the weights.
  let memory: Int

  /// Products of a vector with some J_iᵀ: every row of every token's map.
  var products: Int { configuration.width * tokenCount }

  /// Operations; a multiplication and an addition count as two.
  var operations: Double { Double(configuration.width) * operationsPerRow }

  private var operationsPerRow: Double {
    2 * Double(tokenCount) * Double(configuration.parameters(passedBy: kind))
  }

  /// Bytes of the file, but for its header.
  var fileBytes: Int {
    let (T, d) = (promptCount, configuration.width)
    return scalarBytes * (T * d * d + T * d + 2 * d) + 8 * T
  }

  private var working: WorkingMemory {
    WorkingMemory(
      configuration: configuration, tokens: promptCount, scalarBytes: scalarBytes, budget: memory,
      kind: kind)
  }

  /// Bytes that the work takes at its peak beside the weights.
  func peakBytes(rowsPerBlock rows: Int) -> Int {
    working.frozenBytes + working.sweepBytes(rows: rows * tokenCount)
  }

  /// Rows that are computed together: as many as fit, and few enough that progress is seen.
  ///
  /// - Throws: That not even one row fits.
  func rowsPerBlock() throws(InputError) -> Int {
    // A block of 10¹¹ operations takes a second or two. The weights are read once for a block, which
    // costs little from some hundred vectors on.
    let visible = Int(min(1e11 / operationsPerRow, Double(configuration.width)))
    let efficient = (256 + tokenCount - 1) / tokenCount
    let rows = min(
      configuration.width, max(visible, efficient),
      max(1, working.rows(within: working.available) / tokenCount))
    try working.require(peakBytes(rowsPerBlock: rows))
    return rows
  }
}
