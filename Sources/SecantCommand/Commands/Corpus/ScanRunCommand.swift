import ArgumentParser
import Foundation
import Secant
import SecantCorpus
import Synchronization

/// `secant scan DATA`: the items of a corpus, in order.
struct ScanRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Puts the same questions to every item, or goes on with that (the default).",
    usage: "secant scan <data> --output <run> [<options>]",
    discussion: """
      The data are JSON Lines (a line is an object, or a string, which is its field text), CSV with the \
      names of its columns, or lines of text; a folder of such files; or standard input. Files may be \
      compressed by gzip or Zstandard. The program works on as many items at a time as there are processors, and writes results \
      in order. If the process is killed, only the items at hand are lost. \
      An item that cannot be analyzed is a result with its message. SIGTERM ends the process after the items at \
      hand, with status 75: start the same command again.

      Of n shards, shard i takes the items k with k mod n = i. The array variables of Slurm, Grid \
      Engine, AWS Batch and torchrun say which shard this is; those of PBS, Kubernetes and GNU \
      parallel do with --shards.

        secant scan prompts.jsonl -o RUN --ask explain,layers --model ~/models/tiny
        secant scan pairs.csv -o RUN --ask ledger --field text --pair-field other
        secant scan prompts/ -o RUN --ask spectra --rank 8 --shard 3/8
        zcat prompts.jsonl.gz | secant scan - -o RUN
      """)

  @OptionGroup var work: ScanWork

  @OptionGroup var division: ShardOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: Why the scan cannot go on, or `ExitStatus` where it was told to end.
  func run() throws {
    guard Invocation.current.answer == nil else {
      throw Failure(
        .usage, "scan: expected a process of its own, found a session; start it by itself")
    }
    let stop = StopRequest()
    let folder = RunFolder(named: work.output)
    let choice = try division.choice()
    let line = ProgressLine("reading the data", isQuiet: progress.quiet)
    let opened = try work.opened(line)
    let manifest = opened.manifest(shards: choice.shard.count)
    try folder.begin(manifest)
    let journal = try Journal(in: folder, of: manifest, choice.shard)
    defer { journal.close() }
    if journal.cutBytes > 0 {
      line.note("the last record was torn (\(journal.cutBytes) bytes): its item is done again")
    }
    let items = ShardWork(
      opened.analysis, files: opened.files, itemCount: manifest.itemCount, choice.shard,
      into: journal)
    let isDone = try items.run(until: { stop.isAsked }) { [shard = choice.shard] progress in
      // The first ones tell what is wrong; the run has all.
      if let failure = progress.failure, progress.failures <= 3 {
        line.note("item \(shard.item(at: progress.done - 1)): \(failure)")
      }
      line.update(
        "scanning", fraction: progress.all == 0 ? 1 : Double(progress.done) / Double(progress.all))
    }
    line.end()
    try report(folder, choice)
    if !isDone { throw ExitStatus.tryAgain }
  }

  /// Says what this process's shard has.
  private func report(_ folder: RunFolder, _ choice: ShardChoice) throws {
    let status = try RunStatus(of: folder, name: work.output)
    let shard = status.shards[choice.shard.index]
    var text =
      "\(StandardOutput.shown(work.output)): \(shard.done) of \(shard.items) items done, \(shard.failed) failed"
    if let source = choice.source {
      text += "; shard \(choice.shard.index) of \(choice.shard.count), by \(source)"
    }
    if let rate = shard.itemsPerSecond { text += "; \(ScanStatusCommand.rate(rate))" }
    try StandardOutput.write(text + "\n")
  }
}

/// Which part of the corpus a process takes.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Take shard i of n, with i from 0, whatever a job system says.", valueName: "i/n"),
    transform: Shard.init(argument:))
  var shard: Shard?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of shards, for a job system that says only which one this is.", valueName: "n"))
  var shards: Int?

  /// - Throws: That the number is out of range, or both options are given.
  func validate() throws {
    if let shards, shards < 1 {
      throw ValidationError("--shards: expected at least 1, found \(shards)")
    }
    if shard != nil, shards != nil {
      throw ValidationError("--shard: expected no --shards with it, found one; give one of them")
    }
  }

  /// The shard that the options or the job system's variables name.
  ///
  /// - Throws: `InputError` where they name none, or two.
  func choice() throws -> ShardChoice {
    try ShardChoice(
      shard: shard, count: shards, environment: ProcessInfo.processInfo.environment)
  }
}

/// Whether the process was told to end after the items at hand.
private final class StopRequest: Sendable {
  private let asked = Atomic(false)

  /// Watches for SIGTERM; the other signals that end programs do so at once, as the journal allows.
  init() {
    Interruption.watchAll { [self] number, interruption in
      guard number == SIGTERM else { interruption.endProgram() }
      asked.store(true, ordering: .relaxed)
    }
  }

  /// Whether it was.
  var isAsked: Bool { asked.load(ordering: .relaxed) }
}
