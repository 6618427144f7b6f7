import Secant

/// What writing the Jacobians of all tokens up to a position costs.
struct JacobianCost {
  let configuration: DecoderConfiguration
  let kind: JacobianCommand.Kind
  /// T: tokens of the prompt.
  let promptCount: Int
  /// Tokens whose map is not zero: those up to the position.
  let tokenCount: Int
  /// Bytes of a scalar.
  let scalarBytes: Int
  /// Bytes that the work may take beside the weights.
  let memory: Int

  /// Numbers that a feed-forward layer holds at once, however many rows there are.
  private static let hiddenElements = 3 << 24

  /// Products of a vector with some J_iᵀ: every row of every token's map.
  var products: Int { configuration.width * tokenCount }

  /// Operations; a multiplication and an addition count as two.
  var operations: Double { Double(configuration.width) * operationsPerRow }

  private var operationsPerRow: Double {
    2 * Double(tokenCount) * Double(configuration.linearPathParameters + drivingParameters)
  }

  /// Weights that act inside what is frozen: query, key and gate projections, which derivatives pass.
  private var drivingParameters: Int {
    guard kind == .ordinary else { return 0 }
    let c = configuration
    return c.blockCount * c.width * (headWidths + c.activeFeedForwardWidth)
  }

  /// Bytes of the file, but for its header.
  var fileBytes: Int {
    let (T, d) = (promptCount, configuration.width)
    return scalarBytes * (T * d * d + T * d + 2 * d) + 8 * T
  }

  private var headWidths: Int {
    (configuration.queryHeads + configuration.valueHeads) * configuration.headWidth
  }

  /// Bytes of what the decoder froze: in every block some copies of the stream, heads, gates and patterns.
  private var frozenBytes: Int {
    let each =
      6 * configuration.width + headWidths + configuration.activeFeedForwardWidth
      + configuration.queryHeads * promptCount
    // The differential keeps the directions of norms, values, rotations, and two factors of gates.
    let more =
      kind == .ordinary
      ? 4 * configuration.width + 3 * headWidths + configuration.activeFeedForwardWidth : 0
    return configuration.blockCount * promptCount * (each + more) * scalarBytes
  }

  /// Bytes that one row takes on its way back: at each position the stream, its image, and the heads.
  private var bytesPerRow: Int {
    let heads = kind == .ordinary ? 6 * headWidths : 2 * headWidths
    return tokenCount * (6 * configuration.width + heads) * scalarBytes
  }

  /// Bytes that the feed-forward layers take beside so many rows.
  private func hiddenBytes(rows: Int) -> Int {
    let hidden =
      (kind == .ordinary ? 4 : 3) * rows * tokenCount * configuration.activeFeedForwardWidth
    return min(Self.hiddenElements, hidden) * scalarBytes
  }

  /// Bytes that the work takes at its peak beside the weights.
  func peakBytes(rowsPerBlock rows: Int) -> Int {
    frozenBytes + rows * bytesPerRow + hiddenBytes(rows: rows)
  }

  /// Rows that are computed together: as many as fit, and few enough that progress is seen.
  ///
  /// - Throws: That not even one row fits.
  func rowsPerBlock() throws(InputError) -> Int {
    // A block of 10¹¹ operations takes a second or two. The weights are read once for a block, which
    // costs little from some hundred vectors on.
    let visible = Int(min(1e11 / operationsPerRow, Double(configuration.width)))
    let efficient = (256 + tokenCount - 1) / tokenCount
    var rows = min(configuration.width, max(visible, efficient))
    while rows > 1, peakBytes(rowsPerBlock: rows) > memory { rows = (rows + 1) / 2 }
    guard peakBytes(rowsPerBlock: rows) <= memory else {
      throw InputError(
        .invalid, subject: "--memory",
        expected: "at least \((peakBytes(rowsPerBlock: 1) >> 20) + 1)M for \(tokenCount) tokens",
        found: "\(ByteCount(bytes: memory))",
        remedy: "allow more memory or shorten the prompt")
    }
    return rows
  }
}
