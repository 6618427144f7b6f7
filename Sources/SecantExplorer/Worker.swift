package import Foundation

/// What answers the explorer's questions: one at a time, in the order in which they come.
package protocol Worker: Sendable {
  /// Begins to answer a question.
  ///
  /// - Parameters:
  ///   - id: The question's name for itself: no other has it.
  ///   - arguments: A command line, without the program's name.
  /// - Returns: Messages until the answer, which is the last.
  func ask(_ id: String, _ arguments: [String]) -> AsyncStream<WorkerMessage>

  /// Stops answering a question, or forgets it where it waits.
  func cancel(_ id: String)
}

/// A message of a worker about one question: a JSON object, as the session protocol has it.
package struct WorkerMessage: Sendable, Hashable {
  /// The object on one line.
  package let line: Data
  /// The exit status of the answer; nil where the message is none.
  package let status: Int?

  /// A message in the making.
  package init(line: Data, status: Int?) {
    self.line = line
    self.status = status
  }

  /// The answer to a question that could not be asked.
  package static func failure(_ text: String, status: Int) -> WorkerMessage {
    let object: [String: Any] = ["status": status, "error": ["message": text]]
    let line = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    return WorkerMessage(line: line ?? Data("{}".utf8), status: status)
  }
}
