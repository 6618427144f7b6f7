/// Statistics over the items of a merged corpus.
package struct StatsReport: Report {
  /// Version 1 of "secant.stats".
  package static let schema = ReportSchema(name: "secant.stats", version: 1)

  /// The folder as the user named it.
  package let run: String
  /// The model as the run names it.
  package let model: String
  /// The items without a failure.
  package let items: Int
  /// The field whose values are compared; nil for none.
  package let by: String?
  /// The items that have no value there; nil where nothing is compared.
  package let itemsWithoutGroup: Int?
  /// The permutations of each test; nil where nothing is compared.
  package let permutations: Int?
  /// What was measured, by kind, then by name.
  package let measures: [Measure]
  /// Clusters of leading directions; nil where none were made.
  package let clusters: Clusters?
  /// What the run did not ask for, one sentence each.
  package let notes: [String]

  /// Gathers statistics.
  package init(
    run: String, model: String, items: Int, by: String?, itemsWithoutGroup: Int?,
    permutations: Int?, measures: [Measure], clusters: Clusters?, notes: [String]
  ) {
    self.run = run
    self.model = model
    self.items = items
    self.by = by
    self.itemsWithoutGroup = itemsWithoutGroup
    self.permutations = permutations
    self.measures = measures
    self.clusters = clusters
    self.notes = notes
  }

  /// One number of every item.
  package struct Measure: Codable, Hashable, Sendable {
    /// "prediction", "share", "stable-rank", "block-stable-rank", "attention", "feed-forward", "head" or "gates".
    package let kind: String
    /// Which one of them, such as "last", "12" or "23.0".
    package let name: String
    /// The items that have it.
    package let items: Int
    /// Its mean.
    package let mean: Mean
    /// The mean of its magnitude.
    package let magnitude: Double
    /// Each group; nil where nothing is compared.
    package let groups: [Group]?
    /// p of the permutation test; nil where nothing is compared, or fewer than two groups have the measure.
    package let p: Double?
    /// The false discovery rate by Benjamini and Hochberg, over all tests of the report; nil as `p` is.
    package var q: Double?

    /// Describes a measure.
    package init(
      kind: String, name: String, items: Int, mean: Mean, magnitude: Double, groups: [Group]?,
      p: Double?, q: Double? = nil
    ) {
      self.kind = kind
      self.name = name
      self.items = items
      self.mean = mean
      self.magnitude = magnitude
      self.groups = groups
      self.p = p
      self.q = q
    }
  }

  /// A mean over items, with a bootstrap interval of 95 %.
  package struct Mean: Codable, Hashable, Sendable {
    /// The mean.
    package let value: Double
    /// The lower end of the interval.
    package let low: Double
    /// The upper end.
    package let high: Double

    /// Describes a mean.
    package init(value: Double, low: Double, high: Double) {
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  /// The items with one value of the field.
  package struct Group: Codable, Hashable, Sendable {
    /// The value.
    package let name: String
    /// The items that have the measure.
    package let items: Int
    /// The mean over them; nil where there is none.
    package let mean: Double?

    /// Describes a group.
    package init(name: String, items: Int, mean: Double?) {
      (self.name, self.items, self.mean) = (name, items, mean)
    }
  }

  /// Clusters of the directions that maps write most, u_1 of each map, whatever their signs.
  package struct Clusters: Codable, Hashable, Sendable {
    /// The leading directions of the run.
    package let directionCount: Int
    /// Those that were clustered: all, or a sample of them.
    package let clusteredCount: Int
    /// The mean cos² of a direction with the centre of its cluster, from 0 to 1.
    package let cohesion: Double
    /// The same of directions that are drawn at random, clustered in the same way.
    package let randomCohesion: Double
    /// What starting centres were drawn from.
    package let seed: UInt64
    /// The clusters, largest first.
    package let clusters: [Cluster]

    /// Gathers clusters.
    package init(
      directionCount: Int, clusteredCount: Int, cohesion: Double, randomCohesion: Double,
      seed: UInt64, clusters: [Cluster]
    ) {
      self.directionCount = directionCount
      self.clusteredCount = clusteredCount
      self.cohesion = cohesion
      self.randomCohesion = randomCohesion
      self.seed = seed
      self.clusters = clusters
    }
  }

  /// Directions near one centre.
  package struct Cluster: Codable, Hashable, Sendable {
    /// Their number.
    package let count: Int
    /// The items that have one of them.
    package let items: Int
    /// The directions that point the other way.
    package let opposite: Int
    /// The mean |cos| with the centre.
    package let cosine: Double
    /// The direction that is nearest to the centre, as `secant search --like` takes it.
    package let nearest: String
    /// What the directions decode to, except those that point the other way: the words that most of them have.
    package let words: [Word]
    /// The directions of each group of items; nil where nothing is compared.
    package let groups: [Share]?

    /// Describes a cluster.
    package init(
      count: Int, items: Int, opposite: Int, cosine: Double, nearest: String, words: [Word],
      groups: [Share]?
    ) {
      self.count = count
      self.items = items
      self.opposite = opposite
      self.cosine = cosine
      self.nearest = nearest
      self.words = words
      self.groups = groups
    }
  }

  /// A token to which directions of a cluster decode.
  package struct Word: Codable, Hashable, Sendable {
    /// Its text.
    package let text: String
    /// The directions that decode to it.
    package let count: Int

    /// Counts a token.
    package init(text: String, count: Int) { (self.text, self.count) = (text, count) }
  }

  /// The directions of a cluster that are of one group of items.
  package struct Share: Codable, Hashable, Sendable {
    /// The value of the field.
    package let name: String
    /// The number of directions.
    package let count: Int

    /// Counts a group.
    package init(name: String, count: Int) { (self.name, self.count) = (name, count) }
  }
}
