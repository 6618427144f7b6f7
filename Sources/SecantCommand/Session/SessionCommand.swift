import ArgumentParser
import Foundation
import Secant
import Synchronization

/// `secant session`: many questions by one process.
struct SessionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session",
    abstract: "Answers questions that another program asks, line by line; models stay open.",
    usage: "secant session",
    discussion: """
      Reads JSON objects from standard input and writes JSON objects to standard output, one a line. Asks \
      in the words of the command line, in the folder that is named; the two models that were used last \
      stay open. Standard input's end is the session's.

        {"id": 1, "arguments": ["explain", "The capital of France is", "--json"]}
        {"id": 2, "arguments": ["shares", "Paris is in", "--json"], "folder": "/tmp"}
        {"cancel": 2}

      First it says what it is: {"secant":"…","session":\(Session.version)}, its version and that of these messages. Then, for each \
      question, any number of messages of progress and of notes, and last its answer, with the exit status \
      that the command would have had:

        {"id":1,"progress":{"stage":"finding singular vectors","fraction":0.4}}
        {"id":1,"note":"…"}
        {"id":1,"status":0,"result":{…}}
        {"id":2,"status":64,"error":{"message":"…","remedy":"…"}}

      The result is the report that --json prints. What a command prints otherwise comes as text. To cancel \
      the question that is being answered, the session stops its work and begins anew: it says again what it is, \
      and has no model open.
      """)

  /// - Throws: That a session is to run in a session.
  func run() throws {
    guard Invocation.current.answer == nil else {
      throw Failure(.usage, "session: expected another command, found one that is running already")
    }
    Session().run()
  }
}

/// Questions that wait, the one that is being answered, and what carries the answers.
private final class Session: Sendable {
  /// The version of the protocol: it grows when a message is removed or changes its meaning.
  static let version = 1

  private struct State {
    var waiting: [(id: String, arguments: [String], folder: String?)] = []
    var running: SessionAnswer?
    var isClosed = false
  }

  private let channel = SessionChannel()
  private let models = OpenModels()
  private let state = Mutex(State())
  /// One for each question, and one for the end.
  private let arrivals = DispatchSemaphore(value: 0)

  /// Answers questions until there are no more.
  func run() {
    channel.send(
      SessionMessage().with("secant", SecantVersion.current).with("session", Self.version))
    Interruption.watch { [self] interruption in
      state.withLock { $0.running }?.interrupt(interruption)
      interruption.endProgram()
    }
    Thread.detachNewThread { [self] in
      while let line = readLine() { take(line) }
      state.withLock { $0.isClosed = true }
      arrivals.signal()
    }
    while let question = next() { answer(question) }
  }

  /// Waits for the next question; nil where none will come.
  private func next() -> (SessionAnswer, arguments: [String], folder: String?)? {
    while true {
      arrivals.wait()
      let next = state.withLock { state -> (SessionAnswer, [String], String?)? in
        guard !state.waiting.isEmpty else { return nil }
        let question = state.waiting.removeFirst()
        let answer = SessionAnswer(question.id, on: channel)
        state.running = answer
        return (answer, question.arguments, question.folder)
      }
      if let next { return next }
      if state.withLock({ $0.isClosed && $0.waiting.isEmpty }) { return nil }
    }
  }

  private func answer(_ question: (SessionAnswer, arguments: [String], folder: String?)) {
    let (answer, arguments, folder) = question
    let invocation = Invocation(arguments: arguments, answer: answer, models: models)
    Invocation.$current.withValue(invocation) {
      do {
        if let folder, !FileManager.default.changeCurrentDirectoryPath(folder) {
          throw InputError(
            .missing, file: folder, subject: "the folder of the question",
            expected: "one that exists", found: "none", remedy: "correct the path")
        }
        try SecantCommand.perform(arguments)
        answer.finish(.success, nil)
      } catch {
        let (status, failure) = SecantCommand.outcome(of: error, arguments)
        answer.finish(status, failure)
      }
    }
    state.withLock { $0.running = nil }
  }

  // MARK: - What is read

  private func take(_ line: String) {
    guard !line.allSatisfy(\.isWhitespace) else { return }
    do {
      switch try SessionQuestion(line) {
      case .command(let id, let arguments, let folder):
        state.withLock { $0.waiting.append((id, arguments, folder)) }
        arrivals.signal()
      case .cancel(let id): cancel(id)
      }
    } catch {
      let failure = Failure(ExitStatus(error.kind), error)
      channel.send(
        SessionMessage().with("status", Int(failure.status.rawValue))
          .with("error", SessionMessage(failure)))
    }
  }

  private func cancel(_ id: String) {
    let (dropped, running) = state.withLock { state in
      let count = state.waiting.count
      state.waiting.removeAll { $0.id == id }
      return (count - state.waiting.count, state.running?.id == id ? state.running : nil)
    }
    for _ in 0..<dropped { channel.send(SessionAnswer.cancelled(id)) }
    running?.interrupt(
      Interruption { [self] in
        // Work cannot be stopped midway, so the process takes its own place; questions that wait are asked again.
        let waiting = state.withLock { $0.waiting }
        channel.send(SessionAnswer.cancelled(id))
        for question in waiting { channel.send(SessionAnswer.cancelled(question.id)) }
        Interruption.beginSessionAnew()
      })
  }
}
