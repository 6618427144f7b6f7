import ArgumentParser
import Foundation
import Secant
import SecantExplorer

/// `secant mcp`: the same questions for an assistant.
struct AssistantCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mcp",
    abstract: "Answers an assistant's questions by the Model Context Protocol.",
    discussion: """
      Reads JSON-RPC from standard input and writes it to standard output, one message per line. The tools \
      are explain, shares, compare, layers, gate-rules, trace, generate, ablate, steer (toward a direction) and vocabulary. An \
      answer is what a terminal would show, cut at about 1,500 tokens, followed by the command that repeats it. To add Secant to an assistant's \
      settings:

        {"command": "secant", "args": ["mcp", "--model", "/models/tiny"]}
      """)

  @OptionGroup var models: OfferedModels

  /// - Throws: That it is to run in a session.
  func run() throws {
    let worker = try SessionWorker.ofThisProgram(for: "mcp")
    let tools = AssistantTools(
      models: models.names, worker: worker, version: SecantVersion.current)
    Interruption.watch { interruption in
      worker.close()
      interruption.endProgram()
    }
    let open = DispatchGroup()
    while let line = readLine() {
      open.enter()
      Task.detached {
        if let answer = await tools.answer(Data(line.utf8)) {
          try? StandardOutput.write(String(decoding: answer, as: UTF8.self) + "\n")
        }
        open.leave()
      }
    }
    open.wait()
    worker.close()
  }
}

/// The models that a server offers.
struct OfferedModels: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      A model to ask: demo (the embedded one), a Hugging Face folder, a GGUF file, or \
      org/name[@revision] on the Hub. Repeat it for several; the first is asked unless another is \
      chosen. (default: demo)
      """, valueName: "model"), completion: .file())
  var model: [String] = []

  /// Their names, at least one.
  var names: [String] { model.isEmpty ? ["demo"] : model }

  /// - Throws: A model of no name.
  func validate() throws {
    for name in model { try checkGiven(name, by: "--model", "the name of a model") }
  }
}

extension SessionWorker {
  /// A worker by this very program.
  ///
  /// - Parameter command: The command that wants it.
  /// - Returns: The worker, not begun.
  /// - Throws: That the command runs in a session itself, or that the program's file is not known.
  static func ofThisProgram(for command: String) throws -> SessionWorker {
    guard Invocation.current.answer == nil else {
      throw Failure(.usage, "\(command): expected another command, found one that never answers")
    }
    guard let executable = Bundle.main.executableURL?.resolvingSymlinksInPath() else {
      throw Failure(.internalError, "the program's own file: expected a path, found none")
    }
    return SessionWorker(executable: executable)
  }
}
