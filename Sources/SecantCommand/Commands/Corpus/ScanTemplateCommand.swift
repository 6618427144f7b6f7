import ArgumentParser
import Foundation
import Secant
import SecantCorpus

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// `secant scan template`: a job file for a scan.
struct ScanTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template",
    abstract: "Prints a job file for a scan, with its size, memory and time from a trial.",
    usage: "secant scan template <system> <data> --output <run> [<options>]",
    discussion: """
      Opens the model, analyzes a few items of the corpus here, keeps nothing of them, and prints a \
      file for Slurm, GNU parallel or Kubernetes. Without --shards, a shard takes about an hour. The times \
      are those of this machine, doubled.

        secant scan template slurm prompts.jsonl -o RUN --ask layers > scan.sbatch
        secant scan template k8s prompts.jsonl -o RUN --shards 16 > scan.yaml
      """)

  /// A job system.
  enum System: String, ExpressibleByArgument, CaseIterable {
    case slurm, parallel, k8s
  }

  @Argument(help: "The job system.")
  var system: System

  @OptionGroup var work: ScanWork

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The number of shards. (default: as many as take an hour each)", valueName: "n"))
  var shards: Int?

  @OptionGroup var progress: ProgressOptions

  /// - Throws: That the number is out of range, or the data can be read only once.
  func validate() throws {
    if let shards, shards < 1 {
      throw ValidationError("--shards: expected at least 1, found \(shards)")
    }
    if work.data == "-" {
      throw ValidationError("<data>: expected a file that every job reads, found standard input")
    }
  }

  /// - Throws: Why there is no trial.
  func run() throws {
    let line = ProgressLine("reading the data", isQuiet: progress.quiet)
    let start = ContinuousClock.now
    let opened = try work.opened(line)
    let loading = (ContinuousClock.now - start) / .seconds(1)
    line.begin("analyzing a few items")
    let trial = try ScanTrial(opened.analysis, opened.files, itemCount: opened.itemCount)
    line.end()
    let total = trial.secondsPerItem * Double(opened.itemCount)
    let count = min(opened.itemCount, shards ?? max(1, Int((total / 3600).rounded(.up))))
    let largest = Shard(index: 0, count: count).itemCount(of: opened.itemCount)
    let job = Job(
      count: count, items: opened.itemCount, trial: trial,
      seconds: max(600, Int(2 * (loading + trial.secondsPerItem * Double(largest)))),
      megabytes: (Self.peakMegabytes * 5 / 4 + 99) / 100 * 100,
      processors: ProcessInfo.processInfo.activeProcessorCount, command: command)
    let text =
      switch system {
      case .slurm: job.slurm
      case .parallel: job.parallel
      case .k8s: job.kubernetes
      }
    try StandardOutput.write(text)
  }

  /// The arguments of the scan, as the user gave them to this command.
  private var command: [String] {
    var arguments = Invocation.current.arguments
    // "scan template SYSTEM": both words and the system's name are there, in this order.
    for word in ["scan", "template", system.rawValue] {
      if let place = arguments.firstIndex(of: word) { arguments.remove(at: place) }
    }
    for option in ["--shards"] {
      if let place = arguments.firstIndex(of: option) {
        arguments.removeSubrange(place...place + 1)
      }
    }
    arguments.removeAll { $0.hasPrefix("--shards=") || $0 == "--quiet" }
    return ["secant", "scan"] + arguments
  }

  /// The most memory that this process has had, in MB.
  private static var peakMegabytes: Int {
    var usage = rusage()
    // Unsafe code: the system fills a structure of the type that it is given.
    #if canImport(Darwin)
      _ = unsafe getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss) >> 20
    #else
      _ = unsafe getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
      return Int(usage.ru_maxrss) >> 10
    #endif
  }
}

/// One scan as jobs.
private struct Job {
  let count: Int
  let items: Int
  let trial: ScanTrial
  let seconds: Int
  let megabytes: Int
  let processors: Int
  let command: [String]

  private var line: String { command.map(Self.quoted).joined(separator: " ") }

  private var comment: String {
    """
    # \(items) items in \(count) shards. A trial of \(trial.items) of them took \
    \(String(format: "%.2f", trial.secondsPerItem)) s an item.
    """
  }

  private var time: String {
    let minutes = (seconds + 59) / 60
    return String(format: "%d:%02d:00", minutes / 60, minutes % 60)
  }

  var slurm: String {
    """
    #!/bin/bash
    \(comment)
    #SBATCH --job-name=secant-scan
    #SBATCH --array=0-\(count - 1)
    #SBATCH --cpus-per-task=\(processors)
    #SBATCH --mem=\(megabytes)M
    #SBATCH --time=\(time)
    #SBATCH --signal=B:TERM@120
    #SBATCH --requeue
    #SBATCH --open-mode=append

    # SIGTERM comes two minutes before the time is over: the items at hand are finished, and the job queued again.
    \(line) &
    scan=$!
    trap 'kill -TERM "$scan"' TERM
    wait "$scan"
    status=$?
    while kill -0 "$scan" 2>/dev/null; do
      wait "$scan"
      status=$?
    done
    if [ "$status" -eq 75 ]; then
      scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
    fi
    exit "$status"

    """
  }

  var parallel: String {
    """
    #!/bin/sh
    \(comment)
    # A shard takes about \(time) and \(megabytes) MB. What is done is not done again: run this once more after a failure.
    seq 0 \(count - 1) | parallel --jobs 1 --memfree \(megabytes)M \\
      \(line) --shard '{}/\(count)'

    """
  }

  var kubernetes: String {
    let arguments = (command.dropFirst() + ["--shards", "\(count)"]).map(SessionMessage.literal)
      .joined(separator: ", ")
    return """
      \(comment)
      apiVersion: batch/v1
      kind: Job
      metadata:
        name: secant-scan
      spec:
        completionMode: Indexed
        completions: \(count)
        parallelism: \(count)
        backoffLimitPerIndex: 10
        template:
          spec:
            restartPolicy: Never
            terminationGracePeriodSeconds: 120
            containers:
              - name: secant
                image: SECANT_IMAGE  # an image that has the program
                command: ["secant", \(arguments)]
                workingDir: /work
                resources:
                  requests: {cpu: "\(processors)", memory: \(megabytes)Mi}
                  limits: {memory: \(megabytes)Mi}
                volumeMounts:
                  - {name: work, mountPath: /work}
            volumes:
              - name: work
                persistentVolumeClaim: {claimName: WORK_CLAIM}  # the data, the model and the run

      """
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    word.wholeMatch(of: /[A-Za-z0-9_@%+=:,.\/~-]+/) != nil
      ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
