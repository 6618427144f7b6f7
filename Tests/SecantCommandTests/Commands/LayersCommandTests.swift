import Foundation
import Secant
import SecantTestSupport
import Testing

/// `secant layers`, its report and its files.
@Suite("Layers")
struct LayersCommandTests {
  private static let layers = ["layers", "--tokens", "5,6,7", "--model", "llama-biases"]

  @Test func theSchemaIsGolden() throws {
    let run = try CommandRun(
      Self.layers + ["--json", "--local", "--sites", "residual,attention", "--highlight", "[5]"])
    #expect(run.status == 0, "\(run.error)")
    try GoldenFile("layers-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test(arguments: ["auto", "dense", "krylov"])
  func everySiteAddsUp(method: String) throws {
    let arguments =
      Self.layers + [
        "--json", "--local", "--sites", "residual,attention,feedForward", "--precision", "f64",
        "--method", method, "--tolerance", "1e-9",
      ]
    let run = try CommandRun(arguments)
    #expect(run.status == 0, "\(run.error)")
    #expect(try CommandRun(arguments).output == run.output)
    let report = try LayersReport(jsonData: run.output)
    #expect(report.maps.count == report.blockCount * 3 * 2)
    for map in report.maps {
      // Sums over three tokens in double precision.
      #expect(map.reconstruction.relativeError < 1e-13)
      #expect(map.tokens.count == 3 && map.tokens.allSatisfy(\.isConverged))
      let joint = try #require(map.joint)
      #expect(joint.isConverged)
      for triplet in joint.triplets {
        #expect(abs(triplet.weights.reduce(0, +) - 1) < 1e-12)
      }
    }
    let last = try #require(report.maps(.cumulative, to: .residual).last)
    for (k, row) in try #require(last.jointOverlap).cosines.enumerated() {
      #expect(abs(row[k] - 1) < 1e-12)
    }
  }

  @Test func explainSaysTheSameOfASite() throws {
    let site = ["--json", "--precision", "f64", "--rank", "3", "--tolerance", "1e-9"]
    let explanation = try ExplanationReport(
      jsonData: CommandRun(
        ["explain"] + Self.layers.dropFirst() + site + ["--site", "block.1.residual"]
      ).output)
    let layers = try LayersReport(jsonData: CommandRun(Self.layers + site).output)
    let map = layers.maps(.cumulative, to: .residual)[1]
    for (a, b) in zip(map.tokens, explanation.jacobians) {
      for (x, y) in zip(a.singularValues, b.singularValues) {
        #expect(abs(x - y) < 1e-8 * b.singularValues[0])
      }
      #expect(abs(a.outputNorm - b.outputNorm) < 1e-12 * b.outputNorm)
    }
  }

  @Test func numbersLeaveAsFiles() throws {
    let folder = try TemporaryFolder()
    let (csv, tensors) = (folder.path("l.csv"), folder.path("l.safetensors"))
    let run = try CommandRun(Self.layers + ["--csv", csv, "--output", tensors])
    #expect(run.status == 0, "\(run.error)")
    #expect(try folder.names == ["l.csv", "l.safetensors"])
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
    let file = try SafetensorsFile(at: URL(filePath: tensors))
    let values = try #require(
      file.tensors.first { $0.name == "cumulative.residual.singular_values" })
    let blocks = values.shape[0]
    #expect(values.shape == [blocks, 3, 3])
    // Three tokens and the joint map, three triplets each, and the titles.
    #expect(lines.count == blocks * 4 * 3 + 1)
  }

  @Test(arguments: [
    (["--sites", "stream"], "residual, attention or feedForward"), (["--rank", "0"], "--rank"),
    (["--tolerance", "2"], "--tolerance"), (["--position", "7"], "position 7"),
    (["--method", "dense", "--memory", "1K"], "raise the memory"),
    (["--memory", "1K"], "allow more memory"),
  ])
  func unusableOptionsAreRefused(options: [String], part: String) throws {
    let run = try CommandRun(Self.layers + options)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains(part), "\(run.error)")
  }
}
