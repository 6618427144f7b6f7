import Foundation
import SecantAnalysis
import SecantCheckpoints
import SecantDemoModel
import SecantReports
import SecantTestSupport
import Testing

/// The Swift code of the README and of the catalogues is compiled with these tests, and runs.
///
/// The files in `Code` are made from the pages, so that a page whose code no longer compiles or runs
/// fails here. What this does not prove: that the comments beside the code are true.
@Suite("Code in the documentation") struct DocumentedCodeTests {
  @Test(arguments: DocumentedCode.pages.indices) func theFileIsThePagesCode(index: Int) throws {
    let page = DocumentedCode.pages[index]
    try page.file.expect(try page.source())
  }

  @Test func everyPageWithCodeIsListed() throws {
    let listed = Set(DocumentedCode.pages.map(\.page))
    let sources = Repository.folder.appending(path: "Sources")
    let modules = try FileManager.default.contentsOfDirectory(atPath: sources.path)
    var found: Set<String> = []
    for page in ["README.md"] + modules.map({ "Sources/\($0)/\($0).docc/\($0).md" }) {
      let url = Repository.folder.appending(path: page)
      guard let text = try? String(contentsOf: url, encoding: .utf8) else { continue }
      if text.contains("```swift\n") { found.insert(page) }
    }
    #expect(found == listed)
  }

  @Test func thePagesOfTheWholeLibraryRun() throws {
    let path = try DemoModel.folder().path(percentEncoded: false)
    try codeOfREADME(path: path)
    try codeOfSecant(path: path)
  }

  @Test func thePagesOfModulesRun() throws {
    let folder = try DemoModel.folder()
    try codeOfSecantAnalysis(folder: folder)
    try codeOfSecantDecoders(folder: folder)
    try codeOfSecantDemoModel()
    try codeOfSecantOperators()
    try codeOfSecantTemplates(folder: folder)
    try codeOfSecantTokenizers(folder: folder)
  }

  @Test func thePagesOfReportsRun() throws {
    let model = try Model<Float>(Checkpoint(at: DemoModel.folder()))
    let data = try model.explain(.text("The bridge out of Marin is the")).jsonData()
    try codeOfSecantRendering(data: data)
    let folder = try TemporaryFolder()
    try codeOfSecantReports(url: folder.write(Array(data), to: "report.json"))
  }

  /// These two would need a model on disk and a download; that they compile is tested by this file.
  @Test func thePagesThatNeedOtherModelsCompile() {
    _ = (codeOfSecantCheckpoints, codeOfSecantHub)
  }
}
