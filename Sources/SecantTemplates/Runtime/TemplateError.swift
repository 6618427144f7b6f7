import SecantCheckpoints

extension InputError {
  /// The error that a line of a template cannot be used.
  static func template(
    _ kind: Kind, file: String, line: Int, expected: String, found: String
  ) -> InputError {
    let remedy =
      switch kind {
      case .unsupported: "give the prompt as the model should see it, not as a conversation"
      case .invalid: "give a conversation that the template allows"
      default: "check that the template is complete and belongs to the model"
      }
    return InputError(
      kind, file: file, subject: "line \(line)", expected: expected, found: found, remedy: remedy)
  }
}
