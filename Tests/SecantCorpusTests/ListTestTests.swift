import SecantCorpus
import SecantOperators
import Testing

/// A list is found where it was planted, and a list that was drawn at random is not.
@Suite("Tests of lists of words") struct ListTestTests {
  /// Two spellings of each of 3,000 words of five or six letters.
  private static let vocabulary: Vocabulary = {
    let words = (0..<3000).map { index in
      let letters = String(
        String(index, radix: 13).map {
          Character(UnicodeScalar(UInt8(97 + ($0.hexDigitValue ?? 0))))
        })
      return String(repeating: "z", count: 4 - letters.count) + letters
        + (index.isMultiple(of: 2) ? "x" : "xy")
    }
    return Vocabulary(texts: words.flatMap { [" " + $0, $0] } + [" ", "\n"])
  }()

  /// Directions whose words are drawn at random.
  private func directions(_ count: Int, _ generator: inout SplitMix64) -> [[Int]] {
    (0..<count).map { _ in
      (0..<8).map { _ in Int.random(in: 0..<3000, using: &generator) }
    }
  }

  @Test func aWordIsWhatItsTokensSpell() {
    let vocabulary = Vocabulary(texts: [" Red", "red", " ", "blue", "RED ", "\t"])
    #expect(vocabulary.words == ["red", "blue"])
    #expect(vocabulary.wordOfToken == [0, 0, nil, 1, 0, nil])
    #expect(vocabulary.number(of: "red") == 0 && vocabulary.number(of: "Red") == nil)
  }

  @Test func substitutesAreOfTheKindOfTheirWords() {
    let vocabulary = Self.vocabulary
    var generator = SplitMix64(seed: 3)
    let list = (0..<40).map { 70 * $0 }
    var seen: Set<Int> = []
    for _ in 0..<50 {
      let other = vocabulary.shuffled(list, using: &generator)
      #expect(other.count == list.count)
      // The list's words are those of even numbers, which have five letters.
      #expect(other.allSatisfy { vocabulary.words[$0].count == 5 })
      #expect(other.allSatisfy { word in list.contains { abs($0 - word) <= 256 } })
      seen.formUnion(other)
    }
    #expect(seen.count > 800)
  }

  @Test func whatIsPlantedIsFoundAndNothingElse() {
    var generator = SplitMix64(seed: 5)
    let list = (0..<30).map { 90 * $0 + 4 }
    var all = directions(200, &generator).map { $0.filter { !list.contains($0) } }
    all[17] = Array(list.prefix(4)) + [1, 2, 3, 5]
    all[60] = [list[9]] + [1, 2, 3, 5, 7, 8, 9]
    let random = directions(9999, &generator)
    let test = ListTest(all, list, random: random, Self.vocabulary, samples: 9999, seed: 1)
    #expect(test.outcomes[17].count == 4 && test.outcomes[60].count == 1)
    #expect(test.outcomes.indices.filter { test.outcomes[$0].q < 0.05 } == [17])
    #expect(test.outcomes[17].pShuffled == 1.0 / 10_000)
    // The number of random directions with a word says what the first of them is by chance.
    let reaching = random.count { words in words.contains(where: list.contains) }
    #expect(test.outcomes[60].pRandom == Double(1 + reaching) / 10_000.0)
    #expect(test.randomFraction == Double(reaching) / 9999)
    #expect(test.outcomes[0].pRandom == 1 && test.outcomes[0].pShuffled == 1)
  }

  @Test func aListThatIsDrawnAtRandomIsFoundAsRarelyAsItSays() {
    var generator = SplitMix64(seed: 8)
    let all = directions(60, &generator)
    let random = directions(999, &generator)
    let kinds = (0..<30).map { 90 * $0 + 4 }
    var (small, found, tested) = (0, 0, 0)
    for trial in 0..<100 {
      let list = Self.vocabulary.shuffled(kinds, using: &generator).sorted()
      let test = ListTest(
        all, list, random: random, Self.vocabulary, samples: 999, seed: UInt64(trial))
      small += test.outcomes.count { max($0.pRandom, $0.pShuffled) <= 0.05 }
      tested += all.count
      if test.outcomes.contains(where: { $0.q < 0.05 }) { found += 1 }
    }
    #expect(Double(small) / Double(tested) <= 0.05, "\(small) of \(tested)")
    // At most 5 of 100 are expected, with a standard deviation of 2.
    #expect(found <= 11, "\(found)")
  }

  @Test func valuesAreThoseOfCountingListByList() {
    var generator = SplitMix64(seed: 12)
    let list = (0..<400).map { 7 * $0 }
    let all = directions(40, &generator)
    let samples = 200
    let test = ListTest(all, list, random: [], Self.vocabulary, samples: samples, seed: 6)
    var drawing = SplitMix64(seed: 6)
    let others = (0..<samples).map { _ in Self.vocabulary.shuffled(list, using: &drawing) }
    for (direction, outcome) in zip(all, test.outcomes) where outcome.count > 0 {
      // Words in a list count as often as the direction has them; a list that has as many reaches it.
      let reaching = others.count { other in
        direction.count { other.contains($0) } >= outcome.count
      }
      #expect(outcome.pShuffled == Double(1 + reaching) / Double(1 + samples))
      #expect(outcome.pRandom == 1)
    }
    #expect(test.outcomes.contains { $0.count > 1 })
  }

  @Test func chanceIsCountedForAllDirectionsTogether() {
    var generator = SplitMix64(seed: 9)
    let all = directions(300, &generator)
    let list = (0..<30).map { 90 * $0 + 4 }
    let test = ListTest(all, list, random: [], Self.vocabulary, samples: 400, seed: 2)
    let counts = test.shuffledCounts
    #expect(counts.count == 400 && counts == counts.sorted())
    // A list of 30 of 3,000 words is missed by eight words with the probability 0.99^8.
    let mean = Double(counts.reduce(0, +)) / 400
    #expect(abs(mean - 300 * 0.0773) < 2.5, "\(mean)")
  }
}
