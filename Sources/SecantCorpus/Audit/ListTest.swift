import SecantOperators

/// Whether directions have more words of a list than chance gives them.
package struct ListTest: Sendable {
  /// What was found of one direction.
  package struct Outcome: Hashable, Sendable {
    /// Its words that are in the list.
    package let count: Int
    /// By random directions.
    package let pRandom: Double
    /// By shuffled lists.
    package let pShuffled: Double
    /// The false discovery rate of the larger of both, over all directions.
    package let q: Double
  }

  /// One outcome for each direction.
  package let outcomes: [Outcome]
  /// Directions with at least one word, for each shuffled list, ascending.
  package let shuffledCounts: [Int]
  /// The part of random directions that have at least one word.
  package let randomFraction: Double

  /// Tests a list on directions.
  ///
  /// The count of a direction is the number of its tokens whose word is in the list. p is (1 + samples that reach the
  /// count) / (1 + samples), which is 1 for a count of 0. The larger of the two p is one for "the list does not differ
  /// from chance in both ways" (intersection and union). Costs as many steps as shuffled lists have words, and tokens
  /// that spell them.
  ///
  /// - Parameters:
  ///   - directions: Each direction's words, as numbers in the vocabulary; a word counts as often as it is there.
  ///   - list: The list's words as numbers.
  ///   - random: The words of random directions.
  ///   - vocabulary: What shuffled lists are drawn from.
  ///   - samples: Shuffled lists.
  ///   - seed: What they are drawn from.
  package init(
    _ directions: [[Int]], _ list: [Int], random: [[Int]], _ vocabulary: Vocabulary, samples: Int,
    seed: UInt64
  ) {
    let listed = Set(list)
    let counts = directions.map { $0.count { listed.contains($0) } }
    let randomCounts = random.map { $0.count { listed.contains($0) } }
    // How many random directions reach each count.
    let largest = max(counts.max() ?? 0, randomCounts.max() ?? 0)
    var reached = [Int](repeating: 0, count: largest + 1)
    for count in randomCounts { reached[count] += 1 }
    for count in stride(from: largest - 1, through: 0, by: -1) {
      reached[count] += reached[count + 1]
    }

    var places: [Int: [Int]] = [:]
    for (direction, words) in directions.enumerated() {
      for word in words { places[word, default: []].append(direction) }
    }
    var generator = SplitMix64(seed: seed)
    var exceeding = [Int](repeating: 0, count: directions.count)
    var found = [Int](repeating: 0, count: directions.count)
    var touchedCounts: [Int] = []
    for _ in 0..<samples {
      var touched: [Int] = []
      for word in vocabulary.shuffled(list, using: &generator) {
        for direction in places[word] ?? [] {
          if found[direction] == 0 { touched.append(direction) }
          found[direction] += 1
        }
      }
      for direction in touched {
        if found[direction] >= counts[direction] { exceeding[direction] += 1 }
        found[direction] = 0
      }
      touchedCounts.append(touched.count)
    }

    func p(_ reaching: Int, of samples: Int) -> Double {
      Double(1 + reaching) / Double(1 + samples)
    }
    let values = directions.indices.map { direction in
      counts[direction] == 0
        ? (random: 1.0, shuffled: 1.0)
        : (
          random: p(reached[counts[direction]], of: random.count),
          shuffled: p(exceeding[direction], of: samples)
        )
    }
    let rates = GroupTest.benjaminiHochberg(values.map { max($0.random, $0.shuffled) })
    outcomes = directions.indices.map { direction in
      Outcome(
        count: counts[direction], pRandom: values[direction].random,
        pShuffled: values[direction].shuffled, q: rates[direction])
    }
    shuffledCounts = touchedCounts.sorted()
    randomFraction =
      random.isEmpty ? 0 : Double(randomCounts.count { $0 > 0 }) / Double(random.count)
  }
}
