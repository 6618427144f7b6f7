import Foundation
import SecantTestSupport
import Testing

/// The page that shows how a notebook reads results: what it says is run.
@Suite("Notebook")
struct NotebookTests {
  private static let python = InstalledProgram.python(importing: "numpy")
  private static let page = Repository.folder.appending(path: "Documentation/Notebook.md")

  @Test(.enabled(if: python != nil, "no Python with numpy at hand"))
  func theCommandsAndTheCodeRun() throws {
    let python = try #require(Self.python)
    let shell = try #require(InstalledProgram("sh"))
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: Self.page, encoding: .utf8)
    let commands = blocks("sh", of: text).joined(separator: "\n")
    let products = Process.secant([], in: folder.url).executableURL?.deletingLastPathComponent()
    let path = [try #require(products).path(percentEncoded: false)]
    let made = try shell.run(["-euc", commands], in: folder.url, path: path)
    #expect(made.status == 0, "\(made.output)")
    let code = blocks("python", of: text).joined(separator: "\n")
    let run = try python.run(["-c", code], in: folder.url)
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.split(separator: "\n").count == 3, "\(run.output)")
  }

  private func blocks(_ language: String, of text: String) -> [String] {
    text.components(separatedBy: "```" + language + "\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
  }
}
