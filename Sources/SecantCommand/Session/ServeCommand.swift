import ArgumentParser
import Foundation
import Secant
import SecantExplorer
import Synchronization

/// `secant serve`: the explorer, a page of this machine in which one asks, looks and changes.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Opens the explorer: a local page to ask about prompts, change them, and ask again.",
    discussion: """
      Answers at the loopback address only, and only to those who know the address that it prints, which has a \
      random token. The page colours each token by its share of the answer; there one changes a token and \
      sees the exact account of what changed, looks into heads, layers and maps, and lets the model go on. \
      Questions go to one process beside (secant session), one at a time, which keeps models open; answers are \
      kept on disk, and given again at once. Ends on Ctrl-C.

        secant serve
        secant serve --model ~/models/tiny --model Qwen/Qwen3-0.6B --open
      """)

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      A model that the page offers: demo, a Hugging Face folder, a GGUF file, or org/name[@revision] of \
      the Hub. May be repeated. (default: demo)
      """, valueName: "model"), completion: .file())
  var model: [String] = []

  @Option(help: "The port.")
  var port: UInt16 = 8041

  @Flag(help: "Also open the page in the browser.")
  var open = false

  @Flag(help: "Keep no answers on disk.")
  var noCache = false

  /// - Throws: A model of no name.
  func validate() throws {
    for name in model { try checkGiven(name, by: "--model", "the name of a model") }
  }

  /// - Throws: Why there is no explorer.
  func run() throws {
    let worker = try SessionWorker.ofThisProgram(for: "serve")
    let address = "127.0.0.1"
    let explorer = Explorer(
      models: model.isEmpty ? ["demo"] : model, worker: worker,
      hosts: ["\(address):\(port)", "localhost:\(port)"], cache: try cache(),
      version: SecantVersion.current)
    let server = try ExplorerServer(explorer, address: address, port: port)
    let page = "http://\(address):\(port)\(explorer.path)"
    Interruption.watch { interruption in
      worker.close()
      interruption.endProgram()
    }
    let failure = Ending()
    Task.detached {
      do { try await server.run() } catch { failure.end(with: error) }
    }
    Task.detached { [open] in
      guard (try? await server.waitUntilListening()) != nil else { return }
      try? StandardOutput.write("The explorer is at \(page)\nCtrl-C ends it.\n")
      if open { Self.show(page) }
    }
    let error = failure.wait()
    worker.close()
    throw InputError(
      .unreachable, subject: "port \(port)", expected: "one that is free", found: "\(error)",
      remedy: "end the program that listens there, or give another --port")
  }

  private func cache() throws -> AnswerCache? {
    guard !noCache else { return nil }
    let environment = ProcessInfo.processInfo.environment
    let base =
      environment["XDG_CACHE_HOME"].map { URL(filePath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache")
    // Where nothing can be kept, nothing is: answers do not depend on it.
    return try? AnswerCache(
      in: base.appending(path: "secant/answers"), salt: SecantVersion.current)
  }

  /// Opens a page in the browser, where there is one.
  private static func show(_ page: String) {
    #if os(macOS)
      let opener = "/usr/bin/open"
    #else
      let opener = "/usr/bin/xdg-open"
    #endif
    guard FileManager.default.isExecutableFile(atPath: opener) else { return }
    _ = try? Process.run(URL(filePath: opener), arguments: [page])
  }
}

/// What a program waits for on its main thread while others work.
private final class Ending: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let error = Mutex<(any Error)?>(nil)

  /// Ends the wait.
  func end(with error: any Error) {
    self.error.withLock { $0 = error }
    semaphore.signal()
  }

  /// Waits, and says why it is over.
  func wait() -> any Error {
    semaphore.wait()
    return error.withLock { $0 } ?? CancellationError()
  }
}
