package import SecantCheckpoints
package import SecantDecoders
import SecantOperators

/// The memory of a computation, without the weights, and what fits into a budget.
///
/// The frozen decoder stays in memory throughout. The rest is for vectors that are carried through
/// the blocks, a number of rows at a time; a row is one vector at one position.
package struct WorkingMemory: Sendable {
  /// The model.
  package let configuration: DecoderConfiguration
  /// T: tokens of the prompt.
  package let tokens: Int
  /// Bytes of one number.
  package let scalarBytes: Int
  /// The budget in bytes.
  package let budget: Int
  /// The kind of maps.
  package let kind: JacobianKind

  /// The number of activations of a feed-forward layer in memory at a time, whatever the number of
  /// rows.
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

  /// The numbers per position that a block's pattern and gates are held as, on average, rounded up.
  private var headWidths: Int {
    let sum = configuration.blocks.reduce(0) { $0 + configuration.patternWidth(of: $1) }
    return (sum + configuration.blockCount - 1) / configuration.blockCount
  }

  /// The bytes of the frozen decoder: in every block the stream at each site, scales, queries, keys
  /// and gates.
  package var frozenBytes: Int {
    let each =
      switch kind {
      case .detached: 6 * configuration.width + headWidths + configuration.activeFeedForwardWidth
      // Plus the directions of norms, the values, the rotations, and both factors of gates.
      case .ordinary:
        10 * configuration.width + 4 * headWidths + 2 * configuration.activeFeedForwardWidth
      }
    return configuration.blockCount * tokens * each * scalarBytes
  }

  /// The bytes for frozen blocks: half of the budget.
  ///
  /// The other blocks are frozen anew when they are needed.
  var heldBytes: Int { budget / 2 }

  /// The bytes of the streams before all blocks and after the last.
  var streamBytes: Int {
    (configuration.blockCount + 1) * tokens * configuration.width * scalarBytes
  }

  /// The bytes of the held frozen blocks, of one that is frozen anew, and of the streams between
  /// blocks.
  var heldFrozenBytes: Int {
    let block = frozenBytes / configuration.blockCount
    // All derivatives are held.
    return kind == .ordinary || frozenBytes <= heldBytes
      ? frozenBytes : streamBytes + block + heldBytes / block * block
  }

  /// The remaining bytes after the decoder is frozen.
  package var available: Int { budget - heldFrozenBytes }

  /// The bytes of one row as it passes a block: the stream, its image, and the heads.
  private var rowBytes: Int {
    // Derivatives pass through values, queries and keys.
    let heads = kind == .detached ? 2 * headWidths : 6 * headWidths
    return scalarBytes * (6 * configuration.width + heads)
  }

  /// The bytes of a sweep with a number of rows.
  package func sweepBytes(rows: Int) -> Int {
    let hidden = 3 * rows * configuration.activeFeedForwardWidth
    return rows * rowBytes + min(Self.hiddenElements, hidden) * scalarBytes
  }

  /// The number of rows whose sweep fits into a number of bytes.
  package func rows(within bytes: Int) -> Int {
    let slim = bytes / (rowBytes + 3 * configuration.activeFeedForwardWidth * scalarBytes)
    let wide = (bytes - Self.hiddenElements * scalarBytes) / rowBytes
    return max(slim, wide, 0)
  }

  /// Refuses a budget that is too small even for the smallest parts of the work.
  ///
  /// - Throws: `InputError` with the required bytes.
  package func require(_ bytes: Int) throws(InputError) { try require { _ in bytes } }

  /// Refuses a budget that is too small even for the smallest parts of the work, and names one that
  /// suffices.
  ///
  /// The memory of the work may depend on the budget, because the method and the division of the
  /// work do.
  ///
  /// - Parameter need: The memory of the work in bytes, as a function of the budget.
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

/// Bytes as `--memory` spells them, in the largest unit that divides them.
private func spelling(of bytes: Int) -> String {
  let units = [(30, "G"), (20, "M"), (10, "K")]
  for (shift, unit) in units where bytes > 0 && bytes.isMultiple(of: 1 << shift) {
    return "\(bytes >> shift)\(unit)"
  }
  return "\(bytes) bytes"
}

extension CostModel {
  /// The number of cotangents carried at a time, at most d: as many as fit besides the largest
  /// group's matrices.
  var rowBlock: Int {
    let matrices =
      groups(of: Array(0...scope.position), .dense).map { bytes(of: $0, .dense, block: 1) }.max()
      ?? 0
    let rows = memory.rows(within: memory.available - matrices) / (scope.position + 1)
    return min(configuration.width, max(1, rows))
  }

  /// Groups of successive tokens whose maps are decomposed together, in half of the available
  /// memory.
  ///
  /// A sketch takes all tokens at once and divides them itself.
  func groups(of tokens: [Int], _ method: SettledMethod) -> [[Int]] {
    if method == .sketch { return tokens.isEmpty ? [] : [tokens] }
    let block = block(of: tokens)
    return batches(of: tokens) { bytes(of: $0, method, block: block) }
  }

  /// Groups of successive tokens whose vectors are carried forward together, in half of the
  /// available memory.
  func sweeps(of tokens: [Int]) -> [[Int]] {
    batches(of: tokens) { memory.sweepBytes(rows: reach(of: $0)) }
  }

  /// The bytes of the decompositions of some tokens' maps, without those of the dense form's
  /// products.
  func bytes(of tokens: [Int], _ method: SettledMethod, block: Int) -> Int {
    let width = configuration.width
    switch method {
    case .dense:
      // The computed rows of each matrix and the matrix, then its decomposition.
      let decomposed = min(tokens.count, DenseSVD.decomposedTogether) * DenseSVD.workspace
      return (tokens.count + max(tokens.count, decomposed)) * width * width * memory.scalarBytes
    case .krylov:
      // The vectors of a round, or the first ones; both bases of each token, and the same again
      // while they grow.
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

  /// Batches of successive tokens, each as long as half of the memory allows, at least one token.
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
