import ArgumentParser
import Foundation
import Secant
import SecantExplorer
import Synchronization

/// `secant serve`: the explorer, a local page to ask about prompts.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves the explorer: a local page to ask about prompts, change them, and ask again.",
    discussion: """
      Serves a page on this machine alone. Only someone who knows the printed address, which has a random \
      token, can use it. The page colours each token by its share of the answer. There you can change a token \
      and see exactly what changed, look into heads, layers and maps, and let the model continue. One process \
      (secant session) answers the questions in turn and keeps the models open. Answers are kept on disk, so \
      that a question asked again is answered at once. Ctrl-C ends the server.

        secant serve
        secant serve --model ~/models/tiny --model Qwen/Qwen3-0.6B --open
      """)

  @OptionGroup var models: OfferedModels

  @Option(help: "The port.")
  var port: UInt16 = 8041

  @Flag(help: "Also open the page in the browser.")
  var open = false

  @Flag(help: "Keep no answers on disk.")
  var noCache = false

  /// - Throws: Why there is no explorer.
  func run() throws {
    let worker = try SessionWorker.ofThisProgram(for: "serve")
    let address = "127.0.0.1"
    let explorer = Explorer(
      models: models.names, worker: worker,
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
