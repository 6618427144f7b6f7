import SecantDecoders
import SecantOperators
import Testing

/// How much attention the first token gets, against the frozen patterns themselves, on every family.
@Suite struct FirstTokenAttentionTests {
  /// The mean over all heads and all later queries that see the first position.
  @Test(arguments: Fixture.all)
  func isTheMeanOfThePatterns(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let frozen = try decoder.linearize(at: fixture.reference().tokens())
    var (weight, even, count) = (0.0, 0.0, 0)
    for block in frozen.blocks {
      guard let pattern = block.attention.pattern.attention else { continue }
      for head in 0..<pattern.queryHeads {
        let all = pattern.probabilities(head: head, positions: 0..<frozen.tokens.count)
        for query in 1..<all.rows where query < pattern.rule.slidingWindow ?? .max {
          weight += all[query, 0]
          even += 1 / Double(query + 1)
          count += 1
        }
      }
    }
    let found = try #require(frozen.firstTokenAttention)
    // Means of some hundred numbers below one.
    #expect(abs(found.weight - weight / Double(count)) <= 1e-14)
    #expect(abs(found.evenWeight - even / Double(count)) <= 1e-14)
    #expect(found.excess == (found.weight - found.evenWeight) / (1 - found.evenWeight))
  }

  /// Of many queries as many count as the limit says, the last among them; and blocks that are not held count too.
  @Test func isTheSameWhateverIsHeld() throws {
    let decoder = try Fixture(name: "llama-plain").decoder(Double.self)
    let tokens = (0..<min(48, decoder.configuration.contextLength)).map { $0 % 60 }
    let held = try #require(try decoder.linearize(at: tokens).firstTokenAttention)
    #expect(try decoder.linearize(at: tokens, holding: 0).firstTokenAttention == held)
    #expect(try decoder.linearize(at: [5]).firstTokenAttention == nil)
  }
}
