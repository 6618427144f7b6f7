import Foundation
import SecantCheckpoints
import SecantCorpus
import Synchronization
import Testing

/// Values that several threads work on, whose results stay in order.
@Suite("Items at hand") struct ItemsAtHandTests {
  private static let error = InputError(
    .malformed, subject: "a value", expected: "one", found: "none", remedy: "give one")

  /// Counts what is at work, and keeps the largest count.
  private final class Counter: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var most: Int { counts.withLock(\.most) }

    func during(_ work: () -> Void) {
      counts.withLock {
        $0.now += 1
        $0.most = max($0.most, $0.now)
      }
      work()
      counts.withLock { $0.now -= 1 }
    }
  }

  /// The results of the values below `count`, in the order in which they were handed on.
  private func results(
    atHand: Int, count: Int, failingAt failure: Int? = nil, refusing refused: Int? = nil,
    work: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> (results: [Int], error: InputError?) {
    let next = Mutex(0)
    let found = Mutex<[Int]>([])
    var thrown: InputError?
    do throws(InputError) {
      try ItemsAtHand(atHand).results(
        of: { () throws(InputError) in
          try next.withLock { next throws(InputError) -> Int? in
            if next == failure { throw Self.error }
            guard next < count else { return nil }
            defer { next += 1 }
            return next
          }
        },
        by: { value in
          work(value)
          return 10 * value
        },
        done: { (value, result) throws(InputError) in
          if value == refused { throw Self.error }
          found.withLock { $0.append(result) }
        })
    } catch { thrown = error }
    return (found.withLock(\.self), thrown)
  }

  @Test(arguments: [1, 2, 3, 8]) func resultsKeepTheOrderOfTheValues(atHand: Int) {
    // Earlier values take longer, so that later ones are done first.
    let found = results(atHand: atHand, count: 24) { value in
      Thread.sleep(forTimeInterval: value % 4 == 0 ? 0.004 : 0)
    }
    #expect(found.results == (0..<24).map { 10 * $0 })
    #expect(found.error == nil)
    #expect(results(atHand: atHand, count: 0).results.isEmpty)
  }

  @Test func valuesAreWorkedOnAtTheSameTimeButNotTooFarAhead() {
    let counter = Counter()
    // The first value waits until no more are taken, which the bound of 2·3 brings about.
    let taken = Mutex(Set<Int>())
    let found = results(atHand: 3, count: 40) { value in
      counter.during {
        taken.withLock { _ = $0.insert(value) }
        let end = Date.now.addingTimeInterval(value == 0 ? 20 : 0.001)
        while Date.now < end, value > 0 || taken.withLock(\.count) < 6 {
          Thread.sleep(forTimeInterval: 0.001)
        }
        if value == 0 {
          Thread.sleep(forTimeInterval: 0.05)
          #expect(taken.withLock(\.self) == Set(0..<6))
        }
      }
    }
    #expect(found.results.count == 40)
    #expect((2...3).contains(counter.most))
  }

  @Test(arguments: [1, 2, 8]) func anErrorOfTheSourceComesAfterTheResultsBeforeIt(atHand: Int) {
    let found = results(atHand: atHand, count: 24, failingAt: 9)
    #expect(found.results == (0..<9).map { 10 * $0 })
    #expect(found.error == Self.error)
  }

  @Test(arguments: [1, 2, 8]) func nothingIsHandedOnAfterAResultThatWasRefused(atHand: Int) {
    let found = results(atHand: atHand, count: 24, refusing: 5) { value in
      Thread.sleep(forTimeInterval: value == 4 ? 0.01 : 0)
    }
    #expect(found.results == (0..<5).map { 10 * $0 })
    #expect(found.error == Self.error)
  }

  @Test func workWaitsUntilItsMemoryFitsBesideThatOfOthers() {
    let needs = [4, 4, 4, 4, 25, 9, 1, 1, 12, 4, 4, 4]
    let room = MemoryRoom(10)
    let used = Mutex((now: 0, most: 0))
    _ = results(atHand: 6, count: needs.count) { value in
      room.withRoom(for: needs[value]) {
        used.withLock {
          $0.now += needs[value]
          // What is larger than the room has it alone.
          #expect($0.now <= max(10, needs[value]))
          $0.most = max($0.most, $0.now)
        }
        Thread.sleep(forTimeInterval: 0.003)
        used.withLock { $0.now -= needs[value] }
      }
    }
    #expect(used.withLock(\.most) == 25)
  }
}
