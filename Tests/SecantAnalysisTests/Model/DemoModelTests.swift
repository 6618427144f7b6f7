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
    #expect(report.target.token?.text == " Golden")
    #expect(report.target.over?.kind == "runner-up" && report.target.logit > 0)
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

  /// The phrase's operator brings the bridge into a text that would have named another place.
  ///
  /// The prompts are among the few for which it does: `Documentation/Steering.md` has the counts.
  /// The prompt of the first text names the bridge unsteered too: there the strengths show that it stays.
  @Test(arguments: [
    ("Here is a painting of the", 0.5, true), ("They walked to the", 1, false),
    ("They walked to the", 0.5, false),
  ])
  func steeringNamesTheBridge(prompt: String, strength: Double, isNamedAnyway: Bool) throws {
    let model = try Model<Float>(named: "demo")
    let steering = try model.steeringOperator(for: .text("The Golden Gate"), after: 1)
    var options = SteeringOptions()
    options.concept = .text("Golden Gate Bridge")
    let report = try model.steer(.text(prompt), by: steering, strength: strength, options)
    #expect(report.unsteered.containsConcept == isNamedAnyway)
    #expect(report.steered.text.hasPrefix(" Golden Gate Bridge"))
    // Well formed: a sentence that ends, and that the unsteered model finds likely.
    #expect(report.steered.text.hasSuffix("."))
    #expect((report.steered.perplexity ?? .infinity) < 5)
    if !isNamedAnyway {
      let before = report.unsteered.conceptProbability ?? 1
      #expect((report.steered.conceptProbability ?? 0) > 3 * before)
    }
    let still = try model.steer(.text(prompt), by: steering, strength: 0, options)
    #expect(still.steered == still.unsteered)
  }

  /// A sixth of the singular triplets steer as the whole map does.
  @Test func aLowRankSteersToo() throws {
    let model = try Model<Float>(named: "demo")
    let exact = try model.steeringOperator(for: .text("The Golden Gate"), after: 1)
    let part = try exact.truncated(rank: 32)
    let texts = try [exact, part].map {
      try model.steer(.text("They walked to the"), by: $0, strength: 1).steered.text
    }
    #expect(texts[0] == texts[1])
  }
}
