import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// `secant scan merge`: one database of all results.
struct ScanMergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Writes one SQLite database and one file of vectors from all shards of a run.",
    usage: "secant scan merge [<options>] <run>",
    discussion: """
      Writes corpus.sqlite and vectors.npy into the folder of the run. Their bytes do not depend on how the \
      items were divided. pandas, DuckDB and sqlite3 read the database, numpy.load the vectors.

        secant scan merge RUN
        sqlite3 RUN/corpus.sqlite 'SELECT text, prediction FROM items LIMIT 5'
      """)

  @OptionGroup var run_: RunArgument

  @Flag(help: "Take the items that are done where others are left.")
  var partial = false

  @OptionGroup var progress: ProgressOptions

  /// - Throws: Why nothing can be merged.
  func run() throws {
    let folder = run_.folder
    let line = ProgressLine("merging", isQuiet: progress.quiet)
    let merged = try folder.merge(isPartial: partial) { done, all in
      line.update("merging", fraction: Double(done) / Double(all))
    }
    line.end()
    var text =
      "\(StandardOutput.shown(run_.run))/corpus.sqlite: \(merged.items) items, \(merged.failed) failed"
    if merged.vectors > 0 { text += "; vectors.npy: \(merged.vectors) vectors" }
    try StandardOutput.write(text + "\n")
  }
}
