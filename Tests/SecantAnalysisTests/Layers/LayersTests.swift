import Foundation
import Secant
import Testing

/// What is said of every block: against the output, against shares, and against all maps.
@Suite struct LayersTests {
  private func options(_ spectra: TokenSelection) -> LayersOptions {
    var options = LayersOptions()
    options.spectra = spectra
    options.tolerance = 1e-9
    return options
  }

  /// After the last block the lens is the prediction, and what was written adds up to the target's logit.
  @Test(arguments: Fixture.all)
  func theLastLensIsTheOutput(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let report = try model.layers(.tokens(tokens), options(.none))
    let last = try #require(report.maps(.cumulative, to: .residual).last)
    let lens = try #require(last.lens)
    let (target, shares) = (try #require(report.target), try #require(report.shares))
    let first = report.prediction[0]
    #expect(lens.rank == 1 && abs(lens.probability - first.probability) < 1e-12)
    #expect(abs(lens.logit - target.logit) <= 1e-12 * abs(target.logit))
    let sum = shares.direct + shares.blocks.reduce(0) { $0 + $1.sum }
    let sizes = shares.blocks.reduce(abs(shares.direct)) {
      $0 + abs($1.attention) + abs($1.feedForward) + abs($1.bias)
    }
    #expect(abs(sum - target.logit) <= 1e-11 * sizes)
    // The entropy of the whole distribution, in bits.
    let frozen = try model.decoder.linearize(at: tokens)
    let logits = model.decoder.unembedding.logits(Matrix(row: frozen.output())).elements
    let peak = logits.max() ?? 0
    let total = logits.reduce(0) { $0 + exp($1 - peak) }
    let entropy = logits.reduce(0) { sum, value in
      let p = exp(value - peak) / total
      return sum - (p > 0 ? p * log2(p) : 0)
    }
    #expect(abs(lens.entropy - entropy) <= 1e-9)
    #expect(last.tokens.isEmpty && last.joint == nil)
    #expect(report.maps.allSatisfy { $0.reconstruction.relativeError < 1e-12 })
  }

  /// The grid's last column is the lens of every block; its other cells are lenses at their positions.
  @Test(arguments: Fixture.all)
  func theGridIsALensEverywhere(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    var options = options(.none)
    #expect(try model.layers(.tokens(tokens), options).grid == nil)
    options.includesGrid = true
    let report = try model.layers(.tokens(tokens), options)
    let grid = try #require(report.grid).probabilities
    #expect(grid.count == report.blockCount && grid.allSatisfy { $0.count == tokens.count })
    for map in report.maps(.cumulative, to: .residual) {
      #expect(abs(grid[map.block][tokens.count - 1] - (map.lens?.probability ?? .nan)) < 1e-12)
    }
    options.position = 2
    let target = try #require(report.target?.tokens.first?.id)
    let other = try #require(tokens.first { $0 != target })
    options.target = .difference(.id(target), .id(other))
    let earlier = try model.layers(.tokens(tokens), options)
    let cells = try #require(earlier.grid).probabilities
    for (block, row) in cells.enumerated() {
      #expect(row.count == 3)
      for (a, b) in zip(row, grid[block]) { #expect(abs(a - b) < 1e-12) }
    }
  }

  /// The maps of chosen tokens are those that all tokens' maps are among.
  @Test func chosenTokensAreAmongAll() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    let all = try model.layers(prompt, options(.all))
    let count = all.prompt.tokens.count
    #expect(all.maps.allSatisfy { $0.tokens.map(\.position) == Array(0..<count) })
    #expect(all.maps.allSatisfy { $0.joint != nil } && all.notes == model.notes)
    let some = try model.layers(prompt, options(.positions([1, count - 1])))
    for (part, whole) in zip(some.maps, all.maps) {
      #expect(part.tokens.map(\.position) == [1, count - 1])
      for token in part.tokens {
        let expected = whole.tokens[token.position]
        for (a, b) in zip(token.singularValues, expected.singularValues) {
          #expect(abs(a - b) <= 1e-8 * expected.singularValues[0])
        }
        #expect(abs(token.outputNorm - expected.outputNorm) <= 1e-12 * expected.outputNorm)
      }
      #expect(part.lens == whole.lens)
    }
    let largest = try model.explain(prompt).shares.tokens.enumerated()
      .max { abs($0.element.value) < abs($1.element.value) }?.offset
    let top = try model.layers(prompt, options(.top(1)))
    #expect(top.maps[0].tokens.map(\.position) == [largest])
    #expect(throws: InputError.self) { try model.layers(prompt, options(.positions([count]))) }
  }

  /// Ordinary maps to every block are those of the derivative, one site after the other; the lens is the same.
  @Test(arguments: ["llama-biases", "gemma2-old", "qwen3-moe"].map(Fixture.init))
  func ordinaryMapsAreThoseOfTheDerivative(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    var options = options(.all)
    options.includesLocal = true
    let detached = try model.layers(.tokens(tokens), options)
    options.kind = .ordinary
    let report = try model.layers(.tokens(tokens), options)
    #expect(report.kind == "ordinary" && report.shares == detached.shares)
    let differential = try model.decoder.differentiate(at: tokens)
    for (map, other) in zip(report.maps, detached.maps) {
      #expect(map.lens == other.lens)
      let whole: any SiteMaps<Double> =
        map.extent == .cumulative ? differential : differential.alone(map.block)
      let site = Site.block(map.extent == .cumulative ? map.block : 0, .residual)
      for token in map.tokens {
        let exact = whole.jacobian(from: .input(token: token.position), to: site)
          .svd(rank: 3, using: .dense()).singularValues
        for (a, b) in zip(token.singularValues, exact) { #expect(abs(a - b) <= 1e-8 * exact[0]) }
      }
    }
  }

  /// Without time nothing is decomposed, and the report says so.
  @Test func noTimeLeavesTheLens() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = options(.all)
    options.maximumSeconds = 0
    let report = try model.layers(prompt, options)
    #expect(report.maps.allSatisfy { $0.tokens.isEmpty && $0.joint == nil && $0.lens != nil })
    #expect(report.notes.contains { $0.contains("time that was allowed") })
    options.maximumSeconds = 3600
    let whole = try model.layers(prompt, options)
    #expect(whole.maps.allSatisfy { $0.tokens.count == report.prompt.tokens.count })
    var maps = MapsOptions()
    maps.explanation.maximumSeconds = 0
    let none = try model.maps(prompt, maps)
    #expect(none.jacobians.isEmpty && none.notes.contains { $0.contains("time") })
  }

  /// Maps and comparisons take the tokens that are selected, and the joint map with all.
  @Test func selectionsAreOneEverywhere() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    var options = MapsOptions()
    for (spectra, positions) in [
      (TokenSelection.positions([0, 2]), [0, 2]), (.none, []),
    ] {
      options.explanation.spectra = spectra
      let report = try model.maps(prompt, options)
      #expect(report.jacobians.map(\.singular.position) == positions)
      #expect((report.joint == nil) == positions.isEmpty)
      let comparison = try model.compare(prompt, with: prompt, options.explanation)
      #expect(comparison.first.jacobians.map(\.position) == positions)
      #expect((comparison.overlap == nil) == positions.isEmpty)
      var full = FullOptions()
      full.explanation = options.explanation
      let all = try model.report(prompt, full)
      #expect(all.layers.maps[0].tokens.map(\.position) == positions)
      #expect(all.maps.jacobians.map(\.singular.position) == positions)
    }
  }
}
