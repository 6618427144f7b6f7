import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Gated delta networks with their coefficients frozen: what the parity of whole decoders does not
/// show by itself.
@Suite struct DeltaNetworkTests {
  static let fixtures = Fixture.all.filter { fixture in
    !Fixture.withAttentionAlone.contains { $0.name == fixture.name }
  }

  /// The frozen delta networks of a fixture, at more tokens than states are kept of on the way back.
  private func layers(_ fixture: Fixture) throws -> [FrozenAttention<Double>] {
    let decoder = try fixture.decoder(Double.self)
    let tokens = (0..<40).map { ($0 * 7 + 3) % decoder.configuration.vocabularySize }
    let frozen = try decoder.linearize(at: tokens)
    return frozen.blocks.map(\.attention).filter { $0.pattern.attention == nil }
  }

  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in
      Double.random(in: -1...1, using: &generator)
    }
  }

  /// c_ts = β_s k_sᵀ (Π_{r = s+1..t} α_r (I − β_r k_r k_rᵀ)) q_t, from the product of the matrices.
  @Test(arguments: fixtures)
  func coefficientsAreTheProductsOfTheirDefinition(_ fixture: Fixture) throws {
    for layer in try layers(fixture) {
      guard case .delta(let delta) = layer.pattern else { continue }
      let (width, count) = (delta.keyWidth, delta.queries.rows)
      let shared = layer.pattern.queryHeads / (delta.keys.columns / width)
      for head in 0..<layer.pattern.queryHeads {
        let found = layer.pattern.coefficients(head: head, positions: 0..<count)
        func part(_ rows: Matrix<Double>, _ t: Int) -> [Double] {
          (0..<width).map { rows[t, head / shared * width + $0] }
        }
        func dot(_ a: [Double], _ b: [Double]) -> Double {
          zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        for t in 0..<count {
          var carried = part(delta.queries, t)
          for s in (0...t).reversed() {
            let key = part(delta.keys, s)
            let expected = delta.rates[s, head] * dot(key, carried)
            #expect(abs(found[t, s] - expected) <= 1e-14)
            carried = zip(carried, key).map { delta.decays[s, head] * ($0 - expected * $1) }
          }
          #expect((t + 1..<count).allSatisfy { found[t, $0] == 0 })
        }
        // Not all of one sign, and no probabilities.
        #expect(delta.decays.elements.allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }

  /// The recurrence, which carries few vectors, and the coefficients, which many, are one map.
  @Test(arguments: fixtures)
  func fewVectorsPassAsManyDo(_ fixture: Fixture) throws {
    for layer in try layers(fixture) {
      guard case .delta(let delta) = layer.pattern else { continue }
      let count = delta.queries.rows
      let strands = [0..<count, 5..<9, 11..<12].map { Strand(support: $0, reach: 0..<count) }
      for positions in [0..<count, 20..<count, count - 1..<count] {
        let mixing = layer.mixing(positions: positions)
        let each = strands.enumerated().map { index, strand in
          Tangents(
            strands: [strand],
            rows: random(strand.support.count, mixing.inputWidth, seed: UInt64(index + 1)))
        }
        let copies = 48
        let many = Tangents(
          strands: each.flatMap { [Strand](repeating: $0.strands[0], count: copies) },
          rows: .stacking(
            each.flatMap { [Matrix](repeating: $0.rows, count: copies) },
            columns: mixing.inputWidth))
        let image = mixing.apply(many)
        var row = 0
        for tangents in each {
          let alone = mixing.apply(tangents)
          for _ in 0..<copies {
            let own = image.rows.rows(row..<row + alone.rows.rows)
            #expect((own - alone.rows).norm <= 1e-13 * (1 + alone.rows.norm))
            row += own.rows
          }
        }
        let asked = image.replacing(random(image.rows.rows, mixing.outputWidth, seed: 9))
        let back = mixing.applyAdjoint(asked)
        let (a, b) = (
          Kernels.dot(image.rows.elements.span, asked.rows.elements.span),
          product(many, back)
        )
        #expect(abs(a - b) <= 1e-11 * (1 + abs(a)))
      }
    }
  }

  /// One output, whose coefficients are formed, is that of the recurrence, which gives all of a single vector.
  @Test(arguments: fixtures)
  func oneOutputIsThatOfAll(_ fixture: Fixture) throws {
    for layer in try layers(fixture) {
      guard case .delta(let delta) = layer.pattern else { continue }
      let count = delta.queries.rows
      let all = layer.mixing(positions: 0..<count)
      let x = Tangents(stream: random(count, all.inputWidth, seed: 3))
      let images = all.apply(x).rows
      for position in [0, count / 2, count - 1] {
        let one = layer.mixing(positions: position..<position + 1)
        let image = one.apply(x).rows
        let own = images.rows(position..<position + 1)
        #expect((image - own).norm <= 1e-13 * (1 + own.norm))
        // Of the adjoint, too: it asks the same of all values.
        let reach = Strand(support: position..<position + 1, reach: 0..<position + 1)
        let y = Tangents(strands: [reach], rows: random(1, one.outputWidth, seed: 4))
        let asked = one.applyAdjoint(y)
        let product = Kernels.dot(image.elements.span, y.rows.elements.span)
        let back = Kernels.dot(
          asked.rows.elements.span, x.rows.rows(asked.strands[0].support).elements.span)
        #expect(abs(product - back) <= 1e-12 * (1 + abs(product)))
      }
    }
  }

  /// Σ x·y over the positions that both have.
  private func product(_ x: Tangents<Double>, _ y: Tangents<Double>) -> Double {
    var (sum, first, other) = (0.0, 0, 0)
    for (a, b) in zip(x.strands, y.strands) {
      for position in a.support.clamped(to: b.support) {
        let (left, right) = (
          x.rows.row(first + position - a.support.lowerBound),
          y.rows.row(other + position - b.support.lowerBound)
        )
        sum += zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
      }
      first += a.support.count
      other += b.support.count
    }
    return sum
  }

  /// With the gates of heads, a block's layer is still the sum of what its values give.
  @Test(arguments: fixtures)
  func gatesAreFactorsOfTheHeadsOutputs(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let frozen = try decoder.linearize(at: try fixture.reference().tokens())
    for block in frozen.blocks {
      let gates = try #require(block.attention.outputGate).coefficients
      // Those of attention lie between 0 and 1; those of delta networks also scale.
      if block.attention.pattern.attention != nil {
        #expect(gates.elements.allSatisfy { $0 > 0 && $0 < 1 })
      }
      #expect(gates.columns == block.attention.output.weight.inputWidth)
    }
  }

  /// The derivative of a long prompt, whose states are computed again in segments, is a limit of
  /// differences.
  @Test(arguments: fixtures)
  func derivativesOfLongPromptsAreLimits(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = (0..<40).map { ($0 * 5 + 1) % decoder.configuration.vocabularySize }
    let input = decoder.embedding.vectors(of: tokens)
    let change = random(input.rows, input.columns, seed: 4)
    func output(_ step: Double) throws -> [Double] {
      try decoder.linearize(at: tokens, entering: input + step * change).output()
    }
    // The error of a central difference: step² from the third derivative, ε/step from rounding.
    let step = 1e-6
    let (above, below) = (try output(step), try output(-step))
    let expected = zip(above, below).map { ($0 - $1) / (2 * step) }
    let differential = try decoder.differentiate(at: tokens)
    let found = differential.jacobians().sum(change)
    #expect(relativeError(found, expected) <= 1e-6)
    // What passes forwards passes backwards.
    let w = random(1, input.columns, seed: 5)
    let asked = differential.jacobians().applyAdjointToAll(w)
    let sum = asked.enumerated().reduce(0.0) { sum, row in
      sum + zip(row.element.row(0), change.row(row.offset)).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let direct = zip(w.row(0), found).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(sum - direct) <= 1e-11 * (1 + abs(direct)))
  }

  /// A text that is continued token by token has the states of the whole text.
  @Test(arguments: fixtures)
  func statesGoOnWhereATextIsContinued(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = (0..<24).map { ($0 * 11 + 2) % decoder.configuration.vocabularySize }
    var whole = KeyValueCache<Double>(decoder.configuration)
    let expected = try decoder.forward(tokens, cache: &whole)
    for parts in [[1, 1, 22], [2, 13, 9], [23, 1]] {
      var (cache, start) = (KeyValueCache<Double>(decoder.configuration), 0)
      for count in parts {
        let rows = try decoder.forward(Array(tokens[start..<start + count]), cache: &cache)
        #expect((rows - expected.rows(start..<start + count)).norm <= 1e-12 * expected.norm)
        start += count
      }
      #expect(cache.count == tokens.count)
    }
  }

  /// The text part of a checkpoint that also reads images is the model itself.
  @Test func theTextPartIsRead() throws {
    let fields = """
      {"model_type": "qwen3_5", "architectures": ["Qwen3_5ForConditionalGeneration"],
       "tie_word_embeddings": true, "image_token_id": 30, "video_token_id": 31,
       "vision_start_token_id": 32, "vision_end_token_id": 33,
       "vision_config": {"model_type": "qwen3_5_vision", "depth": 1}}
      """
    let altered = try AlteredFixture("qwen3-5", fields: fields, nestedAs: "text_config") {
      tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map {
          ("model.language_model." + $0.key.dropFirst("model.".count), $0.value)
        })
      tensors["model.visual.patch_embed.proj.weight"] = .init(shape: [1, 1], elements: [1])
      tensors["mtp.fc.weight"] = .init(shape: [1, 1], elements: [1])
    }
    let plain = try Checkpoint(at: Fixture(name: "qwen3-5").folder)
    #expect(try logits(altered.checkpoint()) == logits(plain))
    #expect(try altered.notes() == ["1 tensors are not used: mtp.fc.weight."])
  }

  /// What is not understood is refused by name.
  @Test func unknownFieldsAreRefused() throws {
    func refusal(_ fields: String) throws -> String {
      try #require(AlteredFixture("qwen3-5", fields: fields).refusal())
    }
    #expect(try refusal(#"{"attn_output_gate": false}"#).contains("attn_output_gate"))
    #expect(try refusal(#"{"linear_num_key_heads": 2}"#).contains("linear_num_key_heads"))
    #expect(try refusal(#"{"layer_types": ["mamba", "full_attention"]}"#).contains("layer_types"))
    #expect(try refusal(#"{"linear_conv_bias": true}"#).contains("linear_conv_bias"))
    #expect(
      try refusal(#"{"layer_types": ["full_attention", "full_attention"]}"#).contains(
        "linear_attn"))
  }
}

extension Tangents {
  fileprivate func replacing(_ rows: Matrix<S>) -> Tangents {
    Tangents(strands: strands, rows: rows)
  }
}
