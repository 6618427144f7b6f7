import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Several numbers divided in one sweep, each as if by itself; and read off runs that differ.
@Suite struct ReadoutRowTests {
  /// What only rounding separates, relative to the sum of magnitudes.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-5 : 2e-14 }

  private func directions<S: Scalar>(_ count: Int, width: Int) -> Matrix<S> {
    var generator = SeededGenerator(seed: 77)
    return Matrix(rows: count, columns: width) { _, _ in
      S(Double.random(in: -1...1, using: &generator))
    }
  }

  /// Each row is what the maps to its own position give, and all of them sum to one ledger.
  @Test(arguments: Fixture.all)
  func rowsAreThoseOfTheirPositions(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let decoder = try fixture.decoder(S.self)
      let frozen = try decoder.linearize(at: fixture.reference().tokens())
      let count = frozen.tokens.count
      let positions = [count - 1, count - 3, count - 2]
      let w: Matrix<S> = directions(3, width: decoder.configuration.width)
      let rows = frozen.rows(of: w, at: positions)
      for (index, position) in positions.enumerated() {
        let adjoint = frozen.jacobians(position: position)
          .applyAdjointToAll(w.rows(index..<index + 1))
        let tokens = adjoint.enumerated().map {
          Kernels.dot($1.elements.span, frozen.input.row($0).span)
        }
        let bias = Kernels.dot(
          w.row(index).span, frozen.offset(position: position).span)
        let bound = rounding(S.self) * tokens.reduce(abs(bias)) { $0 + abs($1) }
        #expect(rows.tokens[index].count == position + 1)
        for (found, expected) in zip(rows.tokens[index], tokens) {
          #expect(abs(found - expected) <= bound)
        }
        #expect(abs(rows.biases[index] - bias) <= bound)
        let output = Kernels.dot(w.row(index).span, frozen.output(position: position).span)
        #expect(abs(rows.sums[index] - output) <= 2 * bound)
      }
      // The same rows in the order of their positions are one readout.
      let order = [1, 2, 0]
      let ledger = frozen.ledger(
        of: Readout(Matrix(rows: order.map { w.row($0) }), at: count - 3..<count))
      let size = rows.tokens.joined().reduce(0.0) { $0 + abs($1) }
      for token in 0..<count {
        let sum = rows.tokens.reduce(0.0) { $0 + (token < $1.count ? $1[token] : 0) }
        #expect(abs(ledger.tokens[token] - sum) <= rounding(S.self) * size)
      }
      #expect(abs(ledger.bias - rows.biases.reduce(0, +)) <= rounding(S.self) * size)
    }
  }

  /// A readout of several positions after a change is that of a forward pass of its own.
  @Test(arguments: Fixture.all)
  func changedReadoutsArePassesOfTheirOwn(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let subject = try ChangedRunTests.Subject<S>(fixture)
      let (decoder, tokens) = (subject.decoder, subject.tokens)
      let count = tokens.count
      let readout = Readout<S>(
        directions(3, width: decoder.configuration.width), at: count - 3..<count)
      func read(_ decoder: Decoder<S>, _ tokens: [Int]) throws -> Double {
        let run = try decoder.linearize(at: tokens)
        return readout.positions.enumerated().reduce(0) { sum, place in
          sum
            + Kernels.dot(
              readout.directions.row(place.offset).span, run.output(position: place.element).span)
        }
      }
      // One change before all that is read, one between, and one that nothing later reads.
      let places = [0, count - 2, count - 1]
      let others = decoder.embedding.vectors(of: subject.others)
      let canHide = !decoder.configuration.hasDeltaNetworks
      let changes = places.flatMap {
        [
          RunChange(
            vectors: [$0: others.row($0)], tokenParts: [$0: TokenPart(subject.others[$0])])
        ] + (canHide ? [RunChange(hidden: [$0])] : [])
      }
      let runs = ChangedRuns(of: decoder, tokens: tokens, entering: subject.input)
      for rows in [1, 4096] {
        let found = runs.values(of: readout, after: changes, rows: rows)
        let whole = try read(decoder, tokens)
        var expected: [Double] = []
        for place in places {
          var replaced = tokens
          replaced[place] = subject.others[place]
          expected.append(try read(decoder, replaced))
          if canHide { expected.append(try read(decoder.hiding([place]), tokens)) }
        }
        let size = abs(whole) + expected.reduce(0) { $0 + abs($1) } + 1
        let bound = 10 * ChangedRunTests.rounding(S.self) * size
        #expect(abs(found.unchanged - whole) <= bound)
        #expect(found.changed.count == changes.count)
        for (found, expected) in zip(found.changed, expected) {
          #expect(abs(found - expected) <= bound)
        }
        if canHide { #expect(found.changed.last == found.unchanged) }
      }
    }
  }
}
