import Foundation
import SecantTestSupport

/// The Swift code that a page shows, as a file of this target.
struct DocumentedCode {
  /// The page's path in the package.
  let page: String
  /// The values that the page's code takes for granted, as the parameters of a function.
  let parameters: String

  /// Describes a page.
  init(_ page: String, _ parameters: String = "") {
    self.page = page
    self.parameters = parameters
  }

  /// The pages with Swift code.
  static let pages = [
    DocumentedCode("README.md", "path: String"),
    DocumentedCode("Sources/Secant/Secant.docc/Secant.md", "path: String"),
    DocumentedCode("Sources/SecantAnalysis/SecantAnalysis.docc/SecantAnalysis.md", "folder: URL"),
    DocumentedCode("Sources/SecantCheckpoints/SecantCheckpoints.docc/SecantCheckpoints.md"),
    DocumentedCode("Sources/SecantDecoders/SecantDecoders.docc/SecantDecoders.md", "folder: URL"),
    DocumentedCode("Sources/SecantDemoModel/SecantDemoModel.docc/SecantDemoModel.md"),
    DocumentedCode("Sources/SecantHub/SecantHub.docc/SecantHub.md"),
    DocumentedCode("Sources/SecantOperators/SecantOperators.docc/SecantOperators.md"),
    DocumentedCode("Sources/SecantRendering/SecantRendering.docc/SecantRendering.md", "data: Data"),
    DocumentedCode("Sources/SecantReports/SecantReports.docc/SecantReports.md", "url: URL"),
    DocumentedCode(
      "Sources/SecantTemplates/SecantTemplates.docc/SecantTemplates.md", "folder: URL"),
    DocumentedCode(
      "Sources/SecantTokenizers/SecantTokenizers.docc/SecantTokenizers.md", "folder: URL"),
  ]

  /// The page's name without its extension.
  var name: String { URL(filePath: page).deletingPathExtension().lastPathComponent }

  /// The file of this target that has the page's code.
  var file: GoldenFile {
    GoldenFile(at: Self.folder.appending(path: "Code/\(name).swift"))
  }

  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  /// The file as the page demands it: its imports, then a function of all its other lines.
  ///
  /// - Throws: That the page cannot be read.
  func source() throws -> String {
    let text = try String(contentsOf: Repository.folder.appending(path: page), encoding: .utf8)
    let blocks = text.components(separatedBy: "```swift\n").dropFirst()
      .map { ($0.components(separatedBy: "\n```").first ?? "").components(separatedBy: "\n") }
    let lines = Array(blocks.joined(separator: [""]))
    var imports = lines.filter { $0.hasPrefix("import ") }
    if !parameters.isEmpty, parameters != "path: String" { imports.append("import Foundation") }
    let body = lines.filter { !$0.hasPrefix("import ") }.drop { $0.isEmpty }
      .map { $0.isEmpty ? "" : "  " + $0 }
    // A page may name a value only to say what it is; the compiler would call that unused.
    let names = lines.compactMap { $0.firstMatch(of: #/^(?:let|var) (\w+)/#).map { String($0.1) } }
    return """
      // Made from \(page) by DocumentedCodeTests; SECANT_UPDATE_GOLDEN=1 makes it anew.
      // swift-format-ignore-file

      \(Set(imports).sorted().joined(separator: "\n"))

      func codeOf\(name)(\(parameters)) throws {
      \(body.joined(separator: "\n"))
        _ = (\(names.joined(separator: ", ")))
      }

      """
  }
}
