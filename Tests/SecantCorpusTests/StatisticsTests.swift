import Foundation
import SecantAnalysis
import SecantCorpus
import SecantOperators
import Testing

/// Intervals cover, tests decide as often as they say, and rates are those of the publication.
@Suite("Statistics") struct StatisticsTests {
  private func normal(_ generator: inout SplitMix64) -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
  }

  @Test func intervalsCoverTheMeanAboutAsOftenAsTheySay() throws {
    var generator = SplitMix64(seed: 1)
    var covered = 0
    for trial in 0..<200 {
      let values = (0..<40).map { _ in 3 + normal(&generator) }
      let mean = try #require(Bootstrap(of: Bootstrap.mean, values, seed: UInt64(trial)))
      #expect(mean.low <= mean.value && mean.value <= mean.high)
      if mean.low <= 3 && 3 <= mean.high { covered += 1 }
    }
    // 190 of 200 are expected, with a standard deviation of 3.
    #expect((176...199).contains(covered), "\(covered)")
    #expect(Bootstrap(of: Bootstrap.mean, [], seed: 0) == nil)
  }

  @Test func aPermutationTestFindsWhatAllDivisionsSay() {
    // Of the 20 divisions of six numbers into three and three, two reach the statistic of the outermost.
    let p = GroupTest.permutation(
      [1, 2, 3, 10, 11, 12], groups: [0, 0, 0, 1, 1, 1], permutations: 20_000, seed: 3)
    #expect(abs(p - 0.1) < 0.01, "\(p)")
    #expect(
      GroupTest.permutation([5, 5, 5, 5], groups: [0, 1, 0, 1], permutations: 99, seed: 0) == 1)
    let far = (0..<40).map { Double($0) + ($0 < 20 ? 0 : 1000) }
    #expect(
      GroupTest.permutation(
        far, groups: (0..<40).map { $0 < 20 ? 0 : 1 }, permutations: 999, seed: 0) == 0.001)
  }

  @Test func withoutADifferenceSmallValuesAreRare() {
    var generator = SplitMix64(seed: 7)
    let found = (0..<200).count { trial in
      let values = (0..<30).map { _ in normal(&generator) }
      return GroupTest.permutation(
        values, groups: (0..<30).map { $0 % 3 }, permutations: 199, seed: UInt64(trial)) <= 0.05
    }
    // 10 of 200 are expected, with a standard deviation of 3.
    #expect((1...20).contains(found), "\(found)")
  }

  @Test func ratesAreThoseOfBenjaminiAndHochberg() {
    // The example of their paper, 1995, table of section 4: four of 15 are accepted at 0.05.
    let p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
      0.5719, 0.6528, 0.7590, 1,
    ]
    let q = GroupTest.benjaminiHochberg(p)
    #expect(q.count { $0 <= 0.05 } == 4)
    #expect(q == q.sorted() && q.last == 1)
    #expect(abs(q[3] - 0.0095 * 15 / 4) < 1e-12)
    let shuffled = GroupTest.benjaminiHochberg(p.reversed())
    #expect(shuffled == q.reversed())
  }
}
