import ArgumentParser
import Foundation
import Secant

/// `secant render`: a report that was kept, shown again.
struct RenderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "render",
    abstract: "Shows a report that --json has printed: as text, page, figures or numbers.",
    usage: "secant render [<options>] <report>",
    discussion: """
      Computes nothing and needs no model: whatever a report is shown as can be made of it later, on another \
      machine too. Reads reports of this version of Secant and of earlier ones.

        secant explain "The capital of France is" --json > paris.json
        secant render paris.json
        secant render paris.json --html paris.html --figures figures
      """)

  @Argument(
    help: "The report's file; - for standard input.", completion: .file(extensions: ["json"]))
  var report: String

  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions

  /// - Throws: That the path is empty.
  func validate() throws { try checkGiven(report, by: "<report>", "the path of a file") }

  /// - Throws: Why the file is no report, or cannot be shown as it should.
  func run() throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let kept = try KeptReport(report, sparing: outputs)
      if self.documents.html != nil || self.documents.figures.figures != nil {
        guard let illustrated = kept.report as? any IllustratedReport else {
          throw kept.failure("--html or --figures", "a page")
        }
        try documents.write(illustrated)
      }
      if numbers.csv != nil || numbers.output != nil {
        guard let tabular = kept.report as? any TabularReport else {
          throw kept.failure("--csv or --output", "numbers of its own")
        }
        try files.write(tabular)
      }
      try StandardOutput.write(kept.text(TerminalDevice.output.style))
    }
  }
}

/// A report of any kind, and the text that shows it.
struct KeptReport {
  let report: any Report
  let text: (TerminalStyle) -> String
  private let schema: String

  /// The report in a file.
  ///
  /// - Throws: `InputError` where it is none, or of a newer version.
  init(_ path: String, sparing outputs: Outputs) throws {
    try self.init(Self.bytes(path, sparing: outputs), file: path)
  }

  /// The report that some bytes are.
  ///
  /// - Throws: `InputError` where they are none, or of a newer version.
  init(_ bytes: [UInt8], file path: String) throws {
    let root = try JSONField(parsing: bytes, file: path)
    schema = try root["schema"]["name"].string()
    guard let read = Self.kinds[schema] else {
      throw InputError(
        .unsupported, file: path, subject: "schema",
        expected: "one of \(Self.kinds.keys.sorted().joined(separator: ", "))", found: schema,
        remedy: "give a report that this version of Secant shows")
    }
    do {
      (report, text) = try read(Data(bytes))
    } catch {
      throw InputError(
        .malformed, file: path, subject: schema, expected: "a report of this version of Secant",
        found: error.description, remedy: "write it again, or use the Secant that wrote it")
    }
  }

  /// Bytes of the longest report that is read.
  private static var limit: Int { 1 << 30 }

  private static func bytes(_ path: String, sparing outputs: Outputs) throws -> [UInt8] {
    guard path != "-" else {
      try Invocation.current.requireStandardInput()
      return Array(try FileHandle.standardInput.readToEnd() ?? Data())
    }
    let url = URL(filePath: NSString(string: path).expandingTildeInPath)
    try outputs.spare([url], "the report")
    return try MappedFile.contents(of: url, atMost: limit)
  }

  /// Says that a report has no such form.
  func failure(_ option: String, _ form: String) -> Failure {
    Failure(.usage, "\(option): expected a report that has \(form), found \(schema)")
  }

  private typealias Text = @Sendable (TerminalStyle) -> String
  private typealias Reader = @Sendable (Data) throws(ReportError) -> (any Report, Text)

  private static func kind<R: Report>(
    _: R.Type, _ text: @escaping @Sendable (R, TerminalStyle) -> String
  ) -> (String, Reader) {
    (
      R.schema.name,
      { data throws(ReportError) in
        let report = try R(jsonData: data)
        return (report, { text(report, $0) })
      }
    )
  }

  private static let kinds = Dictionary(
    uniqueKeysWithValues: [
      kind(ExplanationReport.self) { $0.terminalText($1) },
      kind(SharesReport.self) { $0.terminalText($1) },
      kind(TraceReport.self) { $0.terminalText($1) },
      kind(ComparisonReport.self) { $0.terminalText($1) },
      kind(GateRulesReport.self) { $0.terminalText($1) },
      kind(FullReport.self) { $0.terminalText($1) },
      kind(ValidationReport.self) { $0.terminalText($1) },
      kind(LayersReport.self) { $0.terminalText($1) },
      kind(MapsReport.self) { $0.terminalText($1) },
      kind(JacobiansReport.self) { $0.terminalText($1) },
      kind(AblationReport.self) { $0.terminalText($1) },
      kind(GenerationReport.self) { report, _ in report.text + "\n" },
      kind(SteeringOperatorReport.self) { $0.terminalText($1) },
      kind(SteeringReport.self) { $0.terminalText($1) },
      kind(SteeringSweepReport.self) { $0.terminalText($1) },
      kind(SteeringVectorReport.self) { $0.terminalText($1) },
      kind(VerificationReport.self) { $0.terminalText($1, isVerbose: true) },
      kind(PaperReport.self) { $0.terminalText($1) },
      kind(PlanReport.self) { $0.terminalText($1) },
      kind(InspectionReport.self) { $0.terminalText($1) },
      kind(ModelsReport.self) { $0.terminalText($1) },
      kind(StatsReport.self) { $0.terminalText($1) },
      kind(AuditReport.self) { $0.terminalText($1) },
      kind(VocabularyReport.self) { $0.terminalText($1) },
    ])
}
