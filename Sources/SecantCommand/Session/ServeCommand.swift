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
    usage: """
      secant serve [<options>]
      secant serve [<options>] --read-only <folder>
      """,
    discussion: """
      Serves a page on this machine alone. Only someone who knows the printed address, which has a random \
      token, can use it. The page colours each token by its share of the answer. There you can change a token \
      and see exactly what changed, look into heads, layers and maps, and let the model continue. One process \
      (secant session) answers the questions in turn and keeps the models open. Answers are kept on disk, so \
      that a question asked again is answered at once. Ctrl-C ends the server.

      --read-only shows what a folder has: pages that were saved, and reports and kept answers as JSON. It opens \
      no model and takes no questions.

        secant serve
        secant serve --model ~/models/tiny --model Qwen/Qwen3-0.6B --open
        secant serve --read-only ~/pages --port 0
      """)

  @OptionGroup var models: OfferedModels

  @Option(help: "The port; 0 for any that is free.")
  var port: UInt16 = 8041

  @Flag(help: "Also open the page in the browser.")
  var open = false

  @Flag(help: "Keep no answers on disk.")
  var noCache = false

  @Option(
    help: ArgumentHelp(
      "Only show the pages and reports of this folder; take no questions.", valueName: "folder"),
    completion: .directory)
  var readOnly: String?

  /// - Throws: That models are named where none is opened.
  func validate() throws {
    try checkGiven(readOnly, by: "--read-only", "the path of a folder")
    if readOnly != nil, !models.model.isEmpty {
      throw ValidationError(
        "--read-only: expected no --model with it, found one; no model is opened")
    }
  }

  /// - Throws: Why there is no explorer.
  func run() throws {
    let worker = try readOnly == nil ? SessionWorker.ofThisProgram(for: "serve") : nil
    let cache = try readOnly == nil ? self.cache() : nil
    let views = try readOnly.map(savedViews)
    let address = "127.0.0.1"
    let server = try ExplorerServer(address: address, port: port)
    Interruption.watch { interruption in
      worker?.close()
      interruption.endProgram()
    }
    let failure = Ending()
    Task.detached {
      do { try await server.run() } catch { failure.end(with: error) }
    }
    Task.detached { [open, names = models.names] in
      // Where the server does not listen, `run` says why.
      guard let port = try? await server.waitUntilListening() else { return }
      do {
        let hosts = ["\(address):\(port)", "localhost:\(port)"]
        let responder: any RequestResponder
        if let worker {
          responder = Explorer(
            models: names, worker: worker, hosts: hosts, cache: cache,
            version: SecantVersion.current)
        } else if let views {
          responder = try views(hosts)
        } else {
          return
        }
        server.answer(by: responder)
        let page = "http://\(address):\(port)\(responder.path)"
        let what = worker == nil ? "The saved views are" : "The explorer is"
        try? StandardOutput.write("\(what) at \(page)\nCtrl-C ends it.\n")
        if open { Self.show(page) }
      } catch {
        failure.end(with: error)
      }
    }
    let error = failure.wait()
    worker?.close()
    throw InputError(
      .unreachable, subject: "port \(port)", expected: "one that is free", found: "\(error)",
      remedy: "end the program that listens there, or give another --port")
  }

  private typealias Views = @Sendable (_ hosts: [String]) throws -> SavedViews

  /// The views of a folder, for the hosts that will be known.
  ///
  /// - Throws: That the folder cannot be read.
  private func savedViews(_ path: String) throws -> Views {
    let folder = URL(filePath: NSString(string: path).expandingTildeInPath)
    guard
      (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)))
        != nil
    else {
      throw InputError(
        .missing, file: path, subject: "the folder of --read-only",
        expected: "a folder that can be read", found: "none", remedy: "correct the path")
    }
    return { hosts in
      try SavedViews(of: folder, hosts: hosts, version: SecantVersion.current) { data in
        let report = try? KeptReport(Array(data), file: "the report").report
        return try? (report as? any IllustratedReport)?.htmlPage()
      }
    }
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
