import SecantCheckpoints

/// The remaining budget of a rendering: an untrusted template must neither hang nor fill memory.
struct Budget {
  /// Steps that may still be taken: one an expression, an element gone through, or 64 bytes read.
  var steps = 5_000_000
  /// Bytes that may still be made: texts, and 64 for each element of a list or a mapping.
  var bytes = 256 << 20
  /// Expressions, statements and macros that may still nest.
  var levels = 300

  /// The levels of lists and mappings that a value may have.
  static let maximumValueDepth = 64
  /// The bytes of the longest text, intermediate or final: several times any model's context.
  static let maximumTextBytes = 16 << 20
}

extension Renderer {
  /// Pays for steps.
  func pay(steps count: Int) throws(InputError) {
    guard count <= budget.steps else { throw exhausted("more steps than a template may take") }
    budget.steps -= count
  }

  /// Pays for looking through a text.
  func pay(reading bytes: Int) throws(InputError) { try pay(steps: 1 + bytes / 64) }

  /// Pays for making a text, of which `length` bytes are there already.
  func pay(bytes count: Int, after length: Int = 0) throws(InputError) {
    guard count <= Budget.maximumTextBytes - length else {
      throw fail(
        .unsupported, "a text of at most \(Budget.maximumTextBytes) bytes", found: "a longer one")
    }
    guard count <= budget.bytes else { throw exhausted("more memory than a template may use") }
    budget.bytes -= count
    try pay(steps: 1 + count / 64)
  }

  /// Pays for making a list or a mapping.
  func pay(elements count: Int) throws(InputError) {
    try pay(steps: count)
    guard count <= budget.bytes / 64 else {
      throw exhausted("more memory than a template may use")
    }
    budget.bytes -= 64 * count
  }

  /// Goes one level down; `budget.levels` is the remaining number.
  func descend() throws(InputError) {
    guard budget.levels > 0 else { throw exhausted("deeper nesting than a template may have") }
    budget.levels -= 1
  }

  /// Comes one level up.
  func ascend() { budget.levels += 1 }

  private func exhausted(_ found: String) -> InputError {
    fail(.unsupported, "a template that ends", found: found)
  }
}
