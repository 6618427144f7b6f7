import Secant

/// One run of a command: by which arguments, and where its answer goes.
///
/// A program has one, for its own arguments. A session has one for each question.
struct Invocation: Sendable {
  /// The run that the present task belongs to.
  @TaskLocal static var current = Invocation(arguments: Array(CommandLine.arguments.dropFirst()))

  /// The arguments, without the program's name.
  let arguments: [String]
  /// The answer to a session's question; nil where results go to the standard streams.
  let answer: SessionAnswer?
  /// The models that a session keeps open; nil where each is opened for one command.
  let models: OpenModels?

  /// A run for the standard streams, or for a session.
  init(arguments: [String], answer: SessionAnswer? = nil, models: OpenModels? = nil) {
    self.arguments = arguments
    self.answer = answer
    self.models = models
  }

  /// The arguments as results record them, the program's name first.
  var commandLine: [String] { ["secant"] + arguments }

  /// Makes sure that standard input is the command's own.
  ///
  /// - Throws: `InputError` in a session, whose questions come from there.
  func requireStandardInput() throws(InputError) {
    guard answer != nil else { return }
    throw InputError(
      .invalid, subject: "standard input", expected: "a text or a file",
      found: "standard input, which has the session's questions",
      remedy: "give the text itself, or write it to a file")
  }

  /// Calls `cleanUp` when the user, the system or a session's user ends the run early.
  ///
  /// It is called on another thread, and ends the program by its argument.
  func whenInterrupted(_ cleanUp: @escaping @Sendable (Interruption) -> Void) {
    guard let answer else { return Interruption.watch(cleanUp) }
    answer.whenInterrupted(cleanUp)
  }
}
