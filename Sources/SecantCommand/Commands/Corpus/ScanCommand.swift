import ArgumentParser
import Secant

/// `secant scan`: one question, put to every item of a corpus.
struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Asks about every prompt of a corpus; what is done is kept.",
    discussion: """
      Puts the same questions to every item of a file or a folder, and keeps each answer as soon as it \
      is there. The same command goes on where it was stopped. Job systems divide the items among \
      machines; a merge makes one database of all answers.

        secant scan prompts.jsonl -o RUN --ask explain,layers
        secant scan status RUN
        secant scan merge RUN
      """,
    subcommands: [
      ScanRunCommand.self, ScanStatusCommand.self, ScanMergeCommand.self, ScanTemplateCommand.self,
    ],
    defaultSubcommand: ScanRunCommand.self)
}
