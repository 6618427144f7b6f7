import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// `secant stats`: what holds for the items of a corpus on average, and between groups.
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Shows means over a merged corpus, with intervals, and compares groups of items.",
    usage: "secant stats <run> [<options>]",
    discussion: """
      Prints, with bootstrap intervals of 95 %, the means of each item's prediction, shares by the tokens' \
      role, stable ranks, blocks' contributions, and the heads and gates of ledgers that gave most. --by \
      compares the items by a field of the data: a permutation test for each measure, and the false \
      discovery rate over all of them (Benjamini-Hochberg). Clusters are of the first left vectors of all maps, by \
      |cos| (spherical k-means).

        secant stats RUN
        secant stats RUN --html stats.html --csv stats.csv
        secant stats RUN --by group --top 5
      """)

  @OptionGroup var run_: RunArgument

  @Option(help: ArgumentHelp("Compare the items by this field of the data.", valueName: "field"))
  var by: String?

  @Option(parsing: .unconditional, help: "The number of permutations of each test.")
  var permutations = 999

  @Option(
    parsing: .unconditional,
    help: "The number of blocks, heads, gates and clusters that are listed; --json has all.")
  var top = 10

  @Option(
    parsing: .unconditional,
    help: "The number of clusters of leading directions; 0 for none.")
  var clusters = 8

  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    try checkGiven(by, by: "--by", "the name of a field")
    if permutations < 1 {
      throw ValidationError("--permutations: expected at least 1, found \(permutations)")
    }
    if top < 1 { throw ValidationError("--top: expected at least 1, found \(top)") }
    if clusters < 0 {
      throw ValidationError("--clusters: expected 0 or more, found \(clusters)")
    }
  }

  /// - Throws: Why there are no statistics.
  func run() throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let statistics = try CorpusStatistics(of: run_.folder, name: run_.run)
      let answer = try statistics.report(
        by: by, permutations: permutations, clusters: clusters, seed: seed.seed)
      try documents.write(answer)
      try files.write(answer)
      try report.print(answer) { $0.terminalText($1, count: top) }
    }
  }
}
