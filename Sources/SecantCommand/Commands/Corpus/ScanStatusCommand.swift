import ArgumentParser
import Foundation
import Secant
import SecantCorpus

/// `secant scan status`: how far a run has come.
struct ScanStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Shows what of a run is done, left and failed, and how long the rest takes.",
    usage: "secant scan status [<options>] <run>",
    discussion: """
      It reads the heads of all results, while processes may append more.

        secant scan status RUN
        secant scan status RUN --json
      """)

  @OptionGroup var run_: RunArgument
  @OptionGroup var report: ReportOptions

  /// - Throws: Why there is no status.
  func run() throws {
    let status = try RunStatus(of: run_.folder, name: run_.run)
    try report.print(status) { status, _ in Self.text(status) }
  }

  /// Items a second in words.
  static func rate(_ rate: Double) -> String {
    rate >= 0.1
      ? String(format: "%.1f items/s", rate) : String(format: "%.1f s an item", 1 / rate)
  }

  private static func text(_ status: RunStatus) -> String {
    let shown = StandardOutput.shown
    var lines = [
      "\(shown(status.run)): \(status.done) of \(status.items) items done, \(status.left) left, "
        + "\(status.failed) failed",
      "\(shown(status.data)) by \(shown(status.model)) "
        + status.options.sorted { $0.key < $1.key }.map { shown("\($0.key) \($0.value)") }
        .joined(separator: " "),
      "",
      "  shard       done       left     failed  speed            time left",
    ]
    for shard in status.shards {
      let numbers = [shard.index, shard.done, shard.left, shard.failed].map(String.init)
      let padded = zip(numbers, [7, 11, 11, 11]).map { text, width in
        String(repeating: " ", count: max(1, width - text.count)) + text
      }
      let rate = shard.itemsPerSecond.map(rate) ?? "not known"
      let left = shard.left == 0 ? "done" : shard.secondsLeft.map(ProgressLine.time) ?? "not known"
      lines.append(
        padded.joined() + "  " + rate + String(repeating: " ", count: max(1, 17 - rate.count))
          + left)
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
