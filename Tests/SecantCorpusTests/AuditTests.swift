import Foundation
import Secant
import SecantAnalysis
import SecantCheckpoints
import SecantCorpus
import SecantOperators
import SecantReports
import SecantTestSupport
import Testing

/// Audits of a run by the embedded model.
@Suite("Audits") struct AuditTests {
  private static let model = Result {
    try Model<Float>(Checkpoint(named: "demo"), name: "demo")
  }

  private static let prompts = [
    "The bridge out of Marin is the", "The capital of France is", "The cat sat on the",
    "The capital of Italy is", "She walked to the", "The golden bridge",
  ]

  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func scanned() throws -> RunFolder {
    var options = ScanOptions()
    options.questions = [.explain, .spectra]
    options.spectra = .top(2)
    options.rank = 2
    return try Corpus.merged(Self.prompts, by: try Self.model.get(), options, in: folder)
  }

  private func options(_ words: [String]) -> AuditOptions {
    var options = AuditOptions(AuditList(name: "words", words: words))
    options.samples = 999
    options.ablations = 3
    options.controls = 2
    return options
  }

  @Test func theDirectionWhoseWordsAreTheListIsFound() throws {
    let run = try scanned()
    let search = try CorpusSearch(of: run, name: "RUN")
    let all = try search.answer(.words("bridge", .left), top: 1)
    let match = try #require(all.matches.first)
    let direction = try #require(match.direction)
    let audit = try CorpusAudit(of: run, name: "RUN")
    let report = try audit.report(try Self.model.get(), options(direction.words))
    let found = try #require(
      report.found.first { $0.name == direction.name(of: match.item) })
    #expect(found.count == direction.words.count && found.words.map(\.text) == direction.words)
    #expect(found.pShuffled == 0.001 && found.q < 0.05)
    #expect(report.directions.map(\.p) == report.directions.map(\.p).sorted())
    #expect(report.directionCount == 24 && report.items == 6)
    #expect(report.overall.count == report.directions.count && report.overall.p <= 1)
    // What the item predicts is what its predictions have.
    let token = direction.words[0].trimmingCharacters(in: .whitespaces).lowercased()
    #expect(found.words.filter(\.isListed).count == found.count && !token.isEmpty)
    #expect(report.directions.count { $0.ablation != nil } == min(3, report.foundCount))
    #expect(try audit.report(try Self.model.get(), options(direction.words)) == report)
  }

  @Test func aListDrawnAtRandomIsNotFound() throws {
    let run = try scanned()
    let model = try Self.model.get()
    let vocabulary = Vocabulary(model)
    let audit = try CorpusAudit(of: run, name: "RUN")
    var generator = SplitMix64(seed: 4)
    var found = 0
    for _ in 0..<12 {
      let kinds = (0..<20).map { _ in
        Int.random(in: 0..<vocabulary.words.count, using: &generator)
      }
      let words = vocabulary.shuffled(kinds, using: &generator).map { vocabulary.words[$0] }
      let report = try audit.report(model, options(words.sorted()))
      if report.foundCount > 0 { found += 1 }
    }
    #expect(found <= 3, "\(found)")
  }

  @Test func whatCannotBeAuditedIsRefused() throws {
    let run = try scanned()
    let audit = try CorpusAudit(of: run, name: "RUN")
    let unknown = #expect(throws: InputError.self) {
      try audit.report(try Self.model.get(), options(["zzqqzzqq"]))
    }
    #expect(unknown?.description.contains("one token of the model spells") == true)
    let file = run.url.appending(path: "run.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try text.replacing(try Self.model.get().identity.fingerprint, with: "sha256:0")
      .write(to: file, atomically: true, encoding: .utf8)
    let other = #expect(throws: InputError.self) {
      try CorpusAudit(of: run, name: "RUN").report(try Self.model.get(), options(["bridge"]))
    }
    #expect(other?.description.contains("that of the run") == true)
  }

  @Test func listsAreReadWordByWord() throws {
    let url = try folder.write("# remark\n Red \nblue\n\nred\n", to: "list.txt")
    let list = try AuditList(named: "list.txt", orAt: url)
    #expect(list.words == ["red", "blue"] && list.name == "list.txt")
    #expect(throws: InputError.self) {
      try AuditList(named: "none", orAt: folder.url.appending(path: "none"))
    }
    let empty = try folder.write("# nothing\n", to: "empty.txt")
    #expect(throws: InputError.self) { try AuditList(named: "empty.txt", orAt: empty) }
    for (name, list) in AuditList.own {
      #expect(list.name == name && list.words.count > 50)
      #expect(list.words.allSatisfy { $0.allSatisfy(\.isLetter) })
      #expect(try AuditList(named: name, orAt: url) == list)
    }
  }

  @Test func takingADirectionAwayIsWhatAnAblationDoes() throws {
    let model = try Self.model.get()
    var explanation = ExplanationOptions()
    explanation.spectra = .positions([2])
    let found = try model.corpusExplanation(.text(Self.prompts[0]), explanation)
    let direction = try #require(found.directions.first).right.row(1)
    let words = [5, 9, 31]
    let outcome = try #require(
      try model.removing(
        [VectorPart(position: 2, along: direction.map { 3 * $0 })], from: .text(Self.prompts[0]),
        words: words, controls: 3, ExplanationOptions()
      ).first)
    var options = AblationOptions()
    options.parts = [.direction(token: 2, 2)]
    options.keeps = [0]
    let point = try #require(
      try model.ablate(.text(Self.prompts[0]), options).parts.first?.points.first)
    let target = outcome.target
    #expect(abs(target.predicted - target.before - point.predicted) < 1e-3)
    #expect(abs(target.measured - target.before - point.measured) < 1e-3)
    #expect(abs(target.before - found.answer.target.logit) < 1e-3)
    #expect(outcome.prediction.before.id == found.answer.prediction.first?.id)
    #expect(outcome.part > 0 && outcome.part <= 1 && outcome.controls.count == 3)
    // All tokens together have the probability 1, with the direction and without it.
    let whole = try #require(
      try model.removing(
        [VectorPart(position: 2, along: direction)], from: .text(Self.prompts[0]),
        words: Array(0..<model.decoder.configuration.vocabularySize), controls: 1,
        ExplanationOptions()
      ).first)
    for value in [
      whole.probability.before, whole.probability.predicted, whole.probability.measured,
      whole.controls[0],
    ] {
      #expect(abs(value - 1) < 1e-9)
    }
    #expect(throws: InputError.self) {
      try model.removing(
        [VectorPart(position: 99, along: direction)], from: .text(Self.prompts[0]), words: words,
        controls: 1, ExplanationOptions())
    }
  }
}
