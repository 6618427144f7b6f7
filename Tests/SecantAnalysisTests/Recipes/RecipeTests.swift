import Foundation
import Secant
import Testing

/// Runs the files of `Examples/Recipes`: they are compiled here through links.
@Suite struct RecipeTests {
  private let prompt = "The bridge out of Marin is the"

  private func model() throws -> Model<Float> { try Model(named: "demo") }

  @Test func allSingularValuesAreThoseOfEveryToken() throws {
    let model = try model()
    let lines = try allSingularValues(model, prompt).split(separator: "\n").dropFirst()
    let tokens = try model.tokens(of: .text(prompt)).count
    #expect(lines.count == tokens * model.decoder.configuration.width)
    let report = try model.explain(.text(prompt))
    let jacobian = try #require(report.jacobian(at: tokens - 1))
    let last = lines.filter { $0.hasPrefix("\(tokens - 1),") }
    let sigma = try #require(last.first?.split(separator: ",").last.flatMap { Double($0) })
    // Two methods in single precision.
    #expect(abs(sigma - jacobian.singularValues[0]) <= 1e-3 * sigma)
  }

  /// What is taken out is gone, and the rest is what came after it.
  @Test func aProjectionTakesOutTheLeadingDirection() throws {
    let (before, after) = try withoutTheLeadingDirection(model(), prompt, token: 5)
    for (next, left) in zip(before.dropFirst(), after) {
      #expect(abs(next - left) <= 1e-2 * before[0])
    }
  }

  @Test func anOwnOperatorIsItsOwnAdjoint() {
    let width = 7
    let direction = Matrix<Float>(row: (0..<width).map { $0 == 2 ? 1 : 0 })
    let dense = Without(direction: direction).dense()
    #expect(dense == dense.transposed && dense[2, 2] == 0 && dense[3, 3] == 1)
  }

  /// The difference of a map to itself is nothing, and to another's is no less than their norms differ.
  @Test func mapsDifferAsTheirPromptsDo() throws {
    let model = try model()
    let (none, _) = try differenceOfMaps(model, (prompt, 5), (prompt, 5))
    #expect(none.allSatisfy { $0 <= 1e-3 })
    let (some, words) = try differenceOfMaps(
      model, (prompt, 5), ("The bridge out of Brooklyn is the", 5))
    #expect(some[0] > 1e-2 && words.count == 3 && words.allSatisfy { $0.count == 5 })
  }

  @Test func stableRanksLieBetweenOneAndTheWidth() throws {
    let model = try model()
    let ranks = try stableRanks(model, prompt)
    #expect(ranks.count == model.decoder.blocks.count)
    let width = Double(model.decoder.configuration.width)
    #expect(ranks.allSatisfy { $0 >= 1 && $0 <= width })
  }
}

/// The shares of any direction, from the decoder alone.
@Suite struct TokenShareTests {
  /// As an explanation divides the same target.
  @Test func areThoseOfAnExplanation() throws {
    let model = try Model<Double>(named: "demo")
    let report = try model.explain(.text("The bridge out of Marin is the"))
    let frozen = try model.decoder.linearize(at: report.prompt.tokens.map(\.id))
    let target = try #require(report.target.token), over = try #require(report.target.contrast)
    let rows = [target.id, over.id].map { model.decoder.unembedding.direction(of: $0) }
    let shares = frozen.shares(of: zip(rows[0], rows[1]).map { $0 - $1 })
    #expect(shares.tokens.count == report.shares.tokens.count)
    for (mine, its) in zip(shares.tokens, report.shares.tokens) {
      #expect(abs(mine - its.value) <= 1e-11)
    }
    #expect(abs(shares.sum - shares.product) <= 1e-11)
    #expect(abs(shares.product - report.target.logit) <= 1e-11)
  }

  @Test func scoredTokensSayTheirTextsByTheModel() throws {
    let model = try Model<Float>(named: "demo")
    let row = model.decoder.unembedding.direction(of: 300)
    let top = model.topTokens(for: row, count: 2)
    let scored = model.decoder.unembedding.topTokens(for: row, count: 2)
    #expect(top == model.named(scored) && top[0].text == model.text(of: top[0].id))
    #expect("\(scored[0])".hasPrefix("#\(top[0].id) "))
  }
}
