import Foundation
import Secant
import SecantTestSupport
import Testing

/// What a run takes of memory that is no file's.
///
/// What this does not prove: that a peak between two samples, some milliseconds apart, is no higher; that pages
/// of the file give way when memory is short, which is the system's work; and the same of other shapes,
/// commands and vocabularies with their tokenizers, which are not among the weights.
@Suite(
  "Memory",
  .enabled(
    if: AnonymousMemory.isTold,
    "anonymous memory is read from Linux's /proc"))
struct MemoryTests {
  /// What a process holds beside what `--memory` counts, in bytes.
  ///
  /// The runtime with Foundation's tables, BLAS's own buffers for each thread, the tiles of 2¹⁹ weights that
  /// each thread converts, and memory that was freed and is kept for the next request. On two processors
  /// half of it was seen; each further one brings a tile and a buffer.
  private static let allowance = 64 << 20
  private static let budget = 24 << 20

  /// A model that is larger than the memory it is given, as it lies and much more so in single precision,
  /// passes through it in tiles.
  @Test func aModelLargerThanItStreams() throws {
    let model = LargeCheckpoint(
      width: 1024, feedForwardWidth: 4096, blocks: 10, vocabulary: 8192, seed: 1)
    try #require(model.weightBytes > Self.budget + Self.allowance + 32 << 20)
    try check(model, tokens: 3, ["--rank", "1", "--tolerance", "1e-1", "--method", "krylov"])
  }

  /// A few hundred vectors, each with a product for every entry of the vocabulary: 250 MB at once.
  @Test func aLargeVocabularyIsDecodedInParts() throws {
    let model = LargeCheckpoint(
      width: 256, feedForwardWidth: 256, blocks: 1, vocabulary: 1 << 17, seed: 2)
    let products = 60 * 8 * model.vocabulary * MemoryLayout<Float>.stride
    try #require(products > Self.budget + Self.allowance + 64 << 20)
    try check(model, tokens: 60, ["--rank", "8", "--tolerance", "1e-1"])
  }

  /// Both kinds of maps, one after the other, take no more than the plan says of the larger: the frozen blocks
  /// are gone before the differentiated ones come.
  @Test func oneKindOfMapsIsHeldAtATime() throws {
    let model = LargeCheckpoint(
      width: 256, feedForwardWidth: 2048, blocks: 12, vocabulary: 512, seed: 3)
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "large.gguf")
    try model.write(to: url)
    let tokens = (0..<1200).map { "\(1 + $0 % 500)" }.joined(separator: ",")
    let arguments = [
      "jacobians", "--model", url.path, "--tokens", tokens, "--precisions", "f32", "--json",
      "--quiet",
    ]
    let plan = try PlanReport(jsonData: try MeasuredRun(arguments + ["--dry-run"]).output)
    let planned = try #require(plan.estimates.first).peakMemoryBytes
    let run = try MeasuredRun(arguments)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.samples > 10)
    #expect(
      run.peak <= planned + Self.allowance,
      "\(run.peak >> 20) MiB for \(planned >> 20) MiB, seen in \(run.samples) samples")
  }

  /// Limits of the address space from what hardly loads the program to what does for everything: none makes it
  /// wait for memory that does not come.
  @Test(.timeLimit(.minutes(5)), arguments: [300, 450, 600, 2000])
  func tooFewAddressesAreTold(megabytes: Int) throws {
    let shell = try #require(InstalledProgram("sh"))
    let (status, output) = try shell.run(
      ["-c", "ulimit -v \(megabytes << 10); exec \"$@\"", "sh", Process.secantURL.path]
        + ["explain", "--tokens", "1,2", "--model", "llama-plain", "--rank", "1"],
      in: Fixtures.folder)
    if megabytes == 2000 {
      // More processors need more; with any number of them it ends.
      #expect(status == 0 || status == 71, "\(output)")
    } else {
      #expect(status == 71, "\(output)")
      #expect(output.contains("raise the limit (ulimit -v)"), "\(output)")
    }
  }

  private func check(_ model: LargeCheckpoint, tokens count: Int, _ options: [String]) throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "large.gguf")
    try model.write(to: url)
    let tokens = (1...count).map(String.init).joined(separator: ",")
    let run = try MeasuredRun(
      ["explain", "--model", url.path, "--tokens", tokens, "--memory", "\(Self.budget >> 20)M"]
        + ["--json", "--quiet"] + options)
    #expect(run.status == 0, "\(run.error)")
    let report = try ExplanationReport(jsonData: run.output)
    #expect(report.jacobians.count == count && report.jacobians.allSatisfy(\.isConverged))
    #expect(run.samples > 10)
    #expect(
      run.peak <= Self.budget + Self.allowance,
      "\(run.peak >> 20) MiB for \(Self.budget >> 20) MiB, seen in \(run.samples) samples")
  }
}

/// A run of the built command whose anonymous memory is sampled while it runs.
private struct MeasuredRun {
  let status: Int32
  let output: Data
  let error: String
  /// The most anonymous memory that was seen, in bytes.
  let peak: Int
  /// How often was looked.
  let samples: Int

  init(_ arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let process = Process.secant(arguments, in: folder.url)
    // Files cannot fill up, so that nobody needs to read while the samples are taken.
    let (output, error) = (folder.url.appending(path: "out"), folder.url.appending(path: "err"))
    for file in [output, error] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: error)
    try process.run()
    var (peak, samples) = (0, 0)
    while process.isRunning {
      if let bytes = AnonymousMemory.bytes(of: process.processIdentifier) {
        peak = max(peak, bytes)
        samples += 1
      }
      Thread.sleep(forTimeInterval: 0.002)
    }
    process.waitUntilExit()
    status = process.terminationStatus
    self.output = try Data(contentsOf: output)
    self.error = String(decoding: try Data(contentsOf: error), as: UTF8.self)
    (self.peak, self.samples) = (peak, samples)
  }
}
