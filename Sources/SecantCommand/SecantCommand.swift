import ArgumentParser
import CPlatform
import Foundation
import Secant
import SecantOperators

/// The command `secant`.
@main
struct SecantCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secant",
    abstract: "Shows what a language model computed for one prompt, as the linear map that it was.",
    discussion: """
      A result goes to standard output; a failure is one line on standard error, and leaves standard \
      output empty and every file as it was.
      """,
    version: SecantVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "Attribute",
        subcommands: [
          ExplainCommand.self, SharesCommand.self, TraceCommand.self, CompareCommand.self,
          GateRulesCommand.self, ReportCommand.self, ValidateCommand.self,
        ]),
      CommandGroup(
        name: "Look inside",
        subcommands: [LayersCommand.self, MapsCommand.self, JacobiansCommand.self]),
      CommandGroup(
        name: "Corpus",
        subcommands: [
          ScanCommand.self, SearchCommand.self, StatsCommand.self, AuditCommand.self,
        ]),
      CommandGroup(
        name: "Act",
        subcommands: [AblateCommand.self, GenerateCommand.self, SteerCommand.self]),
      CommandGroup(
        name: "Models and files",
        subcommands: [
          VerifyCommand.self, JacobianCommand.self, InspectCommand.self, VocabularyCommand.self,
          ModelsCommand.self, RenderCommand.self, ServeCommand.self, AssistantCommand.self,
          SessionCommand.self,
        ]),
    ])

  /// Runs the command that the arguments name, and ends the program.
  static func main() {
    secant_hold_standard_streams()
    secant_hear_ending_signals()
    // A failed write is a failure like any other, after which files are restored.
    secant_let_writes_fail()
    secant_name_trusted_certificates()
    keepFreedMemory()
    endOnLostPages(status: ExitStatus.noInput.rawValue)
    let arguments = Invocation.current.arguments
    do {
      try ArgumentBytes.requireText()
      try perform(arguments)
    } catch {
      let (status, failure) = outcome(of: error, arguments)
      if let failure { StandardError.write("secant: \(failure.line)\n") }
      status.endProgram()
    }
  }

  /// Runs the command that some arguments name.
  ///
  /// - Parameter arguments: Those after the program's name.
  /// - Throws: Why there is no result, or what the parser shows in place of one.
  static func perform(_ arguments: [String]) throws {
    let (arguments, note) = CommandName.present(accepted(arguments))
    if let note {
      if let answer = Invocation.current.answer {
        answer.note(note)
      } else {
        StandardError.write("secant: \(note)\n")
      }
    }
    try CommandName.check(arguments, among: configuration.subcommands)
    var command = try parseAsRoot(arguments)
    try command.run()
  }

  /// The arguments as the parser takes them: it would read `-hf` as `-h`, which asks for help.
  private static func accepted(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    return options.map { $0 == "-hf" ? "--hf" : $0 } + arguments.dropFirst(options.count)
  }

  /// What shows the help of the command that the arguments name.
  private static func helpCommand(_ arguments: [String]) -> String {
    var names = ["secant"]
    var subcommands = configuration.subcommands
    for argument in arguments {
      let named = subcommands.first { $0.configuration.commandName == argument }
      guard let named else { continue }
      names.append(argument)
      subcommands = named.configuration.subcommands
    }
    return names.joined(separator: " ") + " --help"
  }

  /// How the program should end after an error, and why there is no result; prints help where the error is that it
  /// was asked for.
  static func outcome(
    of error: any Error, _ arguments: [String]
  ) -> (status: ExitStatus, failure: Failure?) {
    if let status = error as? ExitStatus { return (status, nil) }
    if let interruption = error as? Interruption { interruption.endProgram() }
    TerminalDevice.requireWidthOfHelp()
    do {
      // Help, the version and completion scripts are errors for the parser, but not for the user.
      if exitCode(for: error).isSuccess {
        let message = fullMessage(for: error) + "\n"
        let isHelpOfAll = message.contains("USAGE: secant <subcommand>")
        try StandardOutput.write(
          message + (isHelpOfAll ? "\nEXIT STATUS:\n\(ExitStatus.table)\n" : ""))
        return (.success, nil)
      }
      let help = "(see '\(helpCommand(arguments))')"
      if let named = error as? CommandName.Unknown {
        throw Failure(.usage, "\(named.message) \(help)")
      }
      throw Failure(error) ?? Failure(.usage, "\(message(for: error)) \(help)")
    } catch let interruption as Interruption {
      interruption.endProgram()
    } catch {
      let failure = Failure(error) ?? Failure(.internalError, "\(error)")
      return (failure.status, failure)
    }
  }
}
