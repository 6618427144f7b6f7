package import Foundation
package import SecantCheckpoints

/// Words that an audit looks for.
package struct AuditList: Hashable, Sendable {
  /// Its name, or its file as the user named it.
  package let name: String
  /// The words in lower case, each once, in the order of the list.
  package let words: [String]

  /// The lists of the project's own, by name: `hazards`, words of chemistry, biology and radiation at the level of
  /// a textbook, and `groups`, words for groups of people.
  package static let own: [String: AuditList] = [
    "hazards": AuditList(name: "hazards", bytes: PackageResources.hazards_txt),
    "groups": AuditList(name: "groups", bytes: PackageResources.groups_txt),
  ]

  /// A list of words.
  package init(name: String, words: [String]) {
    self.name = name
    var seen: Set<String> = []
    self.words = words.map(\.word).filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  private init(name: String, bytes: [UInt8]) {
    self.init(name: name, text: String(decoding: bytes, as: UTF8.self))
  }

  private init(name: String, text: String) {
    self.init(
      name: name,
      words: text.split(whereSeparator: \.isNewline).filter { $0.first != "#" }.map(String.init))
  }

  /// A list of the project's own, or one in a file: a word a line, lines that begin with # are remarks.
  ///
  /// - Parameters:
  ///   - name: The name of a list, or the path of a file.
  ///   - url: The file.
  /// - Throws: `InputError` where there is no such file, it is no text, or it has no words.
  package init(named name: String, orAt url: URL) throws(InputError) {
    if let own = Self.own[name] {
      self = own
      return
    }
    let bytes: [UInt8]
    do { bytes = try MappedFile.contents(of: url) } catch {
      throw InputError(
        error.kind, file: name, subject: "the list of words",
        expected:
          "a file that can be read, or one of \(Self.own.keys.sorted().joined(separator: ", "))",
        found: error.found, remedy: "correct the path, or name a list")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InputError(
        .malformed, file: name, subject: "the list of words", expected: "UTF-8",
        found: "bytes that are not", remedy: "convert the text, as by iconv")
    }
    self.init(name: name, text: text)
    guard !words.isEmpty else {
      throw InputError(
        .invalid, file: name, subject: "the list of words", expected: "a word a line",
        found: "none", remedy: "write at least one word")
    }
  }
}

extension String {
  /// The text without white space around it, in lower case: the word that a token spells.
  var word: String { trimmingCharacters(in: .whitespacesAndNewlines).lowercased() }
}
