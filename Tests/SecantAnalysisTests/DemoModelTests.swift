import Foundation
import Secant
import Testing

/// Whether the package carries its model: a checkout without it still builds.
private let isPresent: Bool = {
  guard let folder = try? DemoModel.folder() else { return false }
  return FileManager.default.fileExists(atPath: folder.appending(path: "config.json").path)
}()

/// The embedded model, by the name that users give it.
@Suite(.enabled(if: isPresent, "the embedded model is not built in"))
struct DemoModelTests {
  private let prompt = "The bridge out of Marin is the"

  @Test func theStraightLineRuns() throws {
    let words = try straightLine(DemoModel.folder().path, prompt)
    #expect(words.count == 8)
  }

  @Test func theBridgeIsGolden() throws {
    let report = try Model<Float>(named: "demo").explain(.text(prompt))
    #expect(report.provenance.model.name == "demo")
    #expect(report.target.label == " Golden")
    #expect(report.reconstruction.relativeError <= Bounds.of(Float.self).reconstruction)
    // The name of the place has a large part in the name of its bridge.
    let shares = zip(report.prompt.tokens, report.shares.tokens)
    let marin = shares.filter { $0.0.text == " Marin" }.reduce(0) { $0 + $1.1.fraction }
    #expect(marin > 0.1)
  }

  @Test func targetsAreFoundByName() throws {
    var options = ExplanationOptions()
    options.target = .init(" Golden - Brooklyn")
    let report = try Model<Double>(named: "demo").explain(.text(prompt), options)
    #expect(report.target.logit > 0)
    #expect(abs(report.shares.difference) <= 1e-11)
  }

  @Test func lawsHold() throws {
    let report = try Model<Float>(named: "demo").verify()
    for law in report.laws {
      #expect(law.outcome == .passed, "\(law.measured) = \(law.value ?? .nan)")
    }
  }
}
