import Foundation
import Secant
import SecantTestSupport
import Testing

/// The comparison with published figures, on figures made up for a model at hand.
///
/// Proves the comparison's logic; that real models agree with the paper's figures it cannot prove.
@Suite struct PaperTests {
  private static let model = Result { try Model<Float>(named: "demo") }

  /// Figures of the demo model's own, changed as a test wants.
  private static func figures(
    name: String = "someone/demo", scale: Double = 1, predicted: String? = nil,
    words: [String]? = nil,
    isDropped: Bool = false, widthChange: Int = 0
  ) throws -> PaperFigures {
    let model = try Self.model.get()
    let prompt = "The bridge out of Marin is the"
    let report = try model.explain(.text(prompt))
    var values = report.jacobians.map { scale * ($0.singularValues.first ?? 0) }
    var texts = report.jacobians.map { jacobian in
      words
        ?? (jacobian.triplets.first?.left ?? []).map {
          $0.text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }
    if isDropped {
      values.removeLast()
      texts.removeLast()
    }
    let configuration = model.decoder.configuration
    let entry: [String: Any] = [
      "name": name, "family": configuration.architecture.lowercased().prefix(5).description,
      "width": configuration.width + widthChange, "blocks": configuration.blockCount,
      "runs": [
        [
          "prompt": prompt, "gate": "up", "arithmetic": "float32", "isQuantized": false,
          "predicted": predicted
            ?? (report.prediction.first?.text ?? "").trimmingCharacters(in: .whitespaces),
          "reconstruction": 1e-6, "singularValues": values, "arePrinted": true,
          "leftWords": texts, "source": "made up", "caveats": ["made up"],
        ] as [String: Any]
      ],
    ]
    let file = FileManager.default.temporaryDirectory
      .appending(path: "secant-tests-\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: file) }
    try JSONSerialization.data(
      withJSONObject: ["source": "made up", "caveats": [String](), "models": [entry]]
    ).write(to: file)
    return try PaperFigures(contentsOf: file)
  }

  private func compare(_ figures: PaperFigures) throws -> PaperReport {
    try Self.model.get().compare(with: figures)
  }

  private func disagreeing(_ report: PaperReport) -> Set<String> {
    Set(report.runs.flatMap(\.findings).filter { !$0.agrees }.map(\.quantity))
  }

  @Test func itsOwnFiguresAgree() throws {
    let report = try compare(Self.figures())
    #expect(report.isInAgreement, "\(disagreeing(report))")
    #expect(report.match.contains("by name"))
    let quantities = Set(report.runs.flatMap(\.findings).map(\.quantity))
    #expect(quantities.count == 5)
    #expect(!report.terminalText().isEmpty)
  }

  @Test func otherFiguresDiffer() throws {
    #expect(
      try disagreeing(compare(Self.figures(scale: 1.02))) == ["largest singular value"])
    #expect(try disagreeing(compare(Self.figures(scale: 1.005))) == [])
    #expect(try disagreeing(compare(Self.figures(predicted: "zebra"))) == ["next token"])
    #expect(
      try disagreeing(compare(Self.figures(words: ["qq", "zz"])))
        == ["words of the left singular vector"])
    // Of prompts of other lengths, nothing else about tokens is compared.
    let report = try compare(Self.figures(isDropped: true))
    #expect(disagreeing(report) == ["tokens of the prompt"])
    #expect(report.runs[0].findings.count == 3)
  }

  @Test func modelsWithoutFiguresAreRefused() throws {
    let error = #expect(throws: InputError.self) { try compare(Self.figures(widthChange: 1)) }
    #expect(error?.kind == .unsupported)
    let paper = #expect(throws: InputError.self) { try compare(.ofThePaper()) }
    #expect(paper?.description.contains("Qwen/Qwen3-8B") == true)
  }

  @Test func aMatchByShapeAloneSaysSo() throws {
    let report = try compare(Self.figures(name: "someone/else"))
    #expect(report.match.contains("by shape alone"))
  }

  /// The data that the package carries.
  @Test func thePapersFiguresAreWhole() throws {
    let figures = try PaperFigures.ofThePaper()
    #expect(figures.models.count == 11)
    for entry in figures.models {
      #expect(!entry.runs.isEmpty, "\(entry.name)")
      for run in entry.runs {
        #expect(run.singularValues.allSatisfy { $0 > 0 } && !run.singularValues.isEmpty)
        #expect(GateRule(rawValue: run.gate) != nil && !run.source.isEmpty)
      }
    }
    let llama = try #require(figures.models.first { $0.name.contains("3.2-3B") })
    #expect(llama.runs.first?.singularValues.first == 233.91)
    #expect(llama.runs.first?.predicted == "most")
  }
}
