import Foundation
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The table of parity in `Documentation/Families.md`, measured and not typed.
///
/// `SECANT_UPDATE_GOLDEN=1 swift test --filter FamilyDocumentationTests` measures and writes it anew.
/// Without that, the table must name every family's fixtures and keep the bounds: the figures themselves
/// depend on the machine's linear algebra.
@Suite(.serialized) struct FamilyDocumentationTests {
  private static let file = Repository.folder.appending(path: "Documentation/Families.md")
  private static let (start, end) = ("<!-- parity: begin -->\n", "<!-- parity: end -->\n")

  /// Families with what their fixtures' names begin with, in the order of the table.
  private static let families = [
    ("Llama", "llama-"), ("Qwen 2.5", "qwen2-"), ("Qwen 3", "qwen3-"),
    ("Qwen 3 with yarn (DeepSeek R1 0528 Qwen3 8B)", "qwen3-yarn-"),
    ("Qwen 3 mixtures of experts", "qwen3-moe"), ("Qwen 3-Next", "qwen3-next"),
    ("Qwen 3.5", "qwen3-5"), ("Gemma 2", "gemma2-"), ("Gemma 3", "gemma3-"),
    ("Gemma 4", "gemma4"),
    ("Phi 3 and 4", "phi3-"), ("Mistral", "mistral-"), ("Ministral", "ministral"),
    ("Ministral 3", "ministral3"),
    ("OLMo 2", "olmo2-"), ("OLMo 3", "olmo3-"), ("SmolLM 3", "smollm3"),
    ("Granite 3 and 4", "granite"),
    ("GPT-2", "gpt2"), ("GPT-NeoX (Pythia)", "gpt-neox"), ("gpt-oss", "gpt-oss-"),
  ]

  /// The fixtures of a family: those whose longest matching beginning is its own.
  private func fixtures(of beginning: String) -> [Fixture] {
    Fixture.all.filter { fixture in
      let matching = Self.families.map(\.1).filter { fixture.name.hasPrefix($0) }
      return matching.max { $0.count < $1.count } == beginning
    }
  }

  private func row(_ family: String, _ fixtures: [Fixture]) throws -> String {
    func worst<S: Scalar>(_: S.Type) throws -> (stream: Double, jacobian: Double) {
      try fixtures.reduce((0, 0)) { worst, fixture in
        let parity = try Parity<S>(fixture)
        return (
          try parity.streams().map(\.1).reduce(worst.0, max),
          try parity.jacobians().map(\.1).reduce(worst.1, max)
        )
      }
    }
    let (single, double) = (try worst(Float.self), try worst(Double.self))
    let figures = [single.stream, double.stream, single.jacobian, double.jacobian].map {
      $0.formatted(.number.notation(.scientific).precision(.significantDigits(2)))
        .replacing("E", with: "e")
    }
    return "| \(family) | \(fixtures.count) | \(figures.joined(separator: " | ")) |\n"
  }

  @Test func parityIsDocumented() throws {
    #expect(Self.families.flatMap { fixtures(of: $0.1) }.count == Fixture.all.count)
    var text = try String(contentsOf: Self.file, encoding: .utf8)
    let begin = try #require(text.range(of: Self.start)).upperBound
    let end = try #require(text.range(of: Self.end)).lowerBound
    if ProcessInfo.processInfo.environment["SECANT_UPDATE_GOLDEN"] != nil {
      let header = """
        | family | fixtures | streams and logits, Float | Double | Jacobians, Float | Double |
        |---|---|---|---|---|---|

        """
      let table = try Self.families.map { try row($0.0, fixtures(of: $0.1)) }.joined()
      text.replaceSubrange(begin..<end, with: header + table)
      try Data(text.utf8).write(to: Self.file)
      return
    }
    let rows = text[begin..<end].split(separator: "\n").dropFirst(2)
    #expect(rows.count == Self.families.count)
    let bounds = [
      Bounds.of(Float.self).stream, Bounds.of(Double.self).stream, Bounds.of(Float.self).jacobian,
      Bounds.of(Double.self).jacobian,
    ]
    for (row, family) in zip(rows, Self.families) {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(cells.prefix(2) == [family.0, "\(fixtures(of: family.1).count)"])
      for (cell, bound) in zip(cells.dropFirst(2), bounds) {
        #expect(try #require(Double(cell)) < bound, "\(family.0)")
      }
    }
  }

  /// The table of families is that of the registry.
  @Test func familiesAreDocumented() throws {
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    let rule = "|" + String(repeating: "---|", count: FamilyDocumentation.header.count) + "\n"
    let table =
      line(FamilyDocumentation.header) + rule + FamilyDocumentation.rows.map(line).joined()
    var text = try String(contentsOf: Self.file, encoding: .utf8)
    let begin = try #require(text.range(of: "<!-- families: begin -->\n")).upperBound
    let end = try #require(text.range(of: "<!-- families: end -->\n")).lowerBound
    if ProcessInfo.processInfo.environment["SECANT_UPDATE_GOLDEN"] != nil {
      text.replaceSubrange(begin..<end, with: table)
      try Data(text.utf8).write(to: Self.file)
      return
    }
    #expect(text[begin..<end] == table)
  }

  /// What a known family that is not read would need is said in its refusal, in one line.
  @Test(arguments: ["gemma3n", "gemma3n_text"])
  func whatAFamilyWouldNeedIsSaid(modelType: String) throws {
    let fields = #"{"model_type": "\#(modelType)"}"#
    let text = try #require(try AlteredFixture("llama-plain", fields: fields).refusal())
    #expect(text.contains("Gemma 3n keeps several streams") && !text.contains("\n"))
  }

  /// A family that is not known is refused with those that are, and with the page that tells how to add one.
  @Test func anUnknownFamilyIsRefusedWithTheKnownOnes() throws {
    let refusal = try AlteredFixture("llama-plain", fields: #"{"model_type": "mamba"}"#).refusal()
    let text = try #require(refusal)
    for row in FamilyDocumentation.rows {
      #expect(text.contains(row[0].replacing("`", with: "")))
    }
    #expect(text.contains("Documentation/Families.md"))
  }
}
