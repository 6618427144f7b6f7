import Secant
import Testing

/// Pictures, units and directions of maps, held against the matrices themselves.
@Suite struct MapsTests {
  @Test(arguments: ["llama-plain", "llama-biases", "gemma2-old", "qwen3-moe"].map(Fixture.init))
  func unitsAndPicturesAreThoseOfTheMatrix(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    var options = MapsOptions()
    options.explanation.rank = 4
    let report = try model.maps(.tokens(tokens), options)
    let frozen = try model.decoder.linearize(at: tokens)
    #expect(report.jacobians.count == tokens.count)
    for (token, map) in report.jacobians.enumerated() {
      let matrix = frozen.jacobian(from: .input(token: token), to: .output).dense()
      let picture = map.picture
      // These models are narrower than a picture: every entry is a cell.
      #expect(picture.rows == matrix.rows && picture.columns == matrix.columns)
      let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
      #expect(abs(picture.largest - largest) <= 1e-12 * largest)
      for (level, value) in zip(picture.levels, matrix.elements) {
        // Half a level at most, of a square: |v|/largest = (l/127)².
        let shown = Double(level) / 127
        let exact = (abs(value) / largest).squareRoot() * (value < 0 ? -1 : 1)
        #expect(abs(shown - exact) <= 0.5 / 127 + 1e-9)
      }
      let square = matrix.norm * matrix.norm
      #expect(abs(map.singular.frobeniusNormSquared.value - square) <= 1e-10 * square)
      #expect(map.spectrum.y.count == matrix.rows && map.singular.singularValues.count == 4)
      let energy = map.spectrum.y.reduce(0) { $0 + $1 * $1 }
      #expect(abs(energy - square) <= 1e-10 * square)
      for unit in map.rows {
        #expect(abs(unit.norm - Matrix(row: matrix.row(unit.index)).norm) <= 1e-12 * largest * 100)
        #expect(unit.value == frozen.output()[unit.index])
      }
      for unit in map.columns {
        let column = (0..<matrix.rows).map { matrix[$0, unit.index] }
        #expect(abs(unit.norm - Matrix(row: column).norm) <= 1e-12 * largest * 100)
        #expect(unit.value == frozen.input[token, unit.index])
      }
      #expect(zip(map.rows, map.rows.dropFirst()).allSatisfy { $0.norm >= $1.norm })
      for curve in [map.concentration.entries, map.concentration.rows, map.concentration.columns] {
        #expect(curve.x.first == 0 && curve.y.first == 0 && curve.x.last == 1)
        #expect(abs((curve.y.last ?? 0) - 1) <= 1e-12)
        #expect(zip(curve.y, curve.y.dropFirst()).allSatisfy { $0 <= $1 + 1e-15 })
        #expect(zip(curve.x, curve.y).allSatisfy { $0 <= $1 + 1e-12 }, "the largest come first")
      }
    }
  }

  @Test(arguments: Fixture.all)
  func theConcatenatedMapIsAllMapsSideBySide(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    for method in [ExplanationOptions.Method.dense, .krylov] {
      var options = MapsOptions()
      options.explanation.method = method
      options.explanation.tolerance = 1e-9
      options.explanation.rank = 3
      let map = try #require(try model.maps(.tokens(tokens), options).joint)
      let frozen = try model.decoder.linearize(at: tokens)
      let width = model.decoder.configuration.width
      let parts = tokens.indices.map {
        frozen.jacobian(from: .input(token: $0), to: .output).dense()
      }
      let whole = Matrix<Double>(rows: width, columns: width * parts.count) {
        parts[$1 / width][$0, $1 % width]
      }
      let expected = DenseSVD().decompose(whole, rank: 3)
      for (found, value) in zip(map.singularValues, expected.singularValues) {
        #expect(abs(found - value) <= 1e-8 * expected.singularValues[0], "\(method)")
      }
      #expect(map.isConverged)
      for triplet in map.triplets {
        #expect(abs(triplet.weights.reduce(0, +) - 1) <= 1e-9)
        #expect(triplet.weights.count == tokens.count)
        #expect(triplet.right.count == min(8, tokens.count))
      }
      #expect(map.triplets.reduce(0) { $0 + $1.outputCosine * $1.outputCosine } <= 1 + 1e-9)
    }
  }

  @Test func aGenerationIsDecomposedAtEveryStep() throws {
    let model = try Fixture.plain.model(Double.self)
    let tokens = try Fixture.plain.tokens()
    var options = MapsOptions()
    options.generatedCount = 3
    let report = try model.maps(.tokens(tokens), options)
    let generation = try #require(report.generation)
    #expect(generation.steps.count == 3 && generation.tokens.count == 4)
    // Without a tokenizer the prompt's first token stands for the beginning of a text.
    #expect(generation.tokens[0].id == tokens[0])
    #expect(
      try model.decoder.generate(after: [tokens[0]], count: 3)
        == generation.tokens.dropFirst().map(\.id))
    for (index, step) in generation.steps.enumerated() {
      #expect(step.shares.tokens.count == index + 1)
      #expect(step.reconstruction.relativeError <= Bounds.of(Double.self).reconstruction)
      #expect(abs(step.shares.difference) <= 1e-12 * max(1, abs(step.shares.logit)))
    }
    options.generatedCount = model.decoder.configuration.contextLength + 1
    #expect(throws: InputError.self) { try model.maps(.tokens(tokens), options) }
  }

  @Test func littleMemoryChangesNothingButTheGroups() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = MapsOptions()
    let generous = try model.maps(prompt, options)
    options.explanation.memory = 1
    #expect(throws: InputError.self) { try model.maps(prompt, options) }
    // The least power of two that is enough.
    var least: MapsReport?
    for shift in 10..<30 where least == nil {
      options.explanation.memory = 1 << shift
      least = try? model.maps(prompt, options)
    }
    let frugal = try #require(least)
    for (a, b) in zip(generous.jacobians, frugal.jacobians) {
      for (x, y) in zip(a.spectrum.y, b.spectrum.y) {
        #expect(abs(x - y) <= 1e-12 * a.spectrum.y[0])
      }
    }
  }
}
