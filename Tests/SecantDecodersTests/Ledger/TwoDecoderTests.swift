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
      "qwen3-next", "qwen3-5-moe", "gemma4", "gemma4-moe", "gemma4-e2b",
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
      let takers = pair.a.blocks.count {
        if case .taken = $0.attention.role { true } else { false }
      }
      #expect(weights.count >= 1 + 4 * pair.a.blocks.count - takers)
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

  /// A run whose heads have gates, and one of the same weights without: the gates count with their heads' patterns.
  @Test(arguments: GateRule.allCases)
  func gatesOfOneRunAloneCountWithTheirHeads(_ rule: GateRule) throws {
    let name = "qwen3-5"
    /// The fixture with attention in all blocks: its second block twice.
    func attentionAlone(_ tensors: inout [String: AlteredFixture.Numbers]) {
      for key in tensors.keys where key.contains(".0.linear_attn.") { tensors[key] = nil }
      for (key, tensor) in tensors where key.contains(".1.self_attn.") {
        tensors[key.replacing(".1.", with: ".0.")] = tensor
      }
    }
    let fields = #""layer_types": ["full_attention", "full_attention"]"#
    let gated = try AlteredFixture(name, fields: "{\(fields)}", alter: attentionAlone)
    let absent = [
      "attn_output_gate", "layer_types", "linear_conv_kernel_dim", "linear_key_head_dim",
      "linear_num_key_heads", "linear_num_value_heads", "linear_value_head_dim",
      "mamba_ssm_dtype", "mtp_num_hidden_layers", "rope_parameters",
    ].map { "\"\($0)\": null" }.joined(separator: ", ")
    let ungated = try AlteredFixture(
      name, fields: "{\"model_type\": \"qwen3\", \(absent)}"
    ) { tensors in
      attentionAlone(&tensors)
      for key in tensors.keys {
        if key.hasSuffix("norm.weight"), let norm = tensors[key] {
          tensors[key] = .init(shape: norm.shape, elements: norm.elements.map { $0 + 1 })
        }
        // Of each head the query and not the gate: 8 rows of 12 numbers of 16.
        if key.hasSuffix("q_proj.weight"), let whole = tensors[key] {
          tensors[key] = .init(
            shape: [24, 12],
            elements: (0..<3).flatMap { whole.elements[$0 * 192..<$0 * 192 + 96] })
        }
      }
    }
    let (first, second) = (
      try Decoder<Double>(gated.checkpoint()), try Decoder<Double>(ungated.checkpoint())
    )
    #expect(first.configuration.attentionHasGate && !second.configuration.attentionHasGate)
    let tokens = try Fixture(name: name).reference().tokens()
    let pair = try DifferenceTests.Pair<Double>(first, second, tokens, rule)
    for block in pair.a.blocks { #expect(block.attention.outputGate != nil) }
    for block in pair.b.blocks { #expect(block.attention.outputGate == nil) }
    let both = pair.a.differences(with: pair.b, of: pair.readout, and: pair.readout)
    for (account, sign) in [(both.forward, 1.0), (both.reverse, -1)] {
      let bound = DifferenceTests.rounding(Double.self) * account.size
      #expect(abs(account.real - sign * pair.real) <= bound)
      #expect(abs(account.sum - sign * pair.real) <= bound)
      #expect(account.total(of: .pattern) != 0)
      // Value and output projections are the same, and so are those of the feed-forward layers.
      #expect(abs(account.total(of: .weights)) <= bound)
    }
    // Of the first block, whose input is the same, the heads have all that swapping attention makes.
    let account = pair.a.difference(from: pair.b, of: pair.readout, and: pair.readout)
    let forward = ForwardSwaps(pair)
    let expected = forward.values(inBlock: 0).first { $0.0 == .attention }?.1 ?? []
    let heads = account.parts.filter {
      $0.component.kind == .pattern && $0.component.block == 0
    }
    let bound = DifferenceTests.rounding(Double.self) * account.size
    #expect(heads.count == 3 && abs(heads.reduce(0) { $0 + $1.sum }) > 1e3 * bound)
    #expect(abs(heads.reduce(0) { $0 + $1.sum } - expected.reduce(0, +)) <= bound)
  }

  /// The step of a block that a part belongs to; nil for another block's.
  private static func step(
    of component: Difference.Component, inBlock n: Int
  ) -> BlockStep? {
    switch component {
    case .norm(n, let step): step
    case .head(n, _), .weights(n, .value, _), .weights(n, .output, _): .attention
    case .gates(n, _), .weights(n, .up, _), .weights(n, .down, _): .feedForward
    case .perLayerGates(n), .weights(n, .perLayerGate, _), .weights(n, .perLayerOutput, _):
      .perLayer
    case .weights(n, .stream, _): .streamFactor
    default: nil
    }
  }
}
