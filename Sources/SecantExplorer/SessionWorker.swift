package import Foundation
import Synchronization

/// A worker that is a program beside: `secant session`, which keeps models open between questions.
///
/// A question that is cancelled, or that takes the session down, leaves the explorer as it was: the session is
/// begun anew for the next one.
package final class SessionWorker: Worker {
  private struct State {
    var process: Process?
    var input: FileHandle?
    var questions: [String: AsyncStream<WorkerMessage>.Continuation] = [:]
    var isClosed = false
  }

  private let executable: URL
  private let arguments: [String]
  private let state = Mutex(State())

  /// A worker that is not begun before the first question.
  ///
  /// - Parameters:
  ///   - executable: The program.
  ///   - arguments: What makes it a session.
  package init(executable: URL, arguments: [String] = ["session"]) {
    self.executable = executable
    self.arguments = arguments
  }

  /// Sends a question to the session.
  package func ask(_ id: String, _ arguments: [String]) -> AsyncStream<WorkerMessage> {
    let (stream, continuation) = AsyncStream.makeStream(of: WorkerMessage.self)
    let question: [String: Any] = ["id": id, "arguments": arguments]
    let failure = state.withLock { state -> String? in
      guard !state.isClosed else { return "the explorer is closing" }
      do {
        if state.process?.isRunning != true { try begin(&state) }
        state.questions[id] = continuation
        try send(question, state.input)
        return nil
      } catch {
        state.questions[id] = nil
        return "the session does not run: \(error)"
      }
    }
    if let failure {
      continuation.yield(.failure(failure, status: 70))
      continuation.finish()
    }
    return stream
  }

  /// Asks the session to stop answering.
  package func cancel(_ id: String) {
    state.withLock { try? send(["cancel": id], $0.input) }
  }

  /// Ends the session.
  package func close() {
    let process = state.withLock { state in
      state.isClosed = true
      try? state.input?.close()
      return state.process
    }
    process?.terminate()
  }

  // MARK: - The program

  private func begin(_ state: inout State) throws {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    process.executableURL = executable
    process.arguments = arguments
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // The program's own ends: else they would never close.
    try? input.fileHandleForReading.close()
    try? output.fileHandleForWriting.close()
    (state.process, state.input) = (process, input.fileHandleForWriting)
    Thread.detachNewThread { [self] in
      read(output.fileHandleForReading)
      ended(process)
    }
  }

  private func send(_ object: [String: Any], _ input: FileHandle?) throws {
    guard let input else { return }
    let line = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    try input.write(contentsOf: line + Data("\n".utf8))
  }

  /// Reads lines until there are no more.
  private func read(_ output: FileHandle) {
    var rest = Data()
    while let part = try? output.read(upToCount: 1 << 16), !part.isEmpty {
      rest.append(part)
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      rest = Data(lines.removeLast())
      for line in lines where !line.isEmpty { take(Data(line)) }
    }
  }

  private func take(_ line: Data) {
    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
      let id = object["id"] as? String
    else { return }
    let message = WorkerMessage(line: line, status: object["status"] as? Int)
    state.withLock { state in
      state.questions[id]?.yield(message)
      guard message.status != nil else { return }
      state.questions[id]?.finish()
      state.questions[id] = nil
    }
  }

  /// Says of every open question that the session has ended.
  private func ended(_ process: Process) {
    state.withLock { state in
      guard state.process === process else { return }
      (state.process, state.input) = (nil, nil)
      for continuation in state.questions.values {
        continuation.yield(
          .failure("the session ended before it answered; ask again", status: 70))
        continuation.finish()
      }
      state.questions = [:]
    }
  }
}
