import Foundation
import Secant
import Synchronization

/// One line on a terminal that says how far the work has come; it appears after two seconds.
///
/// In a session, messages say the same.
///
/// It is drawn by a task of its own, so that the time goes on where the work says nothing for a while. It
/// is removed with the last reference to it.
final class ProgressLine: Sendable {
  private let display: Display?
  private let ticker: Task<Void, Never>?
  /// The answer of a session, which takes what would else go to standard error.
  private let answer: SessionAnswer?

  /// A time in one unit, rounded up: "12 s", "3 min", "2 h".
  static func time(_ seconds: Double) -> String {
    switch Int(seconds.rounded(.up)) {
    case let seconds where seconds < 100: "\(seconds) s"
    case let seconds where seconds < 6000: "\((seconds + 59) / 60) min"
    case let seconds: "\((seconds + 3599) / 3600) h"
    }
  }

  /// A line on standard error; nothing where that is no terminal, or where it should be quiet.
  init(_ label: String, isQuiet: Bool) {
    let device = TerminalDevice.error
    answer = Invocation.current.answer
    guard answer != nil || device.canRedraw, !isQuiet else {
      (display, ticker) = (nil, nil)
      return
    }
    let display = Display(label: label, answer.map { .answer($0) } ?? .terminal(device.style))
    self.display = display
    let pause = Duration.milliseconds(answer == nil ? 2000 : 200)
    ticker = Task.detached {
      try? await Task.sleep(for: pause)
      while !Task.isCancelled {
        display.draw()
        try? await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  deinit { end() }

  /// Says what is being done, of which nobody knows yet how long it takes.
  func begin(_ label: String) { display?.begin(label) }

  /// Says what is being done, and how much of the whole is done, from 0 to 1.
  func update(_ label: String, fraction: Double) { display?.update(label, fraction: fraction) }

  /// Says how far an analysis has come.
  func show(_ progress: AnalysisProgress) {
    update(progress.stage.rawValue, fraction: progress.fraction)
  }

  /// Removes the line until there is progress to show, so that something else can be written.
  func clear() { display?.clear() }

  /// Says what a user should know beside the result, on a line of its own; this one comes again below it.
  func note(_ text: String) {
    if let answer { return answer.note(text) }
    let line = "secant: note: \(text)"
    guard let display else { return StandardError.write(line + "\n") }
    display.write(line)
  }

  /// Removes the line; it does not come back.
  func end() {
    ticker?.cancel()
    display?.end()
  }
}

/// What the line says.
private final class Display: Sendable {
  private struct State {
    var label: String
    var fraction = 0.0
    /// When the first fraction came: what went before, such as reading the model, is no part of the whole.
    var start: ContinuousClock.Instant?
    var isDrawn = false
    var isOver = false
  }

  /// Where it is said.
  enum Surface: Sendable {
    case terminal(TerminalStyle)
    case answer(SessionAnswer)
  }

  private let state: Mutex<State>
  private let surface: Surface

  init(label: String, _ surface: Surface) {
    state = Mutex(State(label: label))
    self.surface = surface
  }

  func begin(_ label: String) {
    state.withLock { state in
      state.label = label
      state.fraction = 0
      state.start = nil
    }
  }

  func update(_ label: String, fraction: Double) {
    state.withLock { state in
      state.label = label
      state.fraction = min(max(fraction, 0), 1)
      state.start = state.start ?? .now
    }
  }

  func draw() {
    state.withLock { state in
      guard !state.isOver else { return }
      switch surface {
      case .answer(let answer):
        answer.show(state.label, fraction: state.start == nil ? nil : state.fraction)
      case .terminal(let style):
        state.isDrawn = true
        // The last column stays free: a character there may move some terminals to the next line.
        let line = style.harmless(Self.text(state)).prefix(max(0, style.width - 1))
        StandardError.write("\r\u{1b}[K" + line)
      }
    }
  }

  func clear() {
    state.withLock { state in
      if state.isDrawn { StandardError.write("\r\u{1b}[K") }
      state.isDrawn = false
    }
  }

  func write(_ line: String) {
    state.withLock { state in
      StandardError.write((state.isDrawn && !state.isOver ? "\r\u{1b}[K" : "") + line + "\n")
    }
  }

  func end() {
    state.withLock { state in
      if state.isDrawn, !state.isOver { StandardError.write("\r\u{1b}[K") }
      state.isOver = true
    }
  }

  /// The line, such as "finding singular vectors  43 %  about 12 s left".
  private static func text(_ state: State) -> String {
    guard let start = state.start else { return state.label }
    let percent = "\(state.label)  \(Int((100 * state.fraction).rounded(.down))) %"
    // Below one part in a thousand the speed is not known.
    guard state.fraction >= 1e-3 else { return percent }
    let elapsed = start.duration(to: .now) / .seconds(1)
    return percent
      + "  about \(ProgressLine.time(elapsed * (1 - state.fraction) / state.fraction)) left"
  }
}
