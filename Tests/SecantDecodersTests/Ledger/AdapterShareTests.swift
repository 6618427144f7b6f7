import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The shares of an adapter's modules: they sum to the readout, and each is what putting its module in place makes.
///
/// The models and the adapters are tiny and random: nothing here shows what a share says of a trained adapter.
@Suite struct AdapterShareTests {
  /// One fixture of each way in which projections are stored and connected.
  static let fixtures = [
    "llama-biases", "llama-gqa-6-2", "gemma2-new", "qwen3-moe", "olmo2-biases", "phi3-grouped",
    "granite", "gpt2", "gpt-neox", "gpt-neox-sequential", "qwen3-next", "qwen3-5-moe",
    "gpt-oss-old", "gemma4", "gemma4-moe", "gemma4-e2b",
  ].map(Fixture.init)

  /// What only rounding separates, relative to the sum of magnitudes.
  private static func rounding<S: Scalar>(_: S.Type) -> Double {
    S.self == Float.self ? 1e-6 : 1e-13
  }

  private static func size(_ shares: AdapterShares) -> Double {
    let modules = shares.modules.reduce(0.0) { $1.values.reduce($0) { $0 + abs($1) } }
    return shares.tokens.reduce(modules + abs(shares.bias)) { $0 + abs($1) }
  }

  private static func direction<S: Scalar>(_ width: Int) -> [S] {
    var generator = SeededGenerator(seed: 62)
    return (0..<width).map { _ in S(Double.random(in: -1...1, using: &generator)) }
  }

