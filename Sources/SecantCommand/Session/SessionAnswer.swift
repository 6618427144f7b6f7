import Foundation
import Synchronization

/// The answer to one question of a session, while it is being made.
final class SessionAnswer: Sendable {
  private struct State {
    var report: String?
    var text = ""
    var progress: (stage: String, fraction: Double?)?
    var cleanUp: (@Sendable (Interruption) -> Void)?
    var isOver = false
  }

  /// The question's own name for itself, as JSON.
  let id: String
  private let channel: SessionChannel
  private let state = Mutex(State())

  /// Begins an answer.
  init(_ id: String, on channel: SessionChannel) {
    self.id = id
    self.channel = channel
  }

  /// Takes a result, as JSON.
  func add(report: Data) {
    state.withLock { $0.report = String(decoding: report, as: UTF8.self) }
  }

  /// Takes a text that a program prints.
  func add(text: Data) { state.withLock { $0.text += String(decoding: text, as: UTF8.self) } }

  /// Says how far the work has come, where that is news.
  func show(_ stage: String, fraction: Double?) {
    state.withLock { state in
      guard !state.isOver, state.progress.map({ $0 != (stage, fraction) }) ?? true else { return }
      state.progress = (stage, fraction)
      var progress = SessionMessage().with("stage", stage)
      if let fraction { progress = progress.with("fraction", fraction) }
      channel.send(SessionMessage(of: id).with("progress", progress))
    }
  }

  /// Says what a user should know beside the result.
  func note(_ text: String) {
    state.withLock { state in
      if !state.isOver { channel.send(SessionMessage(of: id).with("note", text)) }
    }
  }

  /// Sends the answer.
  ///
  /// - Parameters:
  ///   - status: How a program would have ended.
  ///   - failure: Why there is no result; nil where there is one.
  func finish(_ status: ExitStatus, _ failure: Failure?) {
    state.withLock { state in
      guard !state.isOver else { return }
      state.isOver = true
      state.cleanUp = nil
      var message = SessionMessage(of: id).with("status", Int(status.rawValue))
      if let failure {
        message = message.with("error", SessionMessage(failure))
      } else {
        if let report = state.report { message = message.with("result", json: report) }
        if !state.text.isEmpty { message = message.with("text", state.text) }
      }
      channel.send(message)
    }
  }

  // MARK: - An early end

  /// Remembers what is to be called when the run ends early.
  func whenInterrupted(_ cleanUp: @escaping @Sendable (Interruption) -> Void) {
    state.withLock { $0.cleanUp = cleanUp }
  }

  /// Ends the run early, and the program with it, as the argument says; nothing where the answer was sent.
  func interrupt(_ interruption: Interruption) {
    let (isOver, cleanUp) = state.withLock { state in
      defer { state.isOver = true }
      return (state.isOver, state.cleanUp)
    }
    guard !isOver else { return }
    cleanUp?(interruption)
    interruption.endProgram()
  }
}

extension SessionAnswer {
  /// Answers a question that is not asked any more.
  static func cancelled(_ id: String) -> SessionMessage {
    SessionMessage(of: id).with("status", 130).with(
      "error", SessionMessage().with("message", "cancelled"))
  }
}
