import ArgumentParser

/// What the user called a command.
enum CommandName {
  /// There is no such command.
  struct Unknown: Error {
    let message: String
  }

  /// Commands that have another name now, by their former one.
  ///
  /// Both names work for one release.
  static let former = ["features": "maps", "kinds": "jacobians", "gates": "gate-rules"]

  /// The arguments with the present name of their command, and a note where that is another.
  ///
  /// - Parameter arguments: All of them; `help` may stand before the command.
  /// - Returns: The arguments, and what the user should be told.
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

  /// Makes sure that the words in which arguments begin name a command.
  ///
  /// - Parameters:
  ///   - arguments: All of them; one that begins with a hyphen is left to the parser.
  ///   - commands: Those that there are.
  /// - Throws: `Unknown`, with the command that may have been meant.
  static func check(
    _ arguments: [String], among commands: [any ParsableCommand.Type]
  ) throws {
    guard let word = arguments.first, !word.hasPrefix("-"), word != "help", !commands.isEmpty else {
      return
    }
    if let command = commands.first(where: { $0.configuration.commandName == word }) {
      let rest = Array(arguments.dropFirst())
      return try check(rest, among: command.configuration.subcommands)
    }
    let names = commands.compactMap { $0.configuration.commandName }
    let near = names.map { ($0, edits(from: word, to: $0)) }.min { $0.1 < $1.1 }
    // Two slips of the finger, but not most of a short word.
    let meant = near.flatMap { $0.1 <= min(2, word.count / 2) ? $0.0 : nil }
    throw Unknown(
      message: "expected a command, found '\(word)'; "
        + (meant.map { "did you mean '\($0)'?" }
          ?? "name one of \(names.joined(separator: ", "))"))
  }

  /// The least number of letters left out, added, exchanged for others or for their neighbours.
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
