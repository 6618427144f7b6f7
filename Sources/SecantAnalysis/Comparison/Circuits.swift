import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

extension Difference {
  /// The fewest entries, the largest magnitudes first, whose sum is off by at most what is left of a fraction of
  /// the difference; all where no fewer are.
  func circuit(carrying fraction: Double) -> [Entry] {
    let entries = largestEntries
    let (total, slack) = (sum, (1 - fraction) * abs(sum))
    var carried = 0.0
    for (index, entry) in entries.enumerated() {
      carried += entry.value
      if abs(total - carried) <= slack { return Array(entries[...index]) }
    }
    return entries
  }
}

extension DifferenceCircuit {
  /// The circuit of an account, and what a run with only its parts swapped gives.
  ///
  /// - Parameters:
  ///   - account: The account of A less B, carried on under A.
  ///   - fraction: The part of the difference that it carries.
  ///   - a: Run A.
  ///   - b: Run B.
  ///   - direction: What is read off the output, `[d]`.
  ///   - site: Where it is read.
  ///   - position: At which position.
  init<S: Scalar>(
    of account: Difference, carrying fraction: Double, _ a: Linearization<S>,
    _ b: Linearization<S>, _ direction: [S], at site: Site, _ position: Int
  ) {
    let chosen = account.circuit(carrying: fraction)
    var parts: [Difference.Component: Set<Int>] = [:]
    for entry in chosen { parts[entry.component, default: []].insert(entry.position) }
    let (swapped, plain) = (
      a.output(swapping: parts, into: b, to: site, position: position),
      b.output(at: site, position: position)
    )
    self.init(
      fraction: fraction, difference: account.real, size: chosen.count,
      entryCount: account.entries.count, predicted: chosen.reduce(0) { $0 + $1.value },
      real: Kernels.dot(direction.span, swapped.span) - Kernels.dot(direction.span, plain.span),
      entries: chosen.prefix(DifferenceLedger.circuitEntries).map { .init($0) })
  }
}
