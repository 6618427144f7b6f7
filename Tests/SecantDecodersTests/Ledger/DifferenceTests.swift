import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The exact account of what differs between two runs, on every family.
@Suite struct DifferenceTests {
  /// What only rounding separates, relative to the sum of magnitudes.
  static func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 2e-6 : 1e-12 }

  /// Two runs of one decoder, and what is read off them.
  struct Pair<S: Scalar> {
    let decoder: Decoder<S>
    let a: Linearization<S>
    let b: Linearization<S>
    let readout: Readout<S>

    /// A fixture's prompt, and the same with other tokens from some position on, two positions apart.
    init(
      _ fixture: Fixture, _ rule: GateRule = .up, from changed: Int = 1, holding bytes: Int = .max
    ) throws {
      decoder = try fixture.decoder(S.self)
      let vocabulary = decoder.configuration.vocabularySize
      let tokens = try fixture.reference().tokens()
      let others = tokens.enumerated().map { position, token in
        position >= changed && (position - changed).isMultiple(of: 2)
          ? (token + 3) % vocabulary : token
      }
      a = try decoder.linearize(at: tokens, gate: rule, holding: bytes)
      b = try decoder.linearize(at: others, gate: rule, holding: bytes)
      readout = Readout(
        DifferenceTests.direction(decoder.configuration.width), at: tokens.count - 1)
    }

    /// Runs of two decoders at a fixture's prompt, and the same with other tokens.
    init(_ first: Decoder<S>, _ second: Decoder<S>, _ tokens: [Int], _ rule: GateRule) throws {
      decoder = first
      a = try first.linearize(at: tokens, gate: rule)
      b = try second.linearize(at: tokens, gate: rule)
      readout = Readout(
        DifferenceTests.direction(first.configuration.width), at: tokens.count - 1)
    }

    /// The difference of the outputs of two forward passes.
    var real: Double {
      let w = readout.directions.elements
      func read(_ run: Linearization<S>) -> Double {
        let output = run.output()
        return Kernels.dot(w.span, output.span)
      }
      return read(a) - read(b)
    }

    /// `(p_A - p_B) b_down·y` of an expert's entry at a position, which is no neuron's; 0 of other parts.
    func changeOfBias(in part: Difference.Part, at position: Int) -> Double {
      guard case .gates(let block, let expert?) = part.component else { return 0 }
      let layers = [a, b].map { run in
        run.blocks[block].feedForward.layers.first { $0.expert == expert }
      }
      guard let bias = layers.compactMap({ $0?.down.bias }).first else { return 0 }
      let weights = layers.map { layer in
        layer?.positions?.firstIndex(of: position).flatMap { layer?.routerWeights?[$0] } ?? 0
      }
      let y = a.cotangents(of: readout).feedForward[block].row(position)
      return Double(weights[0] - weights[1]) * Kernels.dot(bias.span, y.span)
    }
  }

  /// All entries are what really changed, in both orders and by every gate rule.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func entriesSumToTheRealDifference(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      for changed in [0, 2] {
        let pair = try Pair<S>(fixture, rule, from: changed)
        let both = pair.a.differences(with: pair.b, of: pair.readout)
        for (account, sign) in [(both.forward, 1.0), (both.reverse, -1)] {
          let bound = Self.rounding(S.self) * account.size
          #expect(abs(account.real - sign * pair.real) <= bound)
          #expect(abs(account.sum - sign * pair.real) <= bound)
          #expect(abs(account.real) > 1e3 * bound, "nothing differs")
          let kinds = Difference.Kind.allCases.reduce(0) { $0 + account.total(of: $1) }
          #expect(abs(kinds - account.sum) <= bound)
          let entries = account.entries.reduce(0) { $0 + $1.value }
          #expect(abs(entries - account.sum) <= bound)
        }
        #expect(both.forward == pair.a.difference(from: pair.b, of: pair.readout))
        #expect(both.reverse == pair.b.difference(from: pair.a, of: pair.readout))
      }
    }
  }

  /// Each step's entries are what swapping the step makes of B's values, carried on under A.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func entriesAreWhatOneSwapMakes(_ fixture: Fixture, _ rule: GateRule) throws {
    let pair = try Pair<Double>(fixture, rule)
    let account = pair.a.difference(from: pair.b, of: pair.readout)
    let bound = Self.rounding(Double.self) * account.size
    let forward = ForwardSwaps(pair)
    for n in pair.a.blocks.indices {
      for (step, expected) in forward.values(inBlock: n) {
        let found = account.parts.filter { part in
          switch part.component {
          case .norm(n, step): true
          case .head(n, _): step == .attention
          case .gates(n, _): step == .feedForward
          case .perLayerGates(n): step == .perLayer
          default: false
          }
        }
        for position in expected.indices {
          let sum = found.reduce(0) { $0 + $1.values[position] }
          #expect(abs(sum - expected[position]) <= bound, "block \(n), \(step) at \(position)")
        }
      }
    }
  }

  /// Wherever the swaps are split in two, either half is what it makes by itself: with all parts from some block
  /// on as in A, and all before it as in B, what is read differs from B's by the entries of the former.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func everySplitOfTheSwapsSumsAlike(_ fixture: Fixture, _ rule: GateRule) throws {
    let pair = try Pair<Double>(fixture, rule)
    let account = pair.a.difference(from: pair.b, of: pair.readout)
    let bound = Self.rounding(Double.self) * account.size
    let forward = ForwardSwaps(pair)
    let (whole, none) = (forward.hybrid(from: 0), pair.b.output())
    let w = pair.readout.directions.elements
    for n in 0...pair.a.blocks.count {
      let hybrid = forward.hybrid(from: n)
      let later = account.parts.filter { part in
        part.component == .finalNorm || part.component.block.map { $0 >= n } == true
      }
      let entries = later.reduce(0) { $0 + $1.sum }
      let found = Kernels.dot(w.span, hybrid.span) - Kernels.dot(w.span, none.span)
      #expect(abs(found - entries) <= bound, "split before block \(n)")
    }
    let content = account.total(of: .content)
    let output = pair.a.output()
    let rest = Kernels.dot(w.span, output.span) - Kernels.dot(w.span, whole.span)
    #expect(abs(rest - content) <= bound)
  }

  /// What did not change is exactly zero: positions before the first that differs, and all of equal runs.
  @Test(arguments: Fixture.all)
  func unchangedPartsAreZero(_ fixture: Fixture) throws {
    let changed = 2
    let pair = try Pair<Float>(fixture, from: changed)
    let both = pair.a.differences(with: pair.b, of: pair.readout)
    for part in both.forward.parts + both.reverse.parts {
      #expect(part.values.prefix(changed).allSatisfy { $0 == 0 })
    }
    #expect(both.forward.entries.allSatisfy { $0.position >= changed && $0.value != 0 })
    let alone = pair.a.differences(with: pair.a, of: pair.readout)
    #expect(alone.forward.real == 0 && alone.forward.sum == 0 && alone.forward.entries.isEmpty)
    let early = Readout(pair.readout.directions.elements, at: changed - 1)
    #expect(pair.a.difference(from: pair.b, of: early).entries.isEmpty)
  }

  /// Exchanging both runs changes the sign of the mean; with the spread it makes both accounts.
  @Test(arguments: Fixture.all)
  func theMeanIsAntisymmetric(_ fixture: Fixture) throws {
    let pair = try Pair<Double>(fixture)
    let both = pair.a.differences(with: pair.b, of: pair.readout)
    let exchanged = pair.b.differences(with: pair.a, of: pair.readout)
    #expect(both.forward == exchanged.reverse && both.reverse == exchanged.forward)
    let bound = Self.rounding(Double.self) * both.forward.size
    #expect(abs(both.mean.sum - pair.real) <= bound && abs(both.spread.sum) <= bound)
    #expect(both.spread == exchanged.spread)
    // The heads of delta networks have no keys and queries to divide.
    let first = try #require(pair.a.blocks.firstIndex { $0.attention.pattern.attention != nil })
    let named = (0...first).map { Difference.Detail.Head(block: $0, head: 0) }
    let split = pair.a.differences(
      with: pair.b, of: pair.readout, detail: .init(splitPatterns: Set(named))
    ).mean.parts.filter { $0.sides != nil }
    #expect(split.map(\.component) == [.head(block: first, 0)])
    for part in split {
      for position in part.values.indices {
        let sum = part.sides.map { $0.mean.keys[position] + $0.mean.queries[position] }
        #expect(abs((sum ?? .nan) - part.values[position]) <= bound)
      }
    }
    for (n, part) in both.mean.parts.enumerated() {
      let (other, spread) = (exchanged.mean.parts[n], both.spread.parts[n])
      #expect(part.values.map { -$0 } == other.values)
      for position in part.values.indices {
        let (value, rest) = (part.values[position], spread.values[position])
        #expect(abs(value + rest - both.forward.parts[n].values[position]) <= bound)
        #expect(abs(rest - value - both.reverse.parts[n].values[position]) <= bound)
      }
    }
  }

  /// Sources and neurons divide their entries, keys and queries their heads in either order, and the largest terms
  /// are the first of all.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func termsSumToTheirEntries(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let pair = try Pair<S>(fixture, rule)
      let head = Difference.Detail.Head(block: pair.a.blocks.count - 1, head: 0)
      let whole = pair.a.difference(
        from: pair.b, of: pair.readout, detail: .init(terms: .max, splitPatterns: [head]))
      let few = pair.a.difference(from: pair.b, of: pair.readout, detail: .init(terms: 2))
      let bound = Self.rounding(S.self) * whole.size
      var divided = 0
      for (part, short) in zip(whole.parts, few.parts) {
        #expect(part.values == short.values && part.component == short.component)
        for (position, terms) in part.terms.enumerated() {
          let sum = terms.reduce(0) { $0 + $1.value } + pair.changeOfBias(in: part, at: position)
          #expect(abs(sum - part.values[position]) <= bound)
          #expect(Set(terms.map(\.index)).count == terms.count)
          #expect(short.terms[position].map(\.value) == terms.prefix(2).map(\.value))
          divided += terms.count
        }
        guard case .head(head.block, head.head) = part.component else {
          #expect(part.sides == nil)
          continue
        }
        let sides = try #require(part.sides)
        for division in [sides.keysFirst, sides.queriesFirst] {
          for position in part.values.indices {
            let sum = division.keys[position] + division.queries[position]
            #expect(abs(sum - part.values[position]) <= bound)
          }
        }
        #expect(sides.keysFirst != sides.queriesFirst)
        for position in part.values.indices {
          let sum = sides.mean.keys[position] + sides.mean.queries[position]
          #expect(abs(sum - part.values[position]) <= bound)
        }
      }
      #expect(divided > 0)
    }
  }

  /// A term is what its source or neuron makes by itself.
  @Test(
    arguments: [
      "llama-biases", "llama-gqa-6-2", "mistral-window", "gemma2-new", "qwen2-sliding",
      "olmo2-plain",
    ].map(Fixture.init), GateRule.allCases)
  func termsAreWhatTheirPartsMake(_ fixture: Fixture, _ rule: GateRule) throws {
    let pair = try Pair<Double>(fixture, rule)
    let account = pair.a.difference(from: pair.b, of: pair.readout, detail: .init(terms: 4))
    let forward = ForwardSwaps(pair)
    let bound = Self.rounding(Double.self) * account.size
    for part in account.parts {
      for (position, terms) in part.terms.enumerated() {
        for term in terms {
          let expected = forward.term(part.component, at: position, term.index)
          #expect(abs(term.value - expected) <= bound, "\(part.component), \(term.index)")
        }
      }
    }
  }

  /// Blocks that are frozen anew give the same bits as blocks that are held.
  @Test(arguments: Fixture.all)
  func blocksNeedNotBeHeld(_ fixture: Fixture) throws {
    let (held, anew) = (try Pair<Float>(fixture), try Pair<Float>(fixture, holding: 0))
    let detail = Difference.Detail(terms: 3)
    #expect(
      held.a.differences(with: held.b, of: held.readout, detail: detail)
        == anew.a.differences(with: anew.b, of: anew.readout, detail: detail))
  }

  /// A readout of several positions, some before the first change, and one at a block's stream.
  @Test(arguments: Fixture.all)
  func readoutsAddUpAndMayLieAnywhere(_ fixture: Fixture) throws {
    let pair = try Pair<Double>(fixture, from: 2)
    let (count, width) = (pair.a.tokens.count, pair.a.input.columns)
    let rows = (0..<count).map { row -> [Double] in
      Self.direction(width, seed: UInt64(70 + row))
    }
    for site in [Site.output, .block(0, .residual)] {
      let whole = pair.a.difference(
        from: pair.b, of: Readout(Matrix(rows: rows), at: 0..<count), to: site)
      let parts = rows.enumerated().map { position, row in
        pair.a.difference(from: pair.b, of: Readout(row, at: position), to: site)
      }
      let bound = Self.rounding(Double.self) * parts.reduce(0) { $0 + $1.size }
      let real = rows.enumerated().reduce(0.0) { sum, row in
        let first = pair.a.output(at: site, position: row.offset)
        let second = pair.b.output(at: site, position: row.offset)
        let w = row.element
        return sum + Kernels.dot(w.span, first.span) - Kernels.dot(w.span, second.span)
      }
      #expect(abs(whole.sum - real) <= bound && abs(whole.real - real) <= bound)
      for part in whole.parts {
        let sum = parts.reduce(0.0) { sum, account in
          sum + (account.parts.first { $0.component == part.component }?.sum ?? 0)
        }
        #expect(abs(part.sum - sum) <= bound)
      }
    }
  }

  /// Random numbers from a seed.
  static func direction<S: Scalar>(_ width: Int, seed: UInt64 = 51) -> [S] {
    var generator = SeededGenerator(seed: seed)
    return (0..<width).map { _ in S(Double.random(in: -1...1, using: &generator)) }
  }
}
