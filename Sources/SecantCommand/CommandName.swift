import ArgumentParser

/// The name of a command, as the user typed it.
enum CommandName {
  /// There is no such command.
  struct Unknown: Error {
    let message: String
  }

  /// The present names of renamed commands, by their former names.
  ///
  /// Former names work for one more release.
  static let former = ["features": "maps", "kinds": "jacobians", "gates": "gate-rules"]

  /// The arguments with the present name of their command, and a note if that differs.
  ///
  /// - Parameter arguments: All arguments; `help` may precede the command.
  /// - Returns: The arguments, and a note for the user.
  static func present(_ arguments: [String]) -> (arguments: [String], note: String?) {
    let place = arguments.first == "help" ? 1 : 0
    guard arguments.count > place, let present = former[arguments[place]] else {
      return (arguments, nil)
    }
    var renamed = arguments
    renamed[place] = present
    return (
      renamed, "'secant \(arguments[place])' is now 'secant \(present)'; the old name still works"
    )
  }

  /// Makes sure that the first words of the arguments name a command.
  ///
  /// - Parameters:
  ///   - arguments: All arguments; the parser handles those that begin with a hyphen.
  ///   - commands: The existing commands.
  /// - Throws: `Unknown`, with the command that the user may have meant.
  static func check(
    _ arguments: [String], among commands: [any ParsableCommand.Type]
  ) throws {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.isEmpty else {
      return
    }
    if let command = commands.first(where: { $0.configuration.commandName == word }) {
      let rest = Array(arguments.dropFirst())
      // What follows may be an argument of its usual subcommand.
      if command.configuration.defaultSubcommand != nil { return }
      return try check(rest, among: command.configuration.subcommands)
    }
    let names = commands.compactMap { $0.configuration.commandName }
    let near = names.map { ($0, edits(from: word, to: $0)) }.min { $0.1 < $1.1 }
    // Two typing errors, but not most of a short word.
    let meant = near.flatMap { $0.1 <= min(2, word.count / 2) ? $0.0 : nil }
    throw Unknown(
      message: "expected a command, found '\(word)'; "
        + (meant.map { "did you mean '\($0)'?" }
          ?? "name one of \(names.joined(separator: ", "))"))
  }

  /// The least number of missing, extra, wrong or swapped letters.
  private static func edits(from word: String, to other: String) -> Int {
    let (a, b) = (Array(word), Array(other))
    var rows = [Array(0...b.count)]
    for i in 1...max(1, a.count) where i <= a.count {
      var row = [i]
      for j in 1...b.count {
        var least = min(rows[i - 1][j] + 1, row[j - 1] + 1)
        least = min(least, rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          least = min(least, rows[i - 2][j - 2] + 1)
        }
        row.append(least)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
