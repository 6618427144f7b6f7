import Foundation
import GRDB
import SecantAnalysis
package import SecantCheckpoints
package import SecantReports

/// The statistics of a merged corpus; one measure at a time is in memory.
package struct CorpusStatistics {
  private let folder: RunFolder
  private let store: CorpusStore
  private let name: String

  /// Opens the database of a run, which is only read.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - name: What the user calls it.
  /// - Throws: `InputError` where it has not been merged, or by another version.
  package init(of folder: RunFolder, name: String) throws(InputError) {
    self.folder = folder
    store = try CorpusStore(of: folder, name: name)
    self.name = name
  }

  /// A measure: what it is called, and a statement that gives an item and a number a row.
  private struct Source {
    let kind: String
    let name: String
    let sql: String
  }

  /// Measures everything that the tables have.
  ///
  /// Costs 1000 sums over all items for each measure, and as many as there are permutations where groups are
  /// compared.
  ///
  /// - Parameters:
  ///   - field: The field of the data whose values are compared; nil for none.
  ///   - permutations: Permutations of each test.
  ///   - clusters: Clusters of leading directions; 0 for none.
  ///   - seed: What samples, permutations and starting centres are drawn from.
  /// - Returns: The same report for the same arguments.
  /// - Throws: `InputError` where no item has the field, or a file is damaged.
  package func report(
    by field: String? = nil, permutations: Int = 999, clusters: Int = 8, seed: UInt64 = 0
  ) throws(InputError) -> StatsReport {
    try store.read { database in
      let items = try Int.fetchAll(
        database, sql: "SELECT item FROM items WHERE error IS NULL ORDER BY item")
      let groups = try field.map { try Self.groups(database, $0) }
      if let field, let groups, !items.contains(where: { groups[$0] != nil }) {
        throw InputError(
          .invalid, file: name, subject: "--by", expected: "a field of the data", found: field,
          remedy: "name a field that items have")
      }
      var measures: [StatsReport.Measure] = []
      for source in try Self.sources(database) {
        let found = try Self.measure(database, source, groups, permutations, seed)
        if let found { measures.append(found) }
      }
      let tested = measures.indices.filter { measures[$0].p != nil }
      let rates = GroupTest.benjaminiHochberg(tested.compactMap { measures[$0].p })
      for (index, rate) in zip(tested, rates) { measures[index].q = rate }
      let found =
        clusters > 0
        ? try Self.clusters(database, in: folder, count: clusters, groups, seed: seed) : nil
      let model = try String.fetchOne(database, sql: "SELECT value FROM run WHERE name = 'model'")
      return StatsReport(
        run: name, model: model ?? "", items: items.count, by: field,
        itemsWithoutGroup: groups.map { groups in items.count { groups[$0] == nil } },
        permutations: field == nil ? nil : permutations, measures: measures, clusters: found,
        notes: try Self.notes(database, measures, found))
    }
  }

  /// What of the statistics the run has nothing for, and what is a sample.
  private static func notes(
    _ database: Database, _ measures: [StatsReport.Measure], _ clusters: StatsReport.Clusters?
  ) throws -> [String] {
    let asked = try String.fetchOne(database, sql: "SELECT value FROM run WHERE name = '--ask'")
    let questions = Set((asked ?? "").split(separator: ",").map(String.init))
    let missing = [
      ("spectra", "stable ranks by role and clusters of directions"),
      ("layer-spectra", "stable ranks by block"), ("layers", "contributions of blocks"),
      ("ledger", "heads and gates that carry differences"),
    ].filter { question, _ in
      asked != nil && !questions.contains(question)
        && !(question == "layers" && questions.contains("layer-spectra"))
    }
    var notes: [String] = []
    if !missing.isEmpty {
      notes.append(
        "The run did not ask for " + missing.map { "\($0.1) (\($0.0))" }.joined(separator: ", ")
          + ": --ask of secant scan.")
    }
    if let clusters, clusters.clusteredCount < clusters.directionCount {
      notes.append(
        "Clusters are of \(clusters.clusteredCount) of the \(clusters.directionCount) leading directions, "
          + "drawn at random.")
    }
    return notes
  }

  /// The value of a field for each item that has one.
  private static func groups(_ database: Database, _ field: String) throws -> [Int: String] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT item, CAST(json_extract(fields, :path) AS TEXT) AS value FROM items
        WHERE json_extract(fields, :path) IS NOT NULL
        """, arguments: ["path": "$.\"\(field)\""])
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["item"], $0["value"]) })
  }

  private static func sources(_ database: Database) throws -> [Source] {
    var sources = [
      Source(
        kind: "prediction", name: "probability",
        sql: "SELECT item, probability AS value FROM items WHERE probability IS NOT NULL"),
      Source(
        kind: "prediction", name: "logit",
        sql: "SELECT item, logit AS value FROM items WHERE logit IS NOT NULL"),
    ]
    let roles = ["baseline", "first", "middle", "last"]
    sources += roles.map { role in
      Source(
        kind: "share", name: role,
        sql: """
          SELECT item, sum(share) AS value FROM shares WHERE role = '\(role)' GROUP BY item
          """)
    }
    sources += roles.map { role in
      Source(
        kind: "stable-rank", name: role,
        sql: """
          SELECT maps.item, avg(stable_rank) AS value FROM maps
          JOIN shares ON shares.item = maps.item AND shares.position = maps.position
          WHERE role = '\(role)' GROUP BY maps.item
          """)
    }
    let blocks = try Int.fetchAll(
      database, sql: "SELECT DISTINCT block FROM blocks ORDER BY block")
    let mapped = try Int.fetchAll(
      database, sql: "SELECT DISTINCT block FROM block_maps ORDER BY block")
    sources += mapped.map { block in
      Source(
        kind: "block-stable-rank", name: "\(block)",
        sql: """
          SELECT item, avg(stable_rank) AS value FROM block_maps WHERE block = \(block) GROUP BY item
          """)
    }
    for (kind, column) in [("attention", "attention"), ("feed-forward", "feed_forward")] {
      sources += blocks.map { block in
        Source(
          kind: kind, name: "\(block)",
          sql: """
            SELECT item, \(column) AS value FROM blocks
            WHERE block = \(block) AND \(column) IS NOT NULL
            """)
      }
    }
    let parts = try Row.fetchAll(
      database,
      sql: """
        SELECT DISTINCT part, block, head FROM ledger_blocks WHERE part IN ('pattern', 'gates')
        ORDER BY part DESC, block, head
        """)
    sources += parts.map { row in
      let (part, block, head) = (row["part"] as String, row["block"] as Int, row["head"] as Int)
      return Source(
        kind: part == "pattern" ? "head" : "gates",
        name: part == "pattern" ? "\(block).\(head)" : "\(block)",
        sql: """
          SELECT ledgers.item, coalesce(value, 0) AS value FROM ledgers LEFT JOIN ledger_blocks
          ON ledger_blocks.item = ledgers.item AND part = '\(part)' AND block = \(block)
          AND head = \(head)
          """)
    }
    return sources
  }

  /// One measure; nil where no item has it.
  private static func measure(
    _ database: Database, _ source: Source, _ groups: [Int: String]?,
    _ permutations: Int, _ seed: UInt64
  ) throws -> StatsReport.Measure? {
    let rows = try Row.fetchAll(
      database, sql: "SELECT item, value FROM (\(source.sql)) ORDER BY item")
    let found = rows.map { (item: $0["item"] as Int, value: $0["value"] as Double) }
    guard let mean = Bootstrap(of: Bootstrap.mean, found.map(\.value), seed: seed) else {
      return nil
    }
    var described: [StatsReport.Group]?
    var p: Double?
    if let groups {
      let grouped = found.compactMap { row in groups[row.item].map { (group: $0, value: row.value) }
      }
      let names = Set(groups.values).sorted()
      described = names.map { name in
        let values = grouped.filter { $0.group == name }.map(\.value)
        return StatsReport.Group(
          name: name, items: values.count,
          mean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count))
      }
      let present = names.filter { name in grouped.contains { $0.group == name } }
      if present.count > 1 {
        let numbers = Dictionary(uniqueKeysWithValues: zip(present, 0...))
        p = GroupTest.permutation(
          grouped.map(\.value), groups: grouped.compactMap { numbers[$0.group] },
          permutations: permutations, seed: seed)
      }
    }
    return StatsReport.Measure(
      kind: source.kind, name: source.name, items: found.count,
      mean: .init(value: mean.value, low: mean.low, high: mean.high),
      magnitude: found.reduce(0) { $0 + $1.value.magnitude } / Double(found.count),
      groups: described, p: p)
  }
}
