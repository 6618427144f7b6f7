import Secant

/// What writing the Jacobians of all tokens up to a position costs.
struct JacobianCost {
  let configuration: DecoderConfiguration
  /// Tokens whose map is not zero: those up to the position.
  let tokenCount: Int
  /// Bytes of a scalar.
  let scalarBytes: Int
  /// Bytes that the work may take beside the weights.
  let memory: Int

  /// Products of a vector with some J_iᵀ: every row of every token's map.
  var products: Int { configuration.width * tokenCount }

  /// Operations; a multiplication and an addition count as two.
  var operations: Double { operations(rows: configuration.width) }

  private func operations(rows: Int) -> Double {
    2 * Double(rows) * Double(tokenCount) * Double(configuration.linearPathParameters)
  }

  /// Bytes that the frozen maps and the vectors of the prompt take: those of every block at every position.
  private var frozenBytes: Int {
    let heads = configuration.queryHeads
    let perPosition =
      2 * configuration.feedForwardWidth + 6 * configuration.width + heads * tokenCount
    return configuration.blockCount * tokenCount * perPosition * scalarBytes
  }

  /// Bytes that one row takes on its way back: at each position some copies of a vector of the stream,
  /// and of one of the feed-forward layer.
  private var bytesPerRow: Int {
    let perPosition = 6 * configuration.width + 3 * configuration.feedForwardWidth
    return tokenCount * perPosition * scalarBytes
  }

  /// Bytes that the work takes at its peak beside the weights.
  func peakBytes(rowsPerBlock: Int) -> Int { frozenBytes + rowsPerBlock * bytesPerRow }

  /// Rows that are computed together: as many as fit, and few enough that progress is seen.
  ///
  /// - Throws: That not even one row fits.
  func rowsPerBlock() throws(InputError) -> Int {
    let fitting = (memory - frozenBytes) / bytesPerRow
    guard fitting >= 1 else {
      throw InputError(
        .invalid, subject: "--memory",
        expected: "at least \((peakBytes(rowsPerBlock: 1) >> 20) + 1)M for \(tokenCount) tokens",
        found: "\(ByteCount(bytes: memory))",
        remedy: "allow more memory or shorten the prompt")
    }
    // A block of 10¹¹ operations takes about a second; the weights are read once for a block, which
    // costs little from some hundred vectors on.
    let visible = Int(1e11 / operations(rows: 1))
    let efficient = (256 + tokenCount - 1) / tokenCount
    return min(configuration.width, fitting, max(visible, efficient))
  }
}
