package import Foundation
import Synchronization

/// A worker that is a program beside: `secant session`, which keeps models open between questions.
///
/// It is asked one question at a time. A question that is cancelled, or that takes the program down, costs no
/// other: the program is begun anew for the next one.
package final class SessionWorker: Worker {
  private struct Asked {
    let id: String
    let arguments: [String]
    let messages: AsyncStream<WorkerMessage>.Continuation
  }

  private struct State {
    var process: Process?
    var input: FileHandle?
    var waiting: [Asked] = []
    var running: Asked?
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

  /// Puts a question behind those that wait.
  package func ask(_ id: String, _ arguments: [String]) -> AsyncStream<WorkerMessage> {
    let (stream, messages) = AsyncStream.makeStream(of: WorkerMessage.self)
    state.withLock { state in
      state.waiting.append(Asked(id: id, arguments: arguments, messages: messages))
      askNext(&state)
    }
    return stream
  }

  /// Stops the program's work on a question, or forgets one that waits.
  package func cancel(_ id: String) {
    state.withLock { state in
      for asked in state.waiting where asked.id == id {
        asked.messages.finish(with: .failure("cancelled", status: 130))
      }
      state.waiting.removeAll { $0.id == id }
      if state.running?.id == id { try? send(["cancel": id], state.input) }
    }
  }

  /// Ends the program.
  package func close() {
    let process = state.withLock { state in
      state.isClosed = true
      try? state.input?.close()
      return state.process
    }
    process?.terminate()
  }

  // MARK: - One question at a time

  private func askNext(_ state: inout State) {
    while state.running == nil, !state.waiting.isEmpty {
      let next = state.waiting.removeFirst()
      do {
        guard !state.isClosed else { throw CocoaError(.userCancelled) }
        if state.process == nil { try begin(&state) }
        try send(["id": next.id, "arguments": next.arguments], state.input)
        state.running = next
      } catch {
        next.messages.finish(with: .failure("the session does not run: \(error)", status: 70))
      }
    }
  }

  private func take(_ line: Data) {
    guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
      return
    }
    let message = WorkerMessage(line: line, status: object["status"] as? Int)
    state.withLock { state in
      guard let running = state.running, object["id"] as? String == running.id else { return }
      if message.status == nil {
        running.messages.yield(message)
      } else {
        running.messages.finish(with: message)
        state.running = nil
        askNext(&state)
      }
    }
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
    let line = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    try input?.write(contentsOf: line + Data("\n".utf8))
  }

  /// Reads lines until there are no more.
  private func read(_ output: FileHandle) {
    var rest = Data()
    // What there is, as soon as there is any: reading a number of bytes would wait for all of them.
    while case let part = output.availableData, !part.isEmpty {
      rest.append(part)
      guard part.contains(UInt8(ascii: "\n")) else { continue }
      var lines = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      rest = Data(lines.removeLast())
      for line in lines where !line.isEmpty { take(Data(line)) }
    }
  }

  /// Says of the question that was being answered that there is no answer, and goes on.
  private func ended(_ process: Process) {
    state.withLock { state in
      guard state.process === process else { return }
      (state.process, state.input) = (nil, nil)
      state.running?.messages.finish(
        with: .failure("the session ended before it answered; ask again", status: 70))
      state.running = nil
      askNext(&state)
    }
  }
}

extension AsyncStream<WorkerMessage>.Continuation {
  /// Sends the answer, which is the last message.
  fileprivate func finish(with answer: WorkerMessage) {
    yield(answer)
    finish()
  }
}
