import Foundation

/// The page that lists every command and option, made from what the parser says of itself.
///
/// Lines are at most 100 columns wide, but for what has no spaces and for the examples.
struct CommandLinePage {
  /// What `--experimental-dump-help` prints, as far as the page shows it.
  struct Dump: Decodable {
    let command: Command
  }

  struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [Command]?
    let arguments: [Argument]?

    /// The commands that have options of their own, with their whole names.
    var leaves: [(name: String, command: Command)] {
      let own = (subcommands ?? []).filter { $0.commandName != "help" }
      guard !own.isEmpty else { return [(commandName, self)] }
      return own.flatMap(\.leaves).map { ("\(commandName) \($0.name)", $0.command) }
    }
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String

      var spelling: String { (kind == "long" ? "--" : "-") + name }
    }

    let abstract: String?
    let kind: String
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let shouldDisplay: Bool
  }

  private let dump: Dump

  /// Reads a dump.
  init(dump: Data) throws {
    self.dump = try JSONDecoder().decode(Dump.self, from: dump)
  }

  /// The page as Markdown.
  func text() -> String {
    let leaves = dump.command.leaves
    let names = leaves.map(\.name)
    var lines = ["# The command line", ""]
    lines += wrapped(
      """
      One section for each command, made from the program's own help. [Models.md](Models.md) says \
      what prompts and models are, [Results.md](Results.md) what each command computes and writes, \
      [Scripts.md](Scripts.md) what a script can rely on, with the exit statuses.
      """)
    lines.append("")
    lines += names.map { name in
      "- [\(name)](#\(name.replacingOccurrences(of: " ", with: "-")))"
    }
    for (name, command) in leaves {
      lines += ["", "## \(name)", ""] + section(command)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ command: Command) -> [String] {
    var lines = wrapped(command.abstract ?? "")
    for paragraph in (command.discussion ?? "").components(separatedBy: "\n\n")
    where paragraph != "" {
      lines.append("")
      let isExample = paragraph.hasPrefix(" ")
      lines +=
        isExample
        ? paragraph.split(separator: "\n").map { "    " + $0.trimmingPrefix { $0 == " " } }
        : wrapped(paragraph)
    }
    let arguments = (command.arguments ?? []).filter {
      $0.shouldDisplay && !["version", "help"].contains($0.names?.first?.name)
    }
    guard !arguments.isEmpty else { return lines }
    return lines + [""] + arguments.flatMap(item)
  }

  private func item(_ argument: Argument) -> [String] {
    let value = argument.kind == "flag" ? "" : " <\(argument.valueName ?? "value")>"
    let spelling =
      argument.kind == "positional"
      ? "`<\(argument.valueName ?? "value")>`"
      : (argument.names ?? []).map { "`\($0.spelling)\(value)`" }.joined(separator: ", ")
    var text = "- \(spelling): \(argument.abstract ?? "")"
    if let values = argument.allValues, argument.kind == "option" {
      text += " One of \(values.map { "`\($0)`" }.joined(separator: ", "))."
    }
    if let standard = argument.defaultValue, argument.kind == "option" {
      text += " Default: `\(standard)`."
    }
    return wrapped(text, indent: "  ")
  }

  /// A paragraph in lines; words are never broken, and code in backticks stays on one line.
  private func wrapped(_ text: String, indent: String = "") -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > 100 {
        lines.append(line)
        line = indent + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return line.isEmpty ? lines : lines + [line]
  }
}
