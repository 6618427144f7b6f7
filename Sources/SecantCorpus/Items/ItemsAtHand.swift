import Dispatch
import Foundation
package import SecantCheckpoints
import Synchronization

/// Work on several values at the same time, whose results come in the order of the values.
///
/// A value is worked on by one thread where there are as many values as processors, so that no thread waits for
/// another in the middle of a product. Small prompts gain most.
package struct ItemsAtHand: Sendable {
  /// The values that are worked on at the same time at most, at least 1.
  package let count: Int

  /// So many values, by default one for each processor.
  package init(_ count: Int = ProcessInfo.processInfo.activeProcessorCount) {
    precondition(count >= 1, "no values at hand")
    self.count = count
  }

  /// Works on values until there are no more.
  ///
  /// No value is taken while the first one whose result is missing lies 2·`count` values back: that bounds what is in
  /// memory, and what is lost where the process is killed.
  ///
  /// - Parameters:
  ///   - next: The next value, or nil at the end; called for one value at a time, in order.
  ///   - work: The result for a value; called on several threads at the same time.
  ///   - done: Receives each value's result; called for one value at a time, in order.
  /// - Throws: What `next` or `done` threw, the latter at once, the former after the results for earlier values.
  package func results<Value: Sendable, Result: Sendable>(
    of next: @escaping @Sendable () throws(InputError) -> Value?,
    by work: @Sendable (Value) -> Result,
    done: @escaping @Sendable (Value, Result) throws(InputError) -> Void
  ) throws(InputError) {
    let line = Line(ahead: 2 * count, next: next, done: done)
    DispatchQueue.concurrentPerform(iterations: count) { _ in
      while let (place, value) = line.take() { line.give(work(value), for: value, at: place) }
    }
    if let error = line.error { throw error }
  }
}

/// Values in line, and the results that wait for those of earlier values.
private final class Line<Value: Sendable, Result: Sendable>: Sendable {
  private struct State {
    /// The number of values that were taken.
    var taken = 0
    /// The number of results that were handed on.
    var given = 0
    /// Results by their places, while an earlier one is missing.
    var waiting: [Int: (value: Value, result: Result)] = [:]
    var isOver = false
    var error: InputError?
  }

  private let ahead: Int
  private let next: @Sendable () throws(InputError) -> Value?
  private let done: @Sendable (Value, Result) throws(InputError) -> Void
  private let state = Mutex(State())
  /// Held for every change of the state, and signaled after a result.
  private let change = NSCondition()

  init(
    ahead: Int, next: @escaping @Sendable () throws(InputError) -> Value?,
    done: @escaping @Sendable (Value, Result) throws(InputError) -> Void
  ) {
    (self.ahead, self.next, self.done) = (ahead, next, done)
  }

  var error: InputError? { state.withLock(\.error) }

  /// The next value and its place; nil where there are no more.
  func take() -> (Int, Value)? {
    change.lock()
    defer { change.unlock() }
    while state.withLock({ !$0.isOver && $0.taken - $0.given >= ahead }) { change.wait() }
    return state.withLock { state in
      if state.isOver { return nil }
      do throws(InputError) {
        if let value = try next() {
          state.taken += 1
          return (state.taken - 1, value)
        }
      } catch {
        state.error = error
      }
      state.isOver = true
      return nil
    }
  }

  /// Hands on a result, and those that waited for it.
  func give(_ result: Result, for value: Value, at place: Int) {
    change.lock()
    defer { change.unlock() }
    state.withLock { state in
      state.waiting[place] = (value, result)
      while let first = state.waiting.removeValue(forKey: state.given) {
        do throws(InputError) {
          try done(first.value, first.result)
          state.given += 1
        } catch {
          // The place stays open, so that no later result is handed on.
          state.error = error
          state.isOver = true
        }
      }
    }
    change.broadcast()
  }
}

/// Memory that several threads use together.
///
/// Work waits until it fits beside the work of others. Work that is larger than all of it waits until it is alone.
package final class MemoryRoom: Sendable {
  private let bytes: Int
  private let used = Mutex(0)
  private let change = NSCondition()

  /// A room of some bytes.
  package init(_ bytes: Int) { self.bytes = bytes }

  /// Does some work that takes up to `need` bytes.
  package func withRoom<Result, E>(
    for need: Int, _ work: () throws(E) -> Result
  ) throws(E) -> Result {
    enter(need)
    defer { leave(need) }
    return try work()
  }

  private func enter(_ need: Int) {
    change.lock()
    defer { change.unlock() }
    while true {
      let fits = used.withLock { used in
        guard used == 0 || used + need <= bytes else { return false }
        used += need
        return true
      }
      if fits { return }
      change.wait()
    }
  }

  private func leave(_ need: Int) {
    change.lock()
    used.withLock { $0 -= need }
    change.unlock()
    change.broadcast()
  }
}
