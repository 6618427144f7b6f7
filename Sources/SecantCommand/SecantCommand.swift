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
          ExplainCommand.self, SharesCommand.self, CompareCommand.self, GateRulesCommand.self,
          ReportCommand.self, ValidateCommand.self,
        ]),
      CommandGroup(
        name: "Look inside",
        subcommands: [LayersCommand.self, MapsCommand.self, JacobiansCommand.self]),
      CommandGroup(name: "Act", subcommands: [GenerateCommand.self, SteerCommand.self]),
      CommandGroup(
        name: "Models and files",
        subcommands: [
          VerifyCommand.self, JacobianCommand.self, InspectCommand.self, ModelsCommand.self,
        ]),
    ])

  /// Runs the command that the arguments name, and ends the program.
  static func main() {
    secant_hold_standard_streams()
    secant_hear_ending_signals()
    // A failed write is a failure like any other, after which files are restored.
    secant_let_writes_fail()
    keepFreedMemory()
    endOnLostPages(status: ExitStatus.noInput.rawValue)
    do {
      try ArgumentBytes.requireText()
      let (arguments, note) = CommandName.present(Self.arguments)
      if let note { StandardError.write("secant: \(note)\n") }
      try CommandName.check(arguments, among: configuration.subcommands)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      report(error).endProgram()
    }
  }

  /// The arguments for the parser, which would otherwise read `-hf` as `-h`, the option for help.
  private static var arguments: [String] {
    let arguments = CommandLine.arguments.dropFirst()
    let options = arguments.prefix { $0 != "--" }
    return options.map { $0 == "-hf" ? "--hf" : $0 } + arguments.dropFirst(options.count)
  }

  /// The command that shows the help for the arguments' command.
  private static var helpCommand: String {
    var names = ["secant"]
    var subcommands = configuration.subcommands
    for argument in CommandLine.arguments.dropFirst() {
      let named = subcommands.first { $0.configuration.commandName == argument }
      guard let named else { continue }
      names.append(argument)
      subcommands = named.configuration.subcommands
    }
    return names.joined(separator: " ") + " --help"
  }

  /// Prints the message of an error and returns the exit status.
  private static func report(_ error: any Error) -> ExitStatus {
    if let status = error as? ExitStatus { return status }
    if let interruption = error as? Interruption { interruption.endProgram() }
    TerminalDevice.requireWidthOfHelp()
    do {
      // Help, the version and completion scripts are errors for the parser, but not for the user.
      if exitCode(for: error).isSuccess {
        let message = fullMessage(for: error) + "\n"
        let isHelpOfAll = message.contains("USAGE: secant <subcommand>")
        try StandardOutput.write(
          message + (isHelpOfAll ? "\nEXIT STATUS:\n\(ExitStatus.table)\n" : ""))
        return .success
      }
      if let named = error as? CommandName.Unknown {
        throw Failure(.usage, "\(named.message) (see '\(helpCommand)')")
      }
      throw Failure(error) ?? Failure(.usage, "\(message(for: error)) (see '\(helpCommand)')")
    } catch let interruption as Interruption {
      interruption.endProgram()
    } catch {
      let failure = Failure(error) ?? Failure(.internalError, "\(error)")
      StandardError.write("secant: \(failure.line)\n")
      return failure.status
    }
  }
}
