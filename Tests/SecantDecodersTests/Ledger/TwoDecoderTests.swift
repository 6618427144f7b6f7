import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The exact account of what differs between runs of two decoders of one shape.
@Suite struct TwoDecoderTests {
  /// Runs of two decoders of one shape: weights are parts too, each step's parts together are what swapping it
  /// makes, and all together the difference of what is read off two outputs by two directions.
  @Test(
    arguments: [
      "llama-biases", "llama-gqa-6-2", "gemma2-new", "gemma3-new", "qwen3-new", "qwen3-moe",
      "olmo2-biases", "phi3-grouped", "gpt2-untied", "gpt-neox", "gpt-oss-old",
      "qwen3-next", "qwen3-5-moe", "gemma4", "gemma4-moe",
    ].map(Fixture.init), GateRule.allCases)
  func twoDecodersDifferByTheirWeightsToo(_ fixture: Fixture, _ rule: GateRule) throws {
    var generator = SeededGenerator(seed: 12)
    let altered = try AlteredFixture(fixture.name) { tensors in
      for name in tensors.keys.sorted() {
        for index in tensors[name]?.elements.indices ?? 0..<0 {
          tensors[name]?.elements[index] *= 1 + Float.random(in: -0.2...0.2, using: &generator)
        }
      }
    }
    let other = try Decoder<Double>(altered.checkpoint())
    let tokens = try fixture.reference().tokens()
    let pair = try DifferenceTests.Pair<Double>(fixture.decoder(Double.self), other, tokens, rule)
    let w: [Double] = DifferenceTests.direction(other.configuration.width, seed: 77)
    let second = Readout(w, at: tokens.count - 1)
    let both = pair.a.differences(with: pair.b, of: pair.readout, and: second)
    let (first, output) = (pair.a.output(), pair.b.output())
    let real =
      Kernels.dot(pair.readout.directions.elements.span, first.span)
      - Kernels.dot(w.span, output.span)
    for (account, sign) in [(both.forward, 1.0), (both.reverse, -1)] {
      let bound = DifferenceTests.rounding(Double.self) * account.size
      #expect(abs(account.real - sign * real) <= bound && abs(account.sum - sign * real) <= bound)
      #expect(abs(real) > 1e3 * bound)
      let weights = account.parts.filter { $0.component.kind == .weights }
      // An expert that serves in one run alone has all of its change in its gates.
      let isMixture = weights.contains { $0.component.expert != nil }
      #expect(weights.count >= 1 + 4 * pair.a.blocks.count)
      #expect(weights.allSatisfy { $0.sum != 0 } || isMixture)
      #expect(account.total(of: .content) != 0)
    }
    #expect(abs(both.mean.sum - real) <= DifferenceTests.rounding(Double.self) * both.forward.size)
    // With the same direction on both sides, a step's parts are what swapping all of it makes.
    let account = pair.a.difference(from: pair.b, of: pair.readout, and: pair.readout)
    let bound = DifferenceTests.rounding(Double.self) * account.size
    let forward = ForwardSwaps(pair)
    for n in pair.a.blocks.indices {
      for (step, expected) in forward.values(inBlock: n) where step != .attention {
        let found = account.parts.filter { Self.step(of: $0.component, inBlock: n) == step }
        for position in expected.indices {
          let sum = found.reduce(0) { $0 + $1.values[position] }
          #expect(abs(sum - expected[position]) <= bound, "block \(n), \(step) at \(position)")
        }
      }
      // What values differ by acts at their own positions, and not where they are read.
      let attended = forward.values(inBlock: n).first { $0.0 == .attention }?.1 ?? []
      let found = account.parts.filter { Self.step(of: $0.component, inBlock: n) == .attention }
      let sum = found.reduce(0) { $0 + $1.sum }
      #expect(abs(sum - attended.reduce(0, +)) <= bound, "block \(n), attention")
    }
    #expect(account.parts.first { $0.component == .unembedding }?.sum == 0)
  }

  /// The step of a block that a part belongs to; nil for another block's.
  private static func step(
    of component: Difference.Component, inBlock n: Int
  ) -> BlockStep? {
    switch component {
    case .norm(n, let step): step
    case .head(n, _), .weights(n, .value, _), .weights(n, .output, _): .attention
    case .gates(n, _), .weights(n, .up, _), .weights(n, .down, _): .feedForward
    case .weights(n, .stream, _): .streamFactor
    default: nil
    }
  }
}
