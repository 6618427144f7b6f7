import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Runs that share what is alike are real forward passes, on every family.
@Suite struct ChangedRunTests {
  /// What only rounding separates, relative to the norm of an output.
  static func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 2e-5 : 1e-12 }

  struct Subject<S: Scalar> {
    let decoder: Decoder<S>
    let tokens: [Int]
    let others: [Int]
    var input: Matrix<S> { decoder.embedding.vectors(of: tokens) }
    /// What per-layer inputs take of the other tokens.
    var otherParts: [Int: TokenPart<S>] {
      Dictionary(uniqueKeysWithValues: others.enumerated().map { ($0, TokenPart($1)) })
    }

    init(_ fixture: Fixture) throws {
      decoder = try fixture.decoder(S.self)
      tokens = try fixture.reference().tokens()
      let vocabulary = decoder.configuration.vocabularySize
      others = tokens.map { ($0 + 3) % vocabulary }
    }

    /// The output of an ordinary forward pass at a position of the whole prompt.
    func output(
      of decoder: Decoder<S>, _ tokens: [Int], at position: Int? = nil,
      _ intervention: Intervention<S>? = nil
    ) throws -> [S] {
      var cache = KeyValueCache<S>(decoder.configuration)
      let all = try decoder.forward(tokens, cache: &cache, intervention: intervention)
      return all.row(position ?? all.rows - 1)
    }
  }

  private func expect<S: Scalar>(
    _ found: [S], _ expected: [S], _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = relativeError(found, expected.map(Double.init))
    #expect(error <= Self.rounding(S.self), comment, sourceLocation: sourceLocation)
  }

  /// A token that is replaced, or hidden from all later ones, changes the output as in a pass of its own.
  @Test(arguments: Fixture.all)
  func aChangedTokenIsAPassOfItsOwn(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let subject = try Subject<S>(fixture)
      let (decoder, tokens) = (subject.decoder, subject.tokens)
      let others = decoder.embedding.vectors(of: subject.others)
      for position in [tokens.count - 1, tokens.count - 2] {
        let runs = ChangedRuns(
          of: decoder, tokens: tokens, entering: subject.input, position: position)
        let canHide = !decoder.configuration.hasDeltaNetworks
        let changes = tokens.indices.flatMap { token -> [RunChange<S>] in
          let replaced = RunChange(
            vectors: [token: others.row(token)],
            tokenParts: [token: TokenPart(subject.others[token])])
          var hiding = replaced
          hiding.hidden = [0]
          return [replaced] + (canHide ? [RunChange(hidden: [token]), hiding] : [])
        }
        let found = runs.outputs(of: changes)
        let plain = try subject.output(of: decoder, tokens, at: position)
        expect(found.unchanged, plain, "nothing changed")
        for token in tokens.indices {
          var replaced = tokens
          replaced[token] = subject.others[token]
          var expected = [try subject.output(of: decoder, replaced, at: position)]
          if canHide {
            expected += try [
              subject.output(of: decoder.hiding([token]), tokens, at: position),
              subject.output(of: decoder.hiding([0]), replaced, at: position),
            ]
          }
          let each = expected.count
          for (index, expected) in expected.enumerated() {
            expect(found.changed.row(each * token + index), expected, "token \(token), \(index)")
          }
          if token == position - 1 {
            let replaced = found.changed.row(each * token)
            #expect(relativeError(replaced, plain.map(Double.init)) > 1e-4, "nothing differs")
          }
        }
        let few = runs.outputs(of: changes, rows: 1)
        expect(few.changed.elements, found.changed.elements, "one run at a time")
      }
    }
  }

  /// A hidden position has probability zero for later queries, and theirs are divided among the others.
  @Test(arguments: Fixture.withAttentionAlone)
  func hidingDividesProbabilitiesAmongTheOthers(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let tokens = subject.tokens
    let all = 0..<tokens.count
    let (a, b) = try (
      subject.decoder.linearize(at: tokens), subject.decoder.hiding([1]).linearize(at: tokens)
    )
    // The first block is given the same in both runs.
    let (whole, hidden) = (a.blocks[0].attention.pattern, b.blocks[0].attention.pattern)
    for head in 0..<whole.queryHeads {
      let p = whole.coefficients(head: head, positions: all)
      let q = hidden.coefficients(head: head, positions: all)
      for query in all {
        let left = query > 1 ? p[query, 1] : 0
        for key in all {
          let expected = query > 1 && key == 1 ? 0 : p[query, key]
          #expect(abs(q[query, key] * (1 - left) - expected) <= 1e-14)
        }
      }
    }
  }

  /// A component of which a factor is kept changes the output as when the rest of its part is taken from the
  /// stream.
  @Test(arguments: Fixture.all, [0, 0.5, 2])
  func aScaledComponentIsTakenAway(_ fixture: Fixture, _ factor: Double) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let subject = try Subject<S>(fixture)
      let (decoder, tokens) = (subject.decoder, subject.tokens)
      let run = try decoder.linearize(at: tokens)
      let gave = run.componentOutputs(before: tokens.count)
      let n = decoder.blocks.count - 1
      let block = decoder.blocks[n]
      let width = block.attention.headWidth
      var heads = gave.heads[n]
      for row in 0..<heads.rows {
        for column in 0..<width { heads[row, column] *= S(factor) }
      }
      let entering = n == 0 ? run.input : run.stream(after: n - 1)
      let kept = (block.streamFactor ?? 1) * entering
      func sum(_ attended: Matrix<S>, feeding kept: S) -> Matrix<S> {
        let middle = entering + (block.attentionPostNorm?.forward(attended) ?? attended)
        let read = block.walk == .parallel ? entering : middle
        let fed = block.feedForward.forward(block.feedForwardNorm?.forward(read) ?? read)
        return middle + kept * (block.feedForwardPostNorm?.forward(fed) ?? fed)
      }
      /// The branch of per-layer inputs, whose vector p follows from its frozen coefficients p·act(u)/u.
      func branch(_ x: Matrix<S>) -> Matrix<S>? {
        guard let layer = run.blocks[n].perLayer?.layers[0] else { return nil }
        let frozen = layer.branches[0]
        let activation = decoder.configuration.activation
        let was = frozen.projection.forward(sum(run.blocks[n].values.attention, feeding: 1))
        var hidden = activation(frozen.projection.forward(x)).elements
        for (index, act) in activation(was).elements.enumerated() {
          hidden[index] *= frozen.coefficients.elements[index] * was.elements[index] / act
        }
        let output = layer.down.forward(
          Matrix(rows: x.rows, columns: was.columns, elements: hidden))
        return block.perLayerPostNorm?.forward(output)
      }
      func after(_ attended: Matrix<S>, feeding kept: S) -> Matrix<S> {
        let sum = sum(attended, feeding: kept)
        return (block.streamFactor ?? 1) * (branch(sum).map { sum + kept * $0 } ?? sum)
      }
      let streams = [
        after(block.attention.output.forward(heads), feeding: 1),
        after(run.blocks[n].values.attention, feeding: S(factor)),
        kept + S(factor) * (run.stream(after: n) - kept),
      ]
      let found = ChangedRuns(
        of: decoder, tokens: tokens, entering: subject.input
      ).outputs(of: [
        RunChange(held: [.head(block: n, 0): .scaled(by: S(factor))]),
        RunChange(held: [.feedForward(block: n): .scaled(by: S(factor))]),
        RunChange(held: [.block(n): .scaled(by: S(factor))]),
      ])
      for (index, stream) in streams.enumerated() {
        let expected = try subject.output(
          of: decoder, tokens, Intervention(after: n) { _, _ in stream })
        expect(found.changed.row(index), expected, "component \(index)")
        #expect(relativeError(expected, found.unchanged.map(Double.init)) > 1e-5)
      }
    }
  }

  /// With the vectors and what every block adds of another run, the output is that run's.
  @Test(arguments: Fixture.all)
  func blocksOfAnotherRunAreThatRun(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let other = subject.decoder.embedding.vectors(of: subject.others)
    let vectors = Dictionary(
      uniqueKeysWithValues: (0..<other.rows).map { ($0, other.row($0)) })
    let blocks = subject.decoder.blocks.indices.map { RunChange<Double>.Component.block($0) }
    let found = ChangedRuns(
      of: subject.decoder, tokens: subject.tokens, entering: subject.input,
      otherTokens: subject.others, other: other
    ).outputs(
      of: [
        RunChange(
          vectors: vectors, tokenParts: subject.otherParts,
          held: Dictionary(uniqueKeysWithValues: blocks.map { ($0, .other) })),
        RunChange(held: Dictionary(uniqueKeysWithValues: blocks.map { ($0, .scaled(by: 0)) })),
      ])
    let expected = try subject.output(of: subject.decoder, subject.others)
    expect(found.changed.row(0), expected, "all blocks and vectors")
    // What is left is the vector, times the numbers by which blocks multiply the stream.
    let factor = subject.decoder.blocks.reduce(1) { $0 * ($1.streamFactor ?? 1) }
    let last = factor * Matrix(row: subject.input.row(subject.input.rows - 1))
    expect(found.changed.row(1), subject.decoder.finalNorm.forward(last).row(0), "no block")
  }

  /// With every component and every vector of another run, the output is that run's.
  @Test(arguments: Fixture.all)
  func everythingOfAnotherRunIsThatRun(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let decoder = subject.decoder
    let other = decoder.embedding.vectors(of: subject.others)
    var held: [RunChange<Double>.Component: RunChange<Double>.HeldOutput] = [:]
    for (n, block) in decoder.blocks.enumerated() {
      held[.feedForward(block: n)] = .other
      let heads = block.attention.output.weight.inputWidth / block.attention.headWidth
      for head in 0..<heads { held[.head(block: n, head)] = .other }
    }
    let vectors = Dictionary(
      uniqueKeysWithValues: (0..<other.rows).map { ($0, other.row($0)) })
    let found = ChangedRuns(
      of: decoder, tokens: subject.tokens, entering: subject.input, otherTokens: subject.others,
      other: other
    ).outputs(of: [
      RunChange(vectors: vectors, tokenParts: subject.otherParts, held: held),
      RunChange(vectors: vectors, tokenParts: subject.otherParts), RunChange(),
    ])
    let expected = try subject.output(of: decoder, subject.others)
    expect(found.changed.row(0), expected, "all components and vectors")
    expect(found.changed.row(1), expected, "all vectors")
    #expect(found.changed.row(2) == found.unchanged)
  }

  /// Runs may be read in a block.
  @Test(arguments: Fixture.all)
  func runsMayBeReadAnywhere(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let others = subject.decoder.embedding.vectors(of: subject.others)
    var input = subject.input
    for column in 0..<input.columns { input[1, column] = others[1, column] }
    let expected = try subject.decoder.linearize(at: subject.tokens, entering: input)
    for place in Site.BlockSite.allCases {
      let found = ChangedRuns(
        of: subject.decoder, tokens: subject.tokens, entering: subject.input,
        to: .block(0, place), position: 2
      ).outputs(of: [RunChange(vectors: [1: others.row(1)])])
      expect(
        found.changed.row(0), expected.output(at: .block(0, place), position: 2), "\(place)")
    }
  }

  /// What is asked of components, times what they gave, is what passes through them.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func cotangentsGiveWhatPassesThrough(_ fixture: Fixture, _ rule: GateRule) throws {
    let subject = try Subject<Double>(fixture)
    let run = try subject.decoder.linearize(at: subject.tokens, gate: rule)
    let count = subject.tokens.count
    var generator = SeededGenerator(seed: 5)
    let w = (0..<run.input.columns).map { _ in Double.random(in: -1...1, using: &generator) }
    let readout = Readout(w, at: count - 1)
    let products = run.cotangents(of: readout).products(run.componentOutputs(before: count))
    let ledger = run.ledger(of: readout)
    let bound = 1e-11 * (1 + ledger.tokens.reduce(0) { $0 + abs($1) })
    for (found, expected) in zip(products.tokens, ledger.tokens) {
      #expect(abs(found - expected) <= bound)
    }
    // The ledger leaves biases out of what heads gave.
    let hasBias = subject.decoder.blocks[0].attention.value.bias != nil
    for (n, block) in ledger.blocks.enumerated() where !hasBias {
      for (found, head) in zip(products.heads[n], block.heads) {
        #expect(abs(found - head.entry.through.reduce(0, +)) <= bound)
      }
    }
    let differential = try subject.decoder.differentiate(at: subject.tokens)
    let asked = differential.cotangents(of: readout).input
    let rows = differential.jacobians().applyAdjointToAll(Matrix(row: w))
    for (token, row) in rows.enumerated() {
      #expect(relativeError(asked.row(token), row.elements) <= 1e-11)
    }
  }

  /// Gradients of several runs together are those of each run's differential.
  @Test(arguments: Fixture.readingTheStreamAlone)
  func gradientsTogetherAreThoseOfEachRun(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let count = subject.tokens.count
    let (first, second) = (subject.input, subject.decoder.embedding.vectors(of: subject.others))
    let inputs = [first, second, 0.5 * first + 0.5 * second]
    var generator = SeededGenerator(seed: 6)
    let rows = (0..<2).map { _ in
      first.row(0).map { _ in Double.random(in: -1...1, using: &generator) }
    }
    for readout in [
      Readout(rows[0], at: count - 1), Readout(Matrix(rows: rows), at: count - 3..<count - 1),
    ] {
      let found = subject.decoder.gradients(of: readout, entering: inputs)
      #expect(found.count == inputs.count)
      for (input, gradient) in zip(inputs, found) {
        let run = try subject.decoder.differentiate(at: subject.tokens, entering: input)
        let expected = run.cotangents(of: readout)
        let pairs =
          [(gradient.cotangents.input, expected.input)]
          + zip(gradient.cotangents.heads, expected.heads)
          + zip(gradient.cotangents.feedForward, expected.feedForward)
        #expect(pairs.count == 1 + 2 * subject.decoder.blocks.count)
        let size = expected.input.norm
        for (a, b) in pairs {
          #expect(a.rows == b.rows && (a - b).norm <= 1e-11 * (size + b.norm))
        }
        let value = readout.positions.enumerated().reduce(0.0) { sum, place in
          let output = run.output(position: place.element)
          let w = readout.directions.row(place.offset)
          return sum + Kernels.dot(w.span, output.span)
        }
        #expect(abs(gradient.value - value) <= 1e-11 * (1 + abs(value)))
      }
    }
  }

  /// Where another run begins like the prompt, runs that hold its components begin where it differs.
  @Test(arguments: Fixture.all)
  func heldRunsBeginWhereTheOtherOneDiffers(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let (decoder, first) = (subject.decoder, 2)
    let others = Array(subject.tokens.prefix(first) + subject.others.dropFirst(first))
    let other = decoder.embedding.vectors(of: others)
    var held: [RunChange<Double>.Component: RunChange<Double>.HeldOutput] = [:]
    for n in decoder.blocks.indices { held[.feedForward(block: n)] = .other }
    let late = RunChange(held: held)
    // The same run from position 0 on: a vector is put in the place of itself.
    let early = RunChange(vectors: [0: subject.input.row(0)], held: held)
    let runs = ChangedRuns(
      of: decoder, tokens: subject.tokens, entering: subject.input, otherTokens: others,
      other: other)
    let count = subject.tokens.count
    #expect(runs.passed(by: [late]) == count - first && runs.passed(by: [early]) == count)
    let found = runs.outputs(of: [late, early]).changed
    expect(found.row(0), found.row(1), "from the first difference on")
    #expect(runs.outputs(of: [RunChange()]).unchanged != found.row(0))
  }

  /// Of a run in which a position is hidden, the account has no content and is complete.
  @Test(arguments: Fixture.withAttentionAlone)
  func hidingIsAccountedForWithoutContent(_ fixture: Fixture) throws {
    let subject = try Subject<Double>(fixture)
    let tokens = subject.tokens
    var generator = SeededGenerator(seed: 9)
    let a = try subject.decoder.linearize(at: tokens)
    let w = (0..<a.input.columns).map { _ in Double.random(in: -1...1, using: &generator) }
    let readout = Readout(w, at: tokens.count - 1)
    for held in [Int.max, 0] {
      let hidden = tokens.count - 2
      let b = try subject.decoder.hiding([hidden]).linearize(at: tokens, holding: held)
      let both = a.differences(with: b, of: readout)
      let (first, second) = (a.output(), b.output())
      let real = Kernels.dot(w.span, first.span) - Kernels.dot(w.span, second.span)
      for (account, sign) in [(both.forward, 1.0), (both.reverse, -1)] {
        #expect(abs(account.sum - sign * real) <= 1e-12 * account.size)
        #expect(account.total(of: .content) == 0 && account.total(of: .pattern) != 0)
        #expect(account.entries.allSatisfy { $0.position > hidden })
      }
    }
    let last = try subject.decoder.hiding([tokens.count - 1]).linearize(at: tokens)
    #expect(a.difference(from: last, of: readout).entries.isEmpty)
  }

  /// The mean of the embedding is the mean of all its rows, as they enter block 0.
  @Test(arguments: Fixture.all)
  func theMeanVectorIsThatOfAllTokens(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let count = decoder.configuration.vocabularySize
    let all = decoder.embedding.tokenVectors(of: Array(0..<count))
    let expected = (0..<all.columns).map { column in
      (0..<count).reduce(0) { $0 + all[$1, column] } / Double(count)
    }
    #expect(relativeError(decoder.embedding.mean(), expected) <= 1e-12)
  }
}