  @Test(arguments: fixtures, GateRule.allCases)
  func modulesAndBaseWeightsSumToTheReadout(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let plain = try Checkpoint(at: fixture.folder)
      let adapter = try AdapterFolder(of: plain)
      let decoder = try Decoder<S>(adapter.applied(to: plain))
      #expect(decoder.isAdapted && adapter.count > 0)
      let frozen = try decoder.linearize(at: fixture.reference().tokens(), gate: rule)
      let w: [S] = Self.direction(decoder.configuration.width)
      let p = frozen.tokens.count - 1
      let shares = frozen.adapterShares(of: Readout(w, at: p))
      let bound = Self.rounding(S.self) * Self.size(shares)
      let output = Kernels.dot(w.span, frozen.output().span)
      #expect(abs(shares.sum - output) <= bound, "\(S.self)")
      #expect(shares.modules.allSatisfy { $0.sum != 0 && $0.values.count == p + 1 })
      // In the order in which data passes them, and none that only acts inside what is frozen.
      let order = shares.modules.map(\.block)
      #expect(order == order.sorted() && Set(order) == Set(decoder.blocks.indices))
      let path: [ProjectionKind] = [
        .value, .output, .gate, .up, .down, .perLayerGate, .perLayerOutput,
      ]
      #expect(shares.modules.allSatisfy { path.contains($0.kind) })
      let owners = decoder.configuration.blocks.indices.filter {
        decoder.configuration.blocks[$0].keyValueSource == nil
      }
      for (kind, blocks) in [(ProjectionKind.query, Array(decoder.blocks.indices)), (.key, owners)]
      {
        #expect(shares.frozen.first { $0.kind == kind }?.blocks == blocks)
      }
      #expect(!shares.frozen.contains { $0.kind == .value })
      let values = shares.modules.filter { $0.kind == .value }.map(\.block)
      #expect(values == owners)
      let branches = decoder.configuration.hasPerLayerInputs ? decoder.blocks.count : 0
      for kind in [ProjectionKind.perLayerGate, .perLayerOutput] {
        #expect(shares.modules.count { $0.kind == kind } == branches)
      }
      // An earlier site, and blocks that are frozen anew.
      let frugal = try decoder.linearize(at: frozen.tokens, gate: rule, holding: 0)
      #expect(frugal.adapterShares(of: Readout(w, at: p)) == shares)
      let site = Site.block(0, .residual)
      let early = frozen.adapterShares(of: Readout(w, at: 1), to: site)
      let value = Kernels.dot(w.span, frozen.output(at: site, position: 1).span)
      #expect(abs(early.sum - value) <= Self.rounding(S.self) * Self.size(early))
      #expect(Set(early.modules.map(\.block)) == [0] && early.tokens.count == 2)
    }
  }

  /// Weights replaced one module after the other, with the factors frozen: forward, from the decoder's parts.
  @Test(arguments: fixtures, GateRule.allCases)
  func aShareIsWhatPuttingItsModuleInPlaceMakes(_ fixture: Fixture, _ rule: GateRule) throws {
    let plain = try Checkpoint(at: fixture.folder)
    let adapter = try AdapterFolder(of: plain)
    let base = try Decoder<Double>(plain)
    let decoder = try Decoder<Double>(adapter.applied(to: plain))
    let frozen = try decoder.linearize(at: fixture.reference().tokens(), gate: rule)
    let w: [Double] = Self.direction(decoder.configuration.width)
    let p = frozen.tokens.count - 1
    let shares = frozen.adapterShares(of: Readout(w, at: p))
    let bound = Self.rounding(Double.self) * Self.size(shares)
    var before = MixedRun(frozen, base: base) { _, _, _ in false }.readout(w, at: p)
    #expect(abs(before - shares.base) <= bound)
    var done: Set<[Int?]> = []
    for module in shares.modules {
      func key(_ block: Int, _ kind: ProjectionKind, _ expert: Int?) -> [Int?] {
        [block, ProjectionKind.allCases.firstIndex(of: kind), expert]
      }
      done.insert(key(module.block, module.kind, module.expert))
      let after = MixedRun(frozen, base: base) { done.contains(key($0, $1, $2)) }
        .readout(w, at: p)
      #expect(
        abs(after - before - module.sum) <= bound,
        "block \(module.block), \(module.kind), expert \(module.expert ?? -1)")
      before = after
    }
    #expect(abs(before - Kernels.dot(w.span, frozen.output().span)) <= bound)
  }

  @Test func anAdapterOfZerosGivesNothing() throws {
    let fixture = Fixture(name: "llama-biases")
    let plain = try Checkpoint(at: fixture.folder)
    let adapter = try AdapterFolder(of: plain, size: 0)
    let frozen = try Decoder<Double>(adapter.applied(to: plain))
      .linearize(at: fixture.reference().tokens())
    let readout = Readout<Double>(Self.direction(frozen.input.columns), at: 2)
    let shares = frozen.adapterShares(of: readout)
    #expect(!shares.modules.isEmpty)
    #expect(shares.modules.allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    // The same account as that of the model without the adapter.
    let bare = try Decoder<Double>(plain).linearize(at: frozen.tokens).adapterShares(of: readout)
    #expect(bare.modules.isEmpty && bare.frozen.isEmpty)
    #expect(bare.tokens == shares.tokens && bare.bias == shares.bias)
  }

  /// Adapters of queries and keys alone have no share, and are named.
  @Test func whatActsInsidePatternsHasNoShare() throws {
    let fixture = Fixture(name: "llama-biases")
    let plain = try Checkpoint(at: fixture.folder)
    let adapter = try AdapterFolder(of: plain) {
      $0.hasSuffix(".q_proj") || $0.hasSuffix(".0.mlp.gate_proj")
    }
    let decoder = try Decoder<Double>(adapter.applied(to: plain))
    let w: [Double] = Self.direction(decoder.configuration.width)
    let tokens = try fixture.reference().tokens()
    for rule in GateRule.allCases {
      let frozen = try decoder.linearize(at: tokens, gate: rule)
      let shares = frozen.adapterShares(of: Readout(w, at: tokens.count - 1))
      let bound = Self.rounding(Double.self) * Self.size(shares)
      #expect(abs(shares.sum - Kernels.dot(w.span, frozen.output().span)) <= bound)
      let kinds: [ProjectionKind] = rule == .up ? [.query, .gate] : [.query]
      #expect(shares.frozen.map(\.kind) == kinds)
      #expect(shares.frozen.first?.blocks == Array(decoder.blocks.indices))
      #expect(rule == .up ? shares.frozen.last?.blocks == [0] : true)
      #expect(shares.modules.map(\.kind) == (rule == .up ? [] : [.gate]))
    }
  }

  /// The sum is what PEFT's own merged model reads, in float64.
  @Test(arguments: [
    ("llama-biases", "llama-biases"), ("gpt2", "gpt2"), ("gpt-neox-stabilized", "gpt-neox"),
  ])
  func theSumIsTheMergedModelsLogit(_ name: String, _ base: String) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let folder = Repository.folder.appending(path: "Tests/Fixtures/adapters/\(name)")
      let decoder = try Decoder<S>(
        Checkpoint(at: Fixture(name: base).folder).adapted(by: LowRankAdapter(at: folder)))
      let merged = Fixture.Reference(
        file: try SafetensorsFile(at: folder.appending(path: "merged.safetensors")))
      let frozen = try decoder.linearize(at: merged.tokens())
      let last = frozen.tokens.count - 1
      let logits = try merged.values("logits_all").suffix(decoder.configuration.vocabularySize)
      for token in [3, 11, 30] {
        let shares = frozen.adapterShares(
          of: Readout(decoder.unembedding.direction(of: token), at: last))
        let expected = logits[logits.startIndex + token]
        #expect(abs(shares.sum - expected) <= 10 * Self.rounding(S.self) * Self.size(shares))
        #expect(shares.modules.count >= decoder.blocks.count)
      }
    }
  }
}

/// A stream carried through frozen factors, each module with its adapter or without.
private struct MixedRun {
  let frozen: Linearization<Double>
  let base: Decoder<Double>
  /// Whether a module of a block, or of an expert, has its adapter.
  let isAdapted: (Int, ProjectionKind, Int?) -> Bool

  init(
    _ frozen: Linearization<Double>, base: Decoder<Double>,
    isAdapted: @escaping (Int, ProjectionKind, Int?) -> Bool
  ) {
    (self.frozen, self.base, self.isAdapted) = (frozen, base, isAdapted)
  }

