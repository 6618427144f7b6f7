import SecantCheckpoints

extension JSONField {
  /// Refuses members that are not understood: to ignore one would change what is computed.
  func allowOnly(_ keys: String...) throws(InputError) {
    for member in try object().members where !keys.contains(member.key) {
      throw self[member.key].mismatch("no such field", kind: .unsupported, remedy: Self.report)
    }
  }

  /// The steps of this value: itself, or those of a `Sequence`, also of nested ones.
  ///
  /// Real tokenizers have under ten; the bound keeps the cost of a hostile file linear.
  func flattened(by key: String) throws(InputError) -> [JSONField] {
    guard try self["type"].string() == "Sequence" else { return [self] }
    try allowOnly("type", key)
    var steps: [JSONField] = []
    for step in try self[key].array() {
      steps += try step.flattened(by: key)
      guard steps.count <= 64 else { throw self[key].unsupported("at most 64 steps") }
    }
    return steps
  }

  /// The error for a type or value that Secant does not support.
  func unsupported(_ expected: String) -> InputError {
    mismatch(expected, kind: .unsupported, remedy: Self.report)
  }

  /// The value as a string of one scalar.
  func scalar() throws(InputError) -> Unicode.Scalar {
    let scalars = Array(try string().unicodeScalars.prefix(2))
    guard scalars.count == 1 else { throw mismatch("one character") }
    return scalars[0]
  }

  private static let report = "report the model so that support can be added"
}
