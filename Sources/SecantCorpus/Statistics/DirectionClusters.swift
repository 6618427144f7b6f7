import Foundation
import GRDB
import SecantCheckpoints
import SecantOperators
import SecantReports

extension CorpusStatistics {
  /// Directions that are clustered at most; of more, a sample.
  static let clusterLimit = 20_000
  /// Directions that a cluster has on average at least.
  private static let leastSize = 4

  /// Clusters of the first left vector of each map; nil where there are too few of them for two.
  ///
  /// - Parameters:
  ///   - database: The tables.
  ///   - folder: The run, for its vectors.
  ///   - count: The number of clusters; fewer where there are not four directions for each.
  ///   - groups: The group of each item; nil where nothing is compared.
  ///   - seed: What starting centres, and the sample, are drawn from.
  /// - Returns: The clusters, largest first.
  /// - Throws: `InputError` where the file of vectors is damaged.
  static func clusters(
    _ database: Database, in folder: RunFolder, count: Int, _ groups: [Int: String]?,
    seed: UInt64
  ) throws -> StatsReport.Clusters? {
    let all = try Row.fetchAll(
      database,
      sql: "SELECT triplet, item, position, left_row FROM triplets WHERE rank = 0 ORDER BY triplet"
    ).map {
      Leading(
        triplet: $0["triplet"], item: $0["item"], position: $0["position"], row: $0["left_row"])
    }
    let vectors = try VectorFile(at: folder.vectorsURL)
    var generator = SplitMix64(seed: seed)
    let sample =
      all.count > clusterLimit
      ? all.shuffled(using: &generator).prefix(clusterLimit).sorted { $0.triplet < $1.triplet }
      : all
    var (chosen, elements): ([Leading], [Float]) = ([], [])
    for leading in sample {
      let row = vectors.values(leading.row..<leading.row + 1)
      let length = Matrix(row: row).norm
      // The map of a token that nothing reads is zero, and has no direction.
      guard length > 0, length.isFinite else { continue }
      chosen.append(leading)
      elements += row.map { $0 / Float(length) }
    }
    let count = min(count, chosen.count / leastSize)
    guard count > 1 else { return nil }
    let rows = Matrix(rows: chosen.count, columns: vectors.width, elements: elements)
    let found = SphericalClusters(of: rows, count: count, seed: seed)
    let random = Matrix<Float>.normal(rows: rows.rows, columns: rows.columns, using: &generator)
    let unit = Matrix<Float>.stacking(
      (0..<random.rows).map { index in
        let row = random.row(index)
        return Matrix(row: row.map { $0 / Float(Matrix(row: row).norm) })
      }, columns: random.columns)
    let described = try (0..<count).compactMap { cluster -> StatsReport.Cluster? in
      let members = chosen.indices.filter { found.assignments[$0] == cluster }
      return try describe(
        database, members.map { (chosen[$0], found.cosines[$0]) }, groups)
    }
    return StatsReport.Clusters(
      directionCount: all.count, clusteredCount: chosen.count, cohesion: found.cohesion,
      randomCohesion: SphericalClusters(of: unit, count: count, seed: seed).cohesion, seed: seed,
      clusters: described.sorted {
        $0.count != $1.count ? $0.count > $1.count : $0.nearest < $1.nearest
      })
  }

  /// The first direction of a map.
  private struct Leading {
    let triplet: Int
    let item: Int
    let position: Int
    let row: Int
  }

  private static func describe(
    _ database: Database, _ members: [(leading: Leading, cosine: Double)], _ groups: [Int: String]?
  ) throws -> StatsReport.Cluster? {
    guard
      let nearest = members.max(by: { $0.cosine.magnitude < $1.cosine.magnitude })?.leading
    else { return nil }
    // The centre's sign means nothing: most directions shall point its way.
    let negative = members.count { $0.cosine < 0 }
    let isTurned = 2 * negative > members.count
    var counts: [Int: (text: String, count: Int)] = [:]
    for member in members where (member.cosine < 0) == isTurned {
      let words = try Row.fetchAll(
        database, sql: "SELECT token, text FROM words WHERE triplet = ? AND side = 'left'",
        arguments: [member.leading.triplet])
      for word in words {
        counts[word["token"], default: (word["text"], 0)].count += 1
      }
    }
    let words = counts.sorted {
      $0.value.count != $1.value.count ? $0.value.count > $1.value.count : $0.key < $1.key
    }
    return StatsReport.Cluster(
      count: members.count, items: Set(members.map(\.leading.item)).count,
      opposite: isTurned ? members.count - negative : negative,
      cosine: members.reduce(0) { $0 + $1.cosine.magnitude } / Double(members.count),
      nearest: "\(nearest.item):\(nearest.position):0",
      words: words.prefix(8).map { .init(text: $0.value.text, count: $0.value.count) },
      groups: groups.map { groups in
        Dictionary(grouping: members.compactMap { groups[$0.leading.item] }) { $0 }
          .map { .init(name: $0.key, count: $0.value.count) }
          .sorted { $0.count != $1.count ? $0.count > $1.count : $0.name < $1.name }
      })
  }
}
