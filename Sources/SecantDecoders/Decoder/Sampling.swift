import RealModule
import SecantOperators

/// How the next token is chosen from the logits.
public enum Sampling: Hashable, Sendable {
  /// The most likely token; of equally likely ones, the one with the smallest id.
  case greedy
  /// A random token; the same seed gives the same sequence.
  ///
  /// The probabilities p ∝ exp(z/τ) are sorted in descending order. Of the first `topK` tokens (all
  /// if nil), only the first whose fraction of the sum reaches `topP` remain. One of these is drawn
  /// in proportion to p. The temperature τ is above 0, `topK` at least 1, `topP` above 0 and at
  /// most 1.
  case random(temperature: Double, topK: Int? = nil, topP: Double = 1, seed: UInt64)
}

/// Chooses one token after another and advances its random generator.
struct TokenSampler: Sendable {
  private let sampling: Sampling
  private var generator: SplitMix64

  /// A sampler before its first draw.
  init(_ sampling: Sampling) {
    self.sampling = sampling
    switch sampling {
    case .greedy: generator = SplitMix64(seed: 0)
    case .random(let temperature, let topK, let topP, let seed):
      precondition(
        temperature > 0 && topK ?? 1 >= 1 && topP > 0 && topP <= 1, "no such distribution")
      generator = SplitMix64(seed: seed)
    }
  }

  /// The next token for an output `[d]`; nil if the logits are not numbers.
  mutating func next<S: Scalar>(
    after output: [S], _ unembedding: Unembedding<S>
  ) -> Int? {
    switch sampling {
    case .greedy: unembedding.topTokens(for: output, count: 1).first?.token
    case .random(let temperature, let topK, let topP, _):
      draw(unembedding.logits(Matrix(row: output)).elements, temperature, topK, topP)
    }
  }

  private mutating func draw<S: Scalar>(
    _ logits: [S], _ temperature: Double, _ topK: Int?, _ topP: Double
  ) -> Int? {
    let peak = logits.reduce(-S.infinity, max)
    guard peak.isFinite, logits.allSatisfy({ !$0.isNaN }) else { return nil }
    let weights = logits.map { Double.exp((Double($0) - Double(peak)) / temperature) }
    let order = weights.indices.sorted {
      weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1
    }.prefix(topK ?? weights.count)
    let total = order.reduce(0) { $0 + weights[$1] }
    var nucleus = 0.0
    var count = 0
    while count < order.count, count == 0 || nucleus < topP * total {
      nucleus += weights[order[count]]
      count += 1
    }
    // Built from whole bits, so that a seed gives the same numbers everywhere: uniform in [0, 1).
    var rest = Double(generator.next() &>> 11) * 0x1p-53 * nucleus
    for token in order.prefix(count) {
      rest -= weights[token]
      if rest < 0 { return token }
    }
    return order[count - 1]
  }
}
