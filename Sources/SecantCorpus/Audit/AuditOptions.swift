/// What an audit looks for, and how.
package struct AuditOptions: Sendable {
  /// The words.
  package var list: AuditList
  /// What maps write, or what they read.
  package var side = CorpusQuery.Side.left
  /// Random directions, and shuffled lists as many; nil for 9,999, or as many up to 99,999 as it takes to find a
  /// single direction.
  package var samples: Int?
  /// The false discovery rate below which a direction is found.
  package var level = 0.05
  /// Directions that are taken away at most; 0 for none.
  package var ablations = 10
  /// Random directions that are taken away beside each.
  package var controls = 8
  /// The seed of directions and lists.
  package var seed: UInt64 = 0
  /// What the report says of the command line.
  package var commandLine: [String]?

  /// The defaults for a list.
  package init(_ list: AuditList) { self.list = list }

  /// The samples for a number of directions.
  ///
  /// q of a single direction that no sample reaches is the number of directions over that of samples.
  func settledSamples(for directions: Int) -> Int {
    if let samples { return samples }
    let counts = [9_999, 19_999, 49_999, 99_999]
    return counts.first { Double(directions) / Double(1 + $0) < level } ?? 99_999
  }
}
