import Foundation
import Secant
import SecantTestSupport
import Testing

/// Pages and figures that commands write beside what they print.
@Suite("Pages and figures")
struct DocumentTests {
  private static let prompt = ["--tokens", "5,6,7", "--model", "llama-plain"]
  private static let converter = InstalledProgram(
    "rsvg-convert", "inkscape", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable")

  @Test func aReportHasEveryAnalysis() throws {
    let folder = try TemporaryFolder()
    let page = folder.path("report.html")
    let run = try CommandRun(["report", "--output", page, "--json"] + Self.prompt)
    #expect(run.status == 0, "\(run.error)")
    let report = try FullReport(jsonData: run.output)
    #expect(report.explanation.prompt.tokens.map(\.id) == [5, 6, 7])
    #expect(report.shares.target == report.explanation.target)
    #expect(report.jacobians.target.token == report.explanation.target.token)
    #expect(report.gateRules.answers.map(\.gateRule) == ["up", "gate", "half"])
    #expect(report.gateRules.answers[0].shares == report.explanation.shares)
    #expect(report.maps.jacobians.count == 3)
    let text = try String(contentsOfFile: page, encoding: .utf8)
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
    #expect(try folder.names == ["report.html"])
  }

  @Test func aReportIsRefusedOnceWithTheMemoryThatDoesForAllAnalyses() throws {
    let folder = try TemporaryFolder()
    let arguments = ["report", "The bridge", "--output", folder.path("report.html")]
    let refused = try CommandRun(arguments + ["--memory", "1K"])
    #expect(refused.status == 64 && refused.output.isEmpty)
    let size = try #require(refused.error.firstMatch(of: #/at least (\w+) for/#)?.1)
    let run = try CommandRun(arguments + ["--memory", String(size)])
    #expect(run.status == 0, "\(run.error)")
  }

  @Test(arguments: [
    ["report"], ["explain"], ["shares"], ["trace", "--answer-tokens", "9,4", "--matrix"], ["maps"],
    ["compare", "--with-tokens", "5,6"],
  ])
  func figuresAreFilesWithTheirNumbers(command: [String]) throws {
    let folder = try TemporaryFolder()
    let page = [command == ["report"] ? "--output" : "--html", folder.path("page.html")]
    let run = try CommandRun(
      command + Self.prompt + page + ["--figures", folder.path("a/figures")])
    #expect(run.status == 0, "\(run.error)")
    let figures = folder.url.appending(path: "a/figures")
    let names = try FileManager.default.contentsOfDirectory(atPath: figures.path).sorted()
    let stems = Set(names.map { $0.components(separatedBy: ".")[0] })
    #expect(!stems.isEmpty)
    #expect(names == stems.flatMap { [$0 + ".csv", $0 + ".svg"] }.sorted())
    for stem in stems {
      let svg = try String(contentsOf: figures.appending(path: stem + ".svg"), encoding: .utf8)
      #expect(svg.hasPrefix("<svg ") && !svg.contains("prefers-color-scheme"), "\(stem)")
    }
  }

  @Test(.enabled(if: converter != nil, "no rsvg-convert, Inkscape or Chromium at hand"))
  func figuresAreConverted() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      ["explain", "--figures", folder.path("figures")] + Self.prompt
        + ["--figure-format", "pdf", "--figure-format", "png"])
    #expect(run.status == 0, "\(run.error)")
    let figures = folder.url.appending(path: "figures")
    let pdf = try Data(contentsOf: figures.appending(path: "shares.pdf"))
    #expect(pdf.starts(with: Data("%PDF-".utf8)))
    let png = try Data(contentsOf: figures.appending(path: "shares.png"))
    #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47]))
  }

  @Test func aMissingConverterIsToldBeforeTheWork() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      ["explain", "--figures", folder.path("figures"), "--figure-format", "pdf"] + Self.prompt,
      environment: ["PATH": folder.url.path])
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains("rsvg-convert, inkscape or chromium"), "\(run.error)")
    #expect(try folder.names.isEmpty)
  }

  @Test func formatsNeedAFolder() throws {
    let run = try CommandRun(["explain", "--figure-format", "pdf"] + Self.prompt)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains("--figures"), "\(run.error)")
  }

  @Test func aFolderThatCannotBeIsToldBeforeTheWork() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("file")
    try Data().write(to: URL(filePath: file))
    let run = try CommandRun(["explain", "--figures", file + "/figures"] + Self.prompt)
    #expect(run.status == 73 && run.output.isEmpty, "\(run.error)")
    #expect(try folder.names == ["file"])
  }

  private static let drawnReport = ProcessInfo.processInfo.environment["SECANT_DRAW_FROM"]

  /// Draws the pictures of Reading.md anew, to be looked at.
  ///
  /// `SECANT_DRAW_FROM` names the JSON that the command at the top of that page prints with `--json`.
  @Test(.enabled(if: drawnReport != nil, "SECANT_DRAW_FROM names no report"))
  func drawsThePicturesOfTheDocumentation() throws {
    let data = try Data(contentsOf: URL(filePath: #require(Self.drawnReport)))
    let figures = try FullReport(jsonData: data).figures
    let documentation = Repository.folder.appending(path: "Documentation/figures")
    for name in [
      "shares", "spectra", "sparsity", "shares-blocks", "shares-heads", "gate-rules-shares",
      "jacobian", "jacobians", "layers-words", "layers-plane",
    ] {
      guard
        let figure = figures.first(where: { $0.name == name })
          // Of the maps the last token's; of the others' pictures the first.
          ?? figures.last(where: { name == "jacobian" && $0.name.hasPrefix("jacobian-") })
          // After whole blocks, where there is a choice.
          ?? figures.first(where: {
            $0.name.hasPrefix(name + "-") && $0.name.hasSuffix("-residual")
          })
          ?? figures.first(where: { $0.name.hasPrefix(name + "-") })
      else { continue }
      try Data(figure.svg().utf8).write(to: documentation.appending(path: name + ".svg"))
    }
  }
}
