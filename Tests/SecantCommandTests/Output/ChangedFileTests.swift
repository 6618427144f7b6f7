import Foundation
import SecantTestSupport
import Testing

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A model's file that another process shortens while the command reads it.
///
/// What this does not prove: the same of a file that is changed and not shortened, which nothing tells.
@Suite("Changed files") struct ChangedFileTests {
  @Test func areNamed() throws {
    let folder = try TemporaryFolder()
    let model = try RandomCheckpoint(
      width: 256, feedForwardWidth: 1024, blocks: 6, vocabulary: 1024, seed: 3
    ).write(to: folder.url.appending(path: "model"))
    let weights = model.appending(path: "model.safetensors")
    let process = Process.secant(
      ["generate", "--model", model.path, "--tokens", "5", "-n", "2000"], in: folder.url)
    let (output, error) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = error
    try process.run()
    // The first token has come, so the weights are open, and thousands are to follow.
    _ = try output.fileHandleForReading.read(upToCount: 1)
    kill(process.processIdentifier, SIGSTOP)
    let handle = try FileHandle(forWritingTo: weights)
    try handle.truncate(atOffset: 4096)
    kill(process.processIdentifier, SIGCONT)
    _ = try output.fileHandleForReading.readToEnd()
    let line = String(
      decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationReason == .exit && process.terminationStatus == 66)
    #expect(
      line == "secant: \(weights.path): file: expected the bytes that it had when it was opened, "
        + "found a shorter file; run the command again, and leave the file alone meanwhile\n")
  }
}
