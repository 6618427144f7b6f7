import Foundation
import GRDB
import SecantCheckpoints
import SecantReports

/// Writes the tables of a corpus, item by item, in the order of items.
///
/// Equal items in equal order give a file of equal bytes.
final class StoreWriter {
  private let database: Database
  /// The vectors that were written: their number is the next one's row.
  private var rows = 0
  private var triplets = 0

  /// Begins in a database without tables, in a transaction that another ends.
  init(_ database: Database, _ manifest: RunManifest) throws {
    self.database = database
    try database.execute(sql: Schema.tables)
    var facts = manifest.options
    facts["schema"] = "\(Schema.version)"
    facts["secant"] = manifest.secantVersion
    facts["model"] = manifest.modelName
    facts["fingerprint"] = manifest.modelFingerprint
    facts["data"] = manifest.data
    facts["data_sha256"] = manifest.dataDigest
    facts["items"] = "\(manifest.itemCount)"
    for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
      try insert("run", [name, value])
    }
  }

  /// Writes an item.
  func write(_ item: Int, _ document: ItemDocument) throws {
    let answer = document.explanation
    let target = answer?.target ?? document.layers?.target ?? document.ledger?.target
    let predictions = answer?.prediction ?? document.layers?.prediction ?? []
    let prompt = answer?.prompt ?? document.layers?.prompt
    try insert(
      "items",
      [
        item, document.source, document.line, document.text, document.other, document.fields,
        document.error, prompt?.tokens.count, target?.label, target?.logit,
        predictions.first?.text, predictions.first?.probability, answer?.shares.bias.value,
      ])
    for (rank, prediction) in predictions.enumerated() {
      try insert(
        "predictions",
        [item, rank, prediction.id, prediction.text, prediction.logit, prediction.probability])
    }
    if let answer {
      try writeShares(item, answer)
      for map in answer.jacobians { try write(item, map) }
    }
    if let layers = document.layers { try write(item, layers) }
    if let ledger = document.ledger { try write(item, ledger) }
  }

  /// Writes the indices, after the last item.
  func finish() throws { try database.execute(sql: Schema.indices) }

  private func writeShares(_ item: Int, _ answer: ItemDocument.Explanation) throws {
    let last = answer.prompt.analysedPosition
    for (token, share) in zip(answer.prompt.tokens, answer.shares.tokens) {
      let role =
        share.isBaseline
        ? "baseline" : token.position == last ? "last" : token.position == 0 ? "first" : "middle"
      try insert(
        "shares",
        [item, token.position, token.id, token.text, role, share.value, share.fraction])
    }
  }

  private func write(_ item: Int, _ map: ExplanationReport.TokenJacobian) throws {
    try insert(
      "maps",
      [
        item, map.position, map.stableRank.value, map.frobeniusNormSquared.value, map.isConverged,
      ])
    let rank = map.singularValues.count
    for k in 0..<rank {
      try insert(
        "triplets",
        [
          triplets, item, map.position, k, map.singularValues[k], map.residuals[k], rows + k,
          rows + rank + k,
        ])
      if k < map.triplets.count {
        try write("left", map.triplets[k].left)
        try write("right", map.triplets[k].right)
      }
      triplets += 1
    }
    rows += 2 * rank
  }

  private func write(_ side: String, _ words: [ExplanationReport.DecodedToken]) throws {
    for (rank, word) in words.enumerated() {
      try insert("words", [triplets, side, rank, word.id, word.text, word.score])
    }
    try insert(
      "words_index", [words.map(\.text).joined(separator: " "), side, triplets])
  }

  private func write(_ item: Int, _ layers: LayersReport) throws {
    for block in 0..<layers.blockCount {
      let share = layers.shares.flatMap { block < $0.blocks.count ? $0.blocks[block] : nil }
      let map = layers.maps.first { $0.block == block && $0.lens != nil }
      try insert(
        "blocks",
        [
          item, block, share?.attention, share?.feedForward, share?.bias, map?.lens?.logit,
          map?.lens?.probability, map?.lens?.rank, map?.lens?.entropy, map?.output.first?.text,
        ])
    }
    for map in layers.maps where map.site == .residual && map.extent == .cumulative {
      for token in map.tokens {
        try insert(
          "block_maps",
          [
            item, map.block, token.position, token.singularValues.first, token.stableRank.value,
            token.frobeniusNormSquared.value, token.isConverged,
          ])
      }
    }
  }

  private func write(_ item: Int, _ ledger: DifferenceLedger) throws {
    let mean = ledger.mean
    try insert(
      "ledgers",
      [
        item, ledger.target.label, mean.real, mean.content, mean.patterns, mean.gates, mean.norms,
        mean.unlisted, ledger.masked?.prompt, ledger.masked?.start, ledger.masked?.count,
      ])
    // Primary keys in order: each part's rows after the other's, by name.
    for block in mean.blocks where block.gates != 0 {
      try insert("ledger_blocks", [item, "gates", block.block, 0, block.gates])
    }
    for block in mean.blocks where block.norms != 0 {
      try insert("ledger_blocks", [item, "norms", block.block, 0, block.norms])
    }
    for block in mean.blocks {
      for (head, value) in block.heads.enumerated() where value != 0 {
        try insert("ledger_blocks", [item, "pattern", block.block, head, value])
      }
    }
    for (rank, entry) in mean.wholeEntries.enumerated() {
      try insert(
        "ledger_entries",
        [item, rank, entry.kind, entry.block, entry.head, entry.position, entry.value])
    }
  }

  /// Inserts a row; a number that is not one becomes null, as SQL has it.
  private func insert(_ table: String, _ values: [(any DatabaseValueConvertible)?]) throws {
    let marks = Array(repeating: "?", count: values.count).joined(separator: ",")
    let columns = table == "words_index" ? "(text, side, triplet) " : ""
    let statement = try database.cachedStatement(
      sql: "INSERT INTO \(table) \(columns)VALUES (\(marks))")
    try statement.execute(arguments: StatementArguments(values))
  }
}
