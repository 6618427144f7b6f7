import SecantCheckpoints

extension JSONField {
  /// Refuses members that are not understood: to ignore one would change what is computed.
  func allowOnly(_ keys: String...) throws(InputError) {
    for member in try object().members where !keys.contains(member.key) {
      throw self[member.key].mismatch("no such field", kind: .unsupported, remedy: Self.report)
    }
  }

  /// The error that a type or value is none that Secant understands.
  func unsupported(_ expected: String) -> InputError {
    mismatch(expected, kind: .unsupported, remedy: Self.report)
  }

  /// The string that stands here, which is one scalar.
  func scalar() throws(InputError) -> Unicode.Scalar {
    let scalars = Array(try string().unicodeScalars.prefix(2))
    guard scalars.count == 1 else { throw mismatch("one character") }
    return scalars[0]
  }

  private static let report = "report the model so that support can be added"
}
