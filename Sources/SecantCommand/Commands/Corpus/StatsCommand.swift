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
      discovery rate over all of them (Benjamini-Hochberg).

        secant stats RUN
        secant stats RUN --by group --top 5
      """)

  @OptionGroup var run_: RunArgument

  @Option(help: ArgumentHelp("Compare the items by this field of the data.", valueName: "field"))
  var by: String?

  @Option(parsing: .unconditional, help: "The number of permutations of each test.")
  var permutations = 999

  @Option(
    parsing: .unconditional,
    help: "The number of blocks, heads and gates that are listed; --json has all.")
  var top = 10

  @OptionGroup var seed: SeedOptions
  @OptionGroup var report: ReportOptions

  /// - Throws: That a number is out of range.
  func validate() throws {
    try checkGiven(by, by: "--by", "the name of a field")
    if permutations < 1 {
      throw ValidationError("--permutations: expected at least 1, found \(permutations)")
    }
    if top < 1 { throw ValidationError("--top: expected at least 1, found \(top)") }
  }

  /// - Throws: Why there are no statistics.
  func run() throws {
    let statistics = try CorpusStatistics(of: run_.folder, name: run_.run)
    let answer = try statistics.report(by: by, permutations: permutations, seed: seed.seed)
    try report.print(answer) { answer, _ in text(answer) }
  }

  private func text(_ report: StatsReport) -> String {
    let shown = StandardOutput.shown
    var lines = ["\(shown(report.run)): \(report.items) items"]
    if let by = report.by, let others = report.itemsWithoutGroup {
      lines[0] +=
        ", by \(shown(by)) (\(others) without it), \(report.permutations ?? 0) permutations"
    }
    for kind in report.measures.map(\.kind).unique {
      let measures = report.measures.filter { $0.kind == kind }
      let isLong = measures.count > top
      let listed =
        isLong ? Array(measures.sorted { $0.magnitude > $1.magnitude }.prefix(top)) : measures
      lines += ["", "\(kind)\(isLong ? ", the \(top) largest of \(measures.count)" : "")"]
      for measure in listed {
        let mean = measure.mean
        var line =
          "  "
          + measure.name.padding(toLength: max(12, measure.name.count), withPad: " ", startingAt: 0)
          + String(format: "%9.3f  [%.3f, %.3f]", mean.value, mean.low, mean.high)
        if let groups = measure.groups {
          line +=
            "  "
            + groups.prefix(4).map { group in
              "\(shown(group.name)) " + (group.mean.map { String(format: "%.3f", $0) } ?? "-")
            }.joined(separator: "  ") + (groups.count > 4 ? "  …" : "")
        }
        if let p = measure.p, let q = measure.q {
          line += String(format: "  p %.3g  q %.3g", p, q)
        }
        lines.append(line)
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension [String] {
  /// The elements, each once, in the order in which they come first.
  fileprivate var unique: [String] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
