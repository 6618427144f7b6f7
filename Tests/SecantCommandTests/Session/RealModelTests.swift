import Foundation
import SecantTestSupport
import Testing

/// Every subcommand on real models, each from GGUF and from a folder, with settings that make it short.
///
/// The environment variable `SECANT_REAL_MODELS` names a folder of models, each a folder with config.json or a
/// GGUF file; they need tokenizers, and at least three blocks. What these do not prove: that the numbers are
/// right, beyond the laws that `verify` tries.
@Suite(
  "Every subcommand on real models", .serialized,
  .enabled(if: RealModels.all != nil, "SECANT_REAL_MODELS names no folder of models"))
struct RealModelTests {
  private static let vectors = ["--rank", "1", "--tolerance", "1e-1"]

  /// Command lines without the model; FOLDER stands for a folder of the test's own.
  static let commands: [[String]] = [
    ["inspect"],
    ["generate", "Paris is", "-n", "2"],
    ["generate", "Paris is", "--max-tokens", "2", "--temperature", "1", "--top-k", "5", "--top-p"]
      + ["0.9", "--seed", "3"],
    ["explain", "Paris is", "--html", "FOLDER/page.html", "--figures", "FOLDER/new/figures"]
      + vectors,
    ["explain", "Paris is", "--position", "0", "--site", "block.1.attention", "--json"] + vectors,
    ["explain", "Paris is", "--dry-run"],
    ["layers", "Paris is", "--csv", "FOLDER/layers.csv", "-o", "FOLDER/layers.safetensors"]
      + vectors,
    ["shares", "Paris is", "--csv", "FOLDER/shares.csv", "--json"],
    ["trace", "Paris is", "-n", "3", "--matrix", "--check", "mask", "--csv", "FOLDER/trace.csv"]
      + ["-o", "FOLDER/trace.safetensors", "--html", "FOLDER/trace.html", "--json"],
    ["maps", "Paris is", "--units", "1", "--generate", "1", "--json"] + vectors,
    ["compare", "Paris is", "--with", "Rome is", "--json"] + vectors,
    ["jacobians", "Paris is", "--precisions", "f32,bf16", "--json"],
    ["gate-rules", "Paris is", "--json"] + vectors,
    ["ablate", "Paris is", "--csv", "FOLDER/ablate.csv", "--html", "FOLDER/ablate.html", "--json"],
    ["ablate", "Paris is", "--head", "0.0", "--direction", "-1:1", "-o", "FOLDER/a.safetensors"],
    ["report", "Paris is", "--output", "FOLDER/report.html"] + vectors,
    ["jacobian", "Paris is", "--output", "FOLDER/J.safetensors"],
    ["jacobian", "Paris is", "--output", "FOLDER/K.safetensors", "--kind", "ordinary"]
      + ["--site", "block.0.residual"],
    ["verify", "--prompt", "Paris is", "--json"],
  ]

  @Test(arguments: RealModels.all ?? [], commands)
  func isAnswered(_ model: URL, _ command: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = command.map { $0.replacing("FOLDER", with: folder.url.path) }
    let run = try CommandRun(arguments + ["-m", model.path])
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    #expect(!run.output.isEmpty)
    if command.contains("--json") {
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: run.output) }
    }
    for path in arguments where path.hasPrefix(folder.url.path) {
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
    #expect(try folder.names.allSatisfy { !$0.hasPrefix(".") })
  }

  @Test(arguments: RealModels.all ?? [])
  func isSteered(_ model: URL) throws {
    let folder = try TemporaryFolder()
    let (jacobian, vector) = (folder.path("J.safetensors"), folder.path("v.gguf"))
    let svg = folder.path("sweep.svg")
    let commands = [
      ["build", "Paris is", "--layer", "1", "--rank", "2", "-o", jacobian],
      ["run", jacobian, "Rome is", "-n", "2"],
      ["run", jacobian, "Rome is", "-n", "2", "--sweep", "--strengths", "1", "--svg", svg],
      ["export", jacobian, "Rome is", "-o", vector],
      ["toward", "Rome is", "-n", "2", "--block", "1", "--token", "a"],
      ["toward", "Rome is", "-n", "2", "--block", "1", "--direction", "-1:1"],
      ["toward", "Rome is", "-n", "2", "--block", "1", "--from", "Paris is", "--to", "Rome is"],
    ]
    for command in commands {
      let run = try CommandRun(["steer"] + command + ["-m", model.path])
      #expect(run.status == 0 && run.error.isEmpty && !run.output.isEmpty, "\(run.error)")
    }
    #expect(try folder.names == ["J.safetensors", "sweep.svg", "v.gguf"])
  }

  /// The cache is not that of the models: an empty one is listed too.
  @Test func theCacheIsListed() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(["models"], environment: ["HF_HUB_CACHE": folder.url.path])
    #expect(run.status == 0 && run.error.isEmpty)
  }
}

/// The models that the environment names.
enum RealModels {
  static let all: [URL]? = ProcessInfo.processInfo.environment["SECANT_REAL_MODELS"].map {
    let folder = URL(filePath: $0)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().map { folder.appending(path: $0) }.filter {
      $0.pathExtension == "gguf"
        || FileManager.default.fileExists(atPath: $0.appending(path: "config.json").path)
    }
  }
}
