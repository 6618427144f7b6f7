import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Laws of the maps of all tokens side by side, read in the stream itself.
@Suite struct JointJacobianTests {
  /// Bounds on what only rounding separates: some hundred times the unit roundoff.
  private static let rounding = 2e-14

  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<Double> {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in
      Double.random(in: -1...1, using: &generator)
    }
  }

  private func linearization(_ fixture: Fixture) throws -> Linearization<Double> {
    try fixture.decoder(Double.self).linearize(at: try fixture.reference().tokens())
  }

  /// `J x* = h*`, less what biases bring, after every block.
  @Test(arguments: Fixture.all)
  func thePhraseGivesItsOwnStream(_ fixture: Fixture) throws {
    let frozen = try linearization(fixture)
    guard !frozen.offset().contains(where: { $0 != 0 }) else { return }
    let (T, d) = (frozen.tokens.count, frozen.input.columns)
    let all = Matrix(rows: 1, columns: T * d, elements: frozen.input.elements)
    for n in frozen.blocks.indices {
      let stream = frozen.value(at: .block(n, .residual)).row(T - 1)
      let image = frozen.jointJacobian(after: n).apply(all).elements
      #expect(relativeError(image, stream) < Bounds.of(Double.self).reconstruction)
    }
  }

  /// The joint map is the members side by side, and its adjoint its transpose.
  @Test(arguments: Fixture.all)
  func theMembersStandSideBySide(_ fixture: Fixture) throws {
    let frozen = try linearization(fixture)
    let (T, d) = (frozen.tokens.count, frozen.input.columns)
    let joint = frozen.jointJacobian(after: frozen.blocks.count - 1)
    #expect(joint.inputWidth == T * d && joint.outputWidth == d)
    // A vector passes every position: its price is in rows, as that of a batch is.
    #expect(FamilyOfOne(joint).costs.members == [Double(T)])
    let rows = joint.dense()
    let x = random(3, T * d, seed: 5)
    #expect(relativeError(joint.apply(x).elements, x.timesTranspose(of: rows).elements) < 1e-12)
    // After the last block only the final norm lies between the stream and the output.
    let norm = frozen.finalNorm.frozen(
      at: frozen.value(at: .block(frozen.blocks.count - 1, .residual)))
    let members = frozen.jacobians().applyAdjointToAll(.identity(d))
    for (token, member) in members.enumerated() {
      let block = rows.columns(token * d..<(token + 1) * d)
      // The mean of each column, which the norm removes in some families.
      let means = (0..<d).map { column in
        norm.centeredWidth == nil
          ? 0 : (0..<d).reduce(0.0) { $0 + block[$1, column] } / Double(d)
      }
      let scaled = Matrix(rows: d, columns: d) {
        norm.coefficients[T - 1, $0] * (block[$0, $1] - means[$1])
      }
      #expect(relativeError(scaled.elements, member.elements) < 1e-12)
    }
    #expect(joint.apply(random(0, T * d, seed: 1)).rows == 0)
    #expect(joint.applyAdjoint(random(0, d, seed: 1)).rows == 0)
  }
}

/// Laws of changes of the stream.
@Suite struct InterventionTests {
  private static let cases = ["llama-plain", "gemma2-old", "qwen3-moe", "llama-rope-dynamic"]
    .map(Fixture.init)

  private func outputs(
    _ decoder: Decoder<Double>, _ parts: [[Int]], _ intervention: Intervention<Double>?
  ) throws -> Matrix<Double> {
    var cache = KeyValueCache<Double>(decoder.configuration)
    let rows = try parts.map {
      try decoder.forward($0, cache: &cache, intervention: intervention)
    }
    return .stacking(rows, columns: decoder.configuration.width)
  }

  @Test(arguments: cases) func nothingChangesNothing(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = try fixture.reference().tokens()
    let plain = try outputs(decoder, [tokens], nil)
    for n in decoder.blocks.indices {
      #expect(try outputs(decoder, [tokens], Intervention(after: n) { f, _ in f }) == plain)
    }
  }

  /// The stream after the last block enters the final norm.
  @Test func theStreamIsReplaced() throws {
    let decoder = try Fixture(name: "llama-plain").decoder(Double.self)
    let tokens = try Fixture(name: "llama-plain").reference().tokens()
    let last = decoder.blocks.count - 1
    let changed = try outputs(decoder, [tokens], Intervention(after: last) { f, _ in 2 * f + f })
    let stream = try decoder.linearize(at: tokens).value(at: .block(last, .residual))
    #expect(relativeError(changed.elements, decoder.finalNorm.forward(3 * stream).elements) < 1e-12)
  }

  /// What is read one token at a time is what is read at once, also where the stream is computed anew.
  @Test(arguments: cases) func cachesStayValid(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = try fixture.reference().tokens()
    // Depends on all that may be looked at: the stream, the vectors so far, and their number.
    let change = Intervention<Double>(after: 0) { stream, inputs in
      let first = inputs.rows - stream.rows
      return Matrix(rows: stream.rows, columns: stream.columns) { r, c in
        let past = (0...first + r).reduce(0.0) { $0 + inputs[$1, c] }
        return stream[r, c] + 0.1 * past + 0.01 * Double(first + r)
      }
    }
    let whole = try outputs(decoder, [tokens], change)
    let plain = try outputs(decoder, [tokens], nil)
    #expect(relativeError(whole.elements, plain.elements) > 1e-3)
    var last: Matrix<Double>?
    for parts in [tokens.map { [$0] }, [Array(tokens.prefix(2)), Array(tokens.dropFirst(2))]] {
      last = try outputs(decoder, parts, change)
      let row = tokens.count - 1
      #expect(relativeError(last?.row(row) ?? [], whole.row(row)) < 1e-12)
    }
  }
}