  /// w·y at a position.
  func readout(_ w: [Double], at position: Int) -> Double {
    var stream = frozen.input
    var given: [Int: Matrix<Double>] = [:]
    for (n, block) in frozen.blocks.enumerated() {
      stream = block.walk.forward(stream) { step, x in
        switch step {
        case .attention: attention(n, block, x, &given)
        case .feedForward: feedForward(n, block, x)
        case .perLayer: perLayer(n, block, x)
        case .streamFactor:
          block.apply(step, to: Tangents(stream: x), positions: 0..<x.rows).rows
        default: block.scale(step)?.apply(Tangents(stream: x)).rows ?? x
        }
      } add: {
        $0 + $1
      }
    }
    let last = frozen.stream(after: frozen.blocks.count - 1)
    var output = frozen.finalNormMap(at: last).apply(Tangents(stream: stream)).rows.row(position)
    if let bias = frozen.finalNorm.bias { output = zip(output, bias).map(+) }
    return Kernels.dot(w.span, output.span)
  }

  private func attention(
    _ n: Int, _ block: FrozenBlock<Double>, _ x: Matrix<Double>,
    _ given: inout [Int: Matrix<Double>]
  ) -> Matrix<Double> {
    let (own, plain) = (block.attention, base.blocks[n].attention)
    let value = isAdapted(n, .value, nil) ? own.value : plain.value
    let output = isAdapted(n, .output, nil) ? own.output : plain.output
    var source = n
    if case .taken(let block) = own.role { source = block } else { given[n] = value.forward(x) }
    let values = given[source] ?? x
    let mixed = own.mixing(positions: 0..<x.rows).apply(Tangents(stream: values)).rows
    return output.forward(mixed)
  }

  private func perLayer(
    _ n: Int, _ block: FrozenBlock<Double>, _ x: Matrix<Double>
  ) -> Matrix<Double> {
    guard let layer = block.perLayer?.layers[0], let plain = base.blocks[n].perLayer else {
      return x
    }
    let gate = isAdapted(n, .perLayerGate, nil) ? layer.branches[0].projection : plain.gate
    let output = isAdapted(n, .perLayerOutput, nil) ? layer.down : plain.output
    var hidden = gate.forward(x)
    Kernels.multiply(&hidden.elements, by: layer.branches[0].coefficients.elements)
    return output.forward(hidden)
  }

  private func feedForward(
    _ n: Int, _ block: FrozenBlock<Double>, _ x: Matrix<Double>
  ) -> Matrix<Double> {
    var result = Matrix<Double>.zero(rows: x.rows, columns: x.columns)
    for layer in block.feedForward.layers {
      let plain = plainProjections(n, layer.expert)
      for (row, position) in (layer.positions ?? Array(0..<x.rows)).enumerated() {
        var hidden = layer.constants?.rows(row..<row + 1)
        for branch in layer.branches {
          let isOwn = isAdapted(n, branch.kind, layer.expert)
          let projection = isOwn ? branch.projection : plain[branch.kind] ?? branch.projection
          var part = projection.forward(x.rows(position..<position + 1))
          Kernels.multiply(&part.elements, by: branch.coefficients.rows(row..<row + 1).elements)
          hidden = hidden.map { $0 + part } ?? part
        }
        let down = isAdapted(n, .down, layer.expert) ? layer.down : plain[.down] ?? layer.down
        guard let hidden else { continue }
        var image = down.weight.multiply(hidden)
        if let bias = down.bias {
          image += (layer.routerWeights?[row] ?? 1) * Matrix(row: bias)
        }
        for column in 0..<x.columns { result[position, column] += image[0, column] }
      }
    }
    return result
  }

  /// The projections of the model without the adapter.
  private func plainProjections(
    _ n: Int, _ expert: Int?
  ) -> [ProjectionKind: Projection<Double>] {
    switch base.blocks[n].feedForward {
    case let layer as PlainFeedForward<Double>: [.up: layer.up, .down: layer.down]
    case let layer as GatedFeedForward<Double>: Self.parts(layer)
    case let layer as MixtureOfExperts<Double>:
      Self.parts((layer.experts + [layer.shared?.expert].compactMap(\.self))[expert ?? 0])
    case let layer as DenseBesideExperts<Double>: Self.parts(layer, expert ?? 0)
    default: [:]
    }
  }

  /// Those of an expert, or of the dense layer behind the last, each with the weight of the norm behind it.
  private static func parts(
    _ layer: DenseBesideExperts<Double>, _ expert: Int
  ) -> [ProjectionKind: Projection<Double>] {
    let isDense = expert == layer.mixture.experts.count
    let norm = isDense ? layer.denseNorm : layer.mixtureNorm
    var result = parts(isDense ? layer.dense : layer.mixture.experts[expert])
    result[.down] = result[.down].map {
      Projection(weight: $0.weight.scalingRows(by: norm.weight), bias: nil)
    }
    return result
  }

  private static func parts(
    _ layer: GatedFeedForward<Double>
  ) -> [ProjectionKind: Projection<Double>] {
    [.up: layer.up, .gate: layer.gate, .down: layer.down]
  }
}
