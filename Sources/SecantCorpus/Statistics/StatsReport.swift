package import SecantAnalysis
package import SecantReports

/// Statistics over the items of a merged corpus.
package struct StatsReport: Report {
  /// Version 1 of "secant.stats".
  package static let schema = ReportSchema(name: "secant.stats", version: 1)

  /// The folder as the user named it.
  package let run: String
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

  /// One number of every item.
  package struct Measure: Codable, Hashable, Sendable {
    /// "prediction", "share", "stable-rank", "attention", "feed-forward", "head" or "gates".
    package let kind: String
    /// Which one of them, such as "last", "12" or "23.0".
    package let name: String
    /// The items that have it.
    package let items: Int
    /// Its mean, with a bootstrap interval of 95 %.
    package let mean: Bootstrap
    /// The mean of its magnitude.
    package let magnitude: Double
    /// Each group; nil where nothing is compared.
    package let groups: [Group]?
    /// p of the permutation test; nil where nothing is compared, or fewer than two groups have the measure.
    package let p: Double?
    /// The false discovery rate by Benjamini and Hochberg, over all tests of the report; nil as `p` is.
    package var q: Double?
  }

  /// The items with one value of the field.
  package struct Group: Codable, Hashable, Sendable {
    /// The value.
    package let name: String
    /// The items that have the measure.
    package let items: Int
    /// The mean over them; nil where there is none.
    package let mean: Double?
  }
}
