import Foundation
import GRDB
package import SecantCheckpoints
package import SecantReports

/// A merged corpus that is searched.
package struct CorpusSearch {
  let folder: RunFolder
  private let name: String
  private let store: CorpusStore

  /// Opens the database of a run, which is only read.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - name: What the user calls it.
  /// - Throws: `InputError` where it has not been merged, or by another version.
  package init(of folder: RunFolder, name: String) throws(InputError) {
    self.folder = folder
    self.name = name
    store = try CorpusStore(of: folder, name: name)
  }

  /// Answers a query.
  ///
  /// - Parameters:
  ///   - query: What is looked for.
  ///   - top: Matches that are listed at most.
  ///   - isNotInOutput: Whether directions are passed over whose words the item's predictions have, too.
  /// - Returns: The same report for the same arguments.
  /// - Throws: `InputError` where the direction that is named does not exist, or a file is damaged.
  package func answer(
    _ query: CorpusQuery, top: Int, isNotInOutput: Bool = false
  ) throws(InputError) -> SearchReport {
    try store.read { database in
      let (count, matches) = try matches(database, query, top, isNotInOutput)
      return SearchReport(
        run: name, query: query.description + (isNotInOutput ? ", not in the output" : ""),
        count: count, matches: matches)
    }
  }

  private func matches(
    _ database: Database, _ query: CorpusQuery, _ top: Int, _ isNotInOutput: Bool
  ) throws -> (count: Int, matches: [SearchReport.Match]) {
    switch query {
    case .words(let words, let side):
      return try directions(
        database,
        """
        SELECT triplets.triplet, side, sigma AS score FROM words_index
        JOIN triplets ON triplets.triplet = words_index.triplet
        WHERE words_index MATCH :words AND (:side IS NULL OR side = :side)
        """, ["words": Self.phrase(words), "side": side?.rawValue], top,
        isNotInOutput ? Self.phrase(words) : nil)
    case .token(let token, let side):
      let id = token.first == "#" ? Int(token.dropFirst()) : nil
      return try directions(
        database,
        """
        SELECT triplets.triplet, side, score FROM words
        JOIN triplets ON triplets.triplet = words.triplet
        WHERE (CASE WHEN :id IS NULL THEN words.text IN (:token, ' ' || :token) ELSE token = :id END)
          AND (:side IS NULL OR side = :side)
        """, ["token": token, "id": id, "side": side?.rawValue], top,
        isNotInOutput ? Self.phrase(token) : nil)
    case .like(let name, let side):
      return try nearest(database, name, side, top)
    case .subspace(let name, let side):
      return try nearestSubspaces(database, name, side, top)
    case .prompts(let words):
      return try items(
        database,
        "SELECT rowid AS item, NULL AS value FROM prompts_index WHERE prompts_index MATCH :words",
        ["words": Self.phrase(words)], "item", top)
    case .head(let block, let head, let above):
      return try items(
        database,
        """
        SELECT item, value FROM ledger_blocks
        WHERE part = 'pattern' AND block = :block AND head = :head AND abs(value) >= :above
        """, ["block": block, "head": head, "above": above], "abs(value) DESC, item", top)
    }
  }

  /// Words as the index takes them: all must be there, and none is an operator.
  private static func phrase(_ words: String) -> String {
    words.split(whereSeparator: \.isWhitespace)
      .map { "\"\($0.replacing("\"", with: "\"\""))\"" }.joined(separator: " ")
  }

  // MARK: - Items

  private func items(
    _ database: Database, _ sql: String, _ arguments: [String: (any DatabaseValueConvertible)?],
    _ order: String, _ top: Int
  ) throws -> (Int, [SearchReport.Match]) {
    let arguments = StatementArguments(arguments)
    let count = try Int.fetchOne(
      database, sql: "SELECT count(*) FROM (\(sql))", arguments: arguments)
    let rows = try Row.fetchAll(
      database, sql: "SELECT item, value FROM (\(sql)) ORDER BY \(order) LIMIT \(top)",
      arguments: arguments)
    return (
      count ?? 0,
      try rows.map { row in
        var match = try match(database, row["item"])
        match.value = row["value"]
        return match
      }
    )
  }

  func match(_ database: Database, _ item: Int) throws -> SearchReport.Match {
    let row = try Row.fetchOne(
      database, sql: "SELECT source, line, text, prediction FROM items WHERE item = ?",
      arguments: [item])
    return SearchReport.Match(
      item: item, source: row?["source"] ?? "", line: row?["line"] ?? 0, text: row?["text"],
      prediction: row?["prediction"])
  }

  // MARK: - Directions

  /// The directions of a selection of triplets, sides and scores, the largest scores first.
  private func directions(
    _ database: Database, _ sql: String, _ arguments: [String: (any DatabaseValueConvertible)?],
    _ top: Int, _ output: String?
  ) throws -> (Int, [SearchReport.Match]) {
    var arguments = arguments
    var sql = sql
    if let output {
      // The predictions of an item are few: they are looked through as they are.
      let words = output.split(separator: " ").map { $0.filter { $0 != "\"" }.lowercased() }
      for (index, word) in words.enumerated() {
        arguments["output\(index)"] = word
        sql += """
           AND NOT EXISTS (SELECT 1 FROM predictions WHERE predictions.item = triplets.item
             AND lower(trim(predictions.text)) = :output\(index))
          """
      }
    }
    let given = StatementArguments(arguments)
    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM (\(sql))", arguments: given)
    let rows = try Row.fetchAll(
      database,
      sql: "SELECT triplet, side FROM (\(sql)) ORDER BY score DESC, triplet, side LIMIT \(top)",
      arguments: given)
    return (
      count ?? 0, try rows.map { try match(database, triplet: $0["triplet"], side: $0["side"]) }
    )
  }

  private func match(
    _ database: Database, triplet: Int, side: String, cosine: Double? = nil
  ) throws -> SearchReport.Match {
    guard
      let row = try Row.fetchOne(
        database,
        sql: """
          SELECT triplets.item, triplets.position, rank, sigma, shares.text AS token FROM triplets
          LEFT JOIN shares ON shares.item = triplets.item AND shares.position = triplets.position
          WHERE triplet = ?
          """, arguments: [triplet])
    else { return try match(database, -1) }
    var match = try match(database, row["item"])
    match.direction = SearchReport.Direction(
      side: side, position: row["position"], token: row["token"] ?? "", rank: row["rank"],
      sigma: row["sigma"],
      words: try String.fetchAll(
        database, sql: "SELECT text FROM words WHERE triplet = ? AND side = ? ORDER BY rank",
        arguments: [triplet, side]),
      cosine: cosine)
    return match
  }

  private func nearest(
    _ database: Database, _ name: CorpusQuery.DirectionName, _ side: CorpusQuery.Side, _ top: Int
  ) throws -> (Int, [SearchReport.Match]) {
    let column = side == .left ? "left_row" : "right_row"
    guard
      let row = try Int.fetchOne(
        database,
        sql: "SELECT \(column) FROM triplets WHERE item = ? AND position = ? AND rank = ?",
        arguments: [name.item, name.position, name.rank])
    else {
      let known = try String.fetchAll(
        database,
        sql: "SELECT DISTINCT position FROM triplets WHERE item = ? ORDER BY position",
        arguments: [name.item])
      throw InputError(
        .invalid, subject: "the direction \(name.description)",
        expected: known.isEmpty
          ? "an item with spectra"
          : "one of the positions \(known.joined(separator: ", ")) and a rank that was computed",
        found: "another", remedy: "name a direction that a search lists")
    }
    let rows = try Int.fetchAll(database, sql: "SELECT \(column) FROM triplets ORDER BY triplet")
    let vectors = try VectorFile(at: folder.vectorsURL)
    let found = vectors.nearest(to: row, among: rows, count: top + 1).filter { $0.row != row }
    return (
      rows.count - 1,
      try found.prefix(top).map { near in
        let triplet = try Int.fetchOne(
          database, sql: "SELECT triplet FROM triplets WHERE \(column) = ?", arguments: [near.row])
        return try match(
          database, triplet: triplet ?? -1, side: side.rawValue, cosine: near.cosine)
      }
    )
  }
}
