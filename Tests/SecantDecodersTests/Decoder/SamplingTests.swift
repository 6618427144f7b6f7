import Foundation
import SecantDecoders
import SecantOperators
import Testing

/// How continuations are drawn: what a seed fixes, and what the limits are.
///
/// Frequencies are those of one seed: they do not prove the generator random.
@Suite struct SamplingTests {
  private let fixture = Fixture(name: "llama-plain")

  private func continuation(_ sampling: Sampling, count: Int = 12) throws -> [Int] {
    try fixture.decoder(Double.self).generate(
      after: [3, 5, 7], count: count, sampling: sampling)
  }

  @Test func theLikeliestIsTheLimitOfColdAndNarrow() throws {
    let greedy = try continuation(.greedy)
    #expect(greedy.count == 12)
    for seed in 0..<4 as Range<UInt64> {
      #expect(try continuation(.random(temperature: 1e-6, seed: seed)) == greedy)
      #expect(try continuation(.random(temperature: 5, topP: 1e-9, seed: seed)) == greedy)
      #expect(try continuation(.random(temperature: 5, topK: 1, seed: seed)) == greedy)
      let all = try continuation(.random(temperature: 5, seed: seed))
      #expect(try continuation(.random(temperature: 5, topK: 1 << 20, seed: seed)) == all)
    }
  }

  @Test func aSeedFixesTheText() throws {
    let draws = try (0..<8 as Range<UInt64>).map {
      try continuation(.random(temperature: 2, seed: $0))
    }
    for (seed, draw) in draws.enumerated() {
      #expect(try continuation(.random(temperature: 2, seed: UInt64(seed))) == draw)
    }
    #expect(Set(draws).count == 8)
  }

  /// First tokens of many seeds come as often as their probabilities, and none from beyond the nucleus.
  @Test(arguments: [(nil, 1.0), (nil, 0.6), (5, 1.0), (12, 0.6)])
  func frequenciesAreProbabilities(topK: Int?, topP: Double) throws {
    let decoder = try fixture.decoder(Double.self)
    var cache = KeyValueCache<Double>(decoder.configuration)
    let output = try decoder.forward([3, 5, 7], cache: &cache)
    let logits = decoder.unembedding.logits(output.rows(2..<3)).elements
    let peak = logits.reduce(-.infinity, max)
    let weights = logits.map { exp(($0 - peak) / 1.5) }
    let order = weights.indices.sorted { weights[$0] > weights[$1] }
      .prefix(topK ?? weights.count)
    let total = order.reduce(0) { $0 + weights[$1] }
    var nucleus: [Int: Double] = [:]
    var sum = 0.0
    for token in order where sum < topP * total {
      nucleus[token] = weights[token]
      sum += weights[token]
    }
    let draws = 2000
    var counts: [Int: Int] = [:]
    for seed in 0..<UInt64(draws) {
      let first = try decoder.generate(
        after: [3, 5, 7], count: 1,
        sampling: .random(temperature: 1.5, topK: topK, topP: topP, seed: seed))
      counts[first[0], default: 0] += 1
    }
    #expect(counts.keys.allSatisfy { nucleus[$0] != nil })
    for (token, weight) in nucleus {
      let p = weight / sum
      // Five standard deviations of a binomial frequency.
      let bound = 5 * (p * (1 - p) / Double(draws)).squareRoot()
      #expect(abs(Double(counts[token] ?? 0) / Double(draws) - p) <= bound, "token \(token)")
    }
  }
}
