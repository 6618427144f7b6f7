import Foundation
import SecantCheckpoints
import SecantTemplates
import SecantTestSupport
import Testing

/// Templates with what Python's Jinja makes of them, set up as Hugging Face does.
///
/// `Tools/fixtures/chat_templates.py` wrote them.
enum TemplateFixture {
  private static let folder = Repository.folder.appending(path: "Tests/Fixtures/templates")

  /// The clock of the fixtures: 6 July 2024, 15:04:05 UTC.
  static let date = Date(timeIntervalSince1970: 1_720_278_245)

  /// A small template of our own making.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let source: String
    let variables: [String: JSON]
    /// The text; nil where Jinja fails.
    let text: String?

    var testDescription: String { name }
  }

  static func own() throws -> [Case] {
    try JSONField(contentsOf: folder.appending(path: "own.json")).array().map { field in
      Case(
        name: try field["name"].string(), source: try field["template"].string(),
        variables: try field["variables"].members(), text: try field["text"].present?.string())
    }
  }

  /// The conversations that real templates are tried on.
  static func conversations() throws -> [(name: String, variables: [String: JSON])] {
    try real()["conversations"].array().map { field in
      let pair = try field.array()
      return (try pair[0].string(), try pair[1].members())
    }
  }

  /// The names of the real templates.
  static func realNames() throws -> [String] {
    try real()["digests"].object().members.map(\.key)
  }

  /// The digests of a real template's texts, one for each conversation; nil where Jinja fails.
  static func digests(of name: String) throws -> [String?] {
    try real()["digests"][name].array().map { try $0.present?.string() }
  }

  private static func real() throws -> JSONField {
    try JSONField(contentsOf: folder.appending(path: "real.json"))
  }

  /// Where the real templates lie; nil where they are not at hand.
  static let realFolder = LocalData.folder?.appending(path: "llamacpp/templates")

  static func render(_ source: String, _ variables: [String: JSON]) throws -> String {
    try Template(source).render(variables, date: date, timeZone: .gmt)
  }

  /// FNV-1a of 64 bits over UTF-8.
  static func digest(_ text: String) -> String {
    let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension JSONField {
  fileprivate func members() throws -> [String: JSON] {
    Dictionary(
      try object().members.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}
