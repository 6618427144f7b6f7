package import SecantCheckpoints
package import SecantDecoders
import SecantOperators

/// What a computation holds at once beside the weights, and what of it fits into a budget.
///
/// What the decoder froze is there from beginning to end; the rest is for vectors that are carried through
/// the blocks, a number of rows at a time: one row is one vector at one position.
package struct WorkingMemory: Sendable {
  /// The model.
  package let configuration: DecoderConfiguration
  /// T: tokens of the prompt.
  package let tokens: Int
  /// Bytes of one number.
  package let scalarBytes: Int
  /// Bytes that the work may take.
  package let budget: Int
  /// Which maps are carried through.
  package let kind: JacobianKind

  /// Numbers that a feed-forward layer holds at once, however many rows there are.
  private static let hiddenElements = 3 << 24

  /// The memory of a computation on a prompt.
  package init(
    configuration: DecoderConfiguration, tokens: Int, scalarBytes: Int, budget: Int,
    kind: JacobianKind = .detached
  ) {
    self.configuration = configuration
    self.tokens = tokens
    self.scalarBytes = scalarBytes
    self.budget = budget
    self.kind = kind
  }

  private var headWidths: Int {
    (configuration.queryHeads + configuration.keyValueHeads) * configuration.headWidth
  }

  /// Bytes of what the decoder freezes: in every block the stream at each site, scales, queries, keys, gates.
  package var frozenBytes: Int {
    let each =
      switch kind {
      case .detached: 6 * configuration.width + headWidths + configuration.activeFeedForwardWidth
      // With the directions of norms, values, rotations, and both factors of gates.
      case .ordinary:
        10 * configuration.width + 4 * headWidths + 2 * configuration.activeFeedForwardWidth
      }
    return configuration.blockCount * tokens * each * scalarBytes
  }

  /// Bytes that frozen blocks may hold: half of the budget; the others are frozen anew when they are needed.
  var heldBytes: Int { budget / 2 }

  /// Bytes of the frozen blocks that are held, of one that is frozen anew, and of the streams between them.
  var heldFrozenBytes: Int {
    let streams = (configuration.blockCount + 1) * tokens * configuration.width * scalarBytes
    let block = frozenBytes / configuration.blockCount
    // Derivatives are all held.
    return kind == .ordinary || frozenBytes <= heldBytes
      ? frozenBytes : streams + block + heldBytes / block * block
  }

  /// Bytes that are left when the decoder is frozen.
  package var available: Int { budget - heldFrozenBytes }

  /// Bytes of one row as it passes a block: the stream, its image, and the heads.
  private var rowBytes: Int {
    // Derivatives pass the values' way, the queries' and the keys'.
    let heads = kind == .detached ? 2 * headWidths : 6 * headWidths
    return scalarBytes * (6 * configuration.width + heads)
  }

  /// Bytes that a sweep of so many rows takes.
  package func sweepBytes(rows: Int) -> Int {
    let hidden = 3 * rows * configuration.activeFeedForwardWidth
    return rows * rowBytes + min(Self.hiddenElements, hidden) * scalarBytes
  }

  /// Rows whose sweep fits into some bytes.
  package func rows(within bytes: Int) -> Int {
    let slim = bytes / (rowBytes + 3 * configuration.activeFeedForwardWidth * scalarBytes)
    let wide = (bytes - Self.hiddenElements * scalarBytes) / rowBytes
    return max(slim, wide, 0)
  }

  /// Refuses a budget into which the least that the work holds does not fit.
  ///
  /// - Throws: `InputError` with the bytes that it takes.
  package func require(_ bytes: Int) throws(InputError) { try require { _ in bytes } }

  /// Refuses a budget into which the least that the work holds does not fit, and names one that does.
  ///
  /// What the work holds may depend on the budget, as the method and the division of the work do.
  ///
  /// - Parameter need: Bytes that the work holds within a budget, for every budget.
  /// - Throws: `InputError` with a size into which the work fits.
  package func require(_ need: (_ budget: Int) -> Int) throws(InputError) {
    var enough = budget
    while case let bytes = need(enough), bytes > enough { enough = ((bytes >> 20) + 1) << 20 }
    guard enough > budget else { return }
    throw InputError(
      .invalid, subject: "memory",
      expected: "at least \(enough >> 20)M for \(tokens) token\(tokens == 1 ? "" : "s")",
      found: spelling(of: budget),
      remedy: "allow more memory or shorten the prompt")
  }
}

/// Bytes as `--memory` takes them, in the largest unit that divides them.
private func spelling(of bytes: Int) -> String {
  let units = [(30, "G"), (20, "M"), (10, "K")]
  for (shift, unit) in units where bytes > 0 && bytes.isMultiple(of: 1 << shift) {
    return "\(bytes >> shift)\(unit)"
  }
  return "\(bytes) bytes"
}

extension CostModel {
  /// Cotangents that are carried at once, at most d: as many as fit beside the largest group's matrices.
  var rowBlock: Int {
    let matrices =
      groups(of: Array(0...scope.position), .dense).map { bytes(of: $0, .dense, block: 1) }.max()
      ?? 0
    let rows = memory.rows(within: memory.available - matrices) / (scope.position + 1)
    return min(configuration.width, max(1, rows))
  }

  /// Successive tokens of some whose maps are decomposed together, so that they take half of what is available.
  ///
  /// All at once by a sketch, which divides them itself.
  func groups(of tokens: [Int], _ method: SettledMethod) -> [[Int]] {
    if method == .sketch { return tokens.isEmpty ? [] : [tokens] }
    let block = block(of: tokens)
    return batches(of: tokens) { bytes(of: $0, method, block: block) }
  }

  /// Successive tokens of some whose vectors are carried forward together, so that they take half of what is
  /// available.
  func sweeps(of tokens: [Int]) -> [[Int]] {
    batches(of: tokens) { memory.sweepBytes(rows: reach(of: $0)) }
  }

  /// Bytes that the decompositions of some tokens' maps hold beside what is carried for the dense form.
  func bytes(of tokens: [Int], _ method: SettledMethod, block: Int) -> Int {
    let width = configuration.width
    switch method {
    case .dense:
      // The rows of each matrix as they come and the matrix; then what its decomposition takes.
      let decomposed = min(tokens.count, DenseSVD.decomposedTogether) * DenseSVD.workspace
      return (tokens.count + max(tokens.count, decomposed)) * width * width * memory.scalarBytes
    case .krylov:
      // The vectors of a round, or those that begin; both bases of each token, and as much where they grow.
      let first = (block + Self.probes) * (scope.position + 1 - tokens[0])
      let carried = max(first, block * reach(of: tokens))
      let bases = 4 * Int(steps(block: block).rounded(.up)) + Self.probes
      return memory.sweepBytes(rows: carried)
        + tokens.count * bases * width * memory.scalarBytes
    case .sketch:
      // The vectors of a batch at all positions; their answers, and one token's at the least.
      let sketch = sketch()
      let rows = sketch.size + sketch.probes
      let answers = rows * width * memory.scalarBytes
      return memory.sweepBytes(rows: min(sketch.batch, rows) * positions)
        + 2 * max(answers, min(sketch.memory, tokens.count * answers))
    }
  }

  /// Successive ones of some tokens, each batch as long as half of the memory allows, or of one.
  private func batches(of tokens: [Int], bytes: ([Int]) -> Int) -> [[Int]] {
    var result: [[Int]] = []
    for token in tokens {
      if let last = result.indices.last {
        result[last].append(token)
        if bytes(result[last]) <= memory.available / 2 { continue }
        result[last].removeLast()
      }
      result.append([token])
    }
    return result
  }
}
