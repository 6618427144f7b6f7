import Foundation
import SecantCheckpoints

// Arithmetic and comparisons, with Python's rules.

extension Renderer {
  func arithmetic(
    _ operation: Expression.Arithmetic, _ left: Value, _ right: Value
  ) throws(InputError) -> Value {
    for operand in [left, right] {
      if case .undefined(let reason) = operand {
        throw fail(.malformed, "a value beside \(operation.rawValue)", found: reason)
      }
    }
    if let left = left.integer, let right = right.integer {
      return try wholeNumbers(operation, left, right)
    }
    if let left = left.number, let right = right.number {
      return try numbers(operation, left, right)
    }
    switch (operation, left, right) {
    case (.add, .string(let left), .string(let right)): return try string(left + right)
    case (.add, .markup, .string), (.add, .string, .markup), (.add, .markup, .markup):
      return try escapedSum(left, right)
    case (.add, .sequence(let left), .sequence(let right))
    where left.kind == right.kind && left.kind != .view:
      return try list(left.elements + right.elements, left.kind)
    case (.multiply, .string(let text), _) where right.integer != nil:
      return try repeated(text, right.integer ?? 0)
    case (.multiply, _, .string(let text)) where left.integer != nil:
      return try repeated(text, left.integer ?? 0)
    case (.remainder, .string, _), (.remainder, .markup, _):
      throw fail(.unsupported, "numbers beside %", found: "a string to be formatted")
    default:
      throw fail(
        .malformed, "operands that \(operation.rawValue) takes",
        found: "\(left.typeName) and \(right.typeName)")
    }
  }

  private func wholeNumbers(
    _ operation: Expression.Arithmetic, _ left: Int, _ right: Int
  ) throws(InputError) -> Value {
    let result: (partialValue: Int, overflow: Bool)
    switch operation {
    case .add: result = left.addingReportingOverflow(right)
    case .subtract: result = left.subtractingReportingOverflow(right)
    case .multiply: result = left.multipliedReportingOverflow(by: right)
    case .divide:
      guard right != 0 else { throw divisionByZero }
      return .float(Double(left) / Double(right))
    case .divideWhole, .remainder:
      guard right != 0 else { throw divisionByZero }
      let (quotient, overflow) = left.dividedReportingOverflow(by: right)
      let remainder = overflow ? 0 : left % right
      // Python rounds down, so that the remainder has the divisor's sign.
      let isRounded = remainder != 0 && (remainder < 0) != (right < 0)
      result =
        operation == .remainder
        ? (isRounded ? remainder + right : remainder, false)
        : (isRounded ? quotient - 1 : quotient, overflow)
    case .power:
      guard right >= 0 else { return .float(pow(Double(left), Double(right))) }
      result = try power(left, right)
    }
    guard !result.overflow else {
      throw fail(.unsupported, "integers of 64 bits", found: "a larger result")
    }
    return .int(result.partialValue)
  }

  private func power(
    _ base: Int, _ exponent: Int
  ) throws(InputError) -> (partialValue: Int, overflow: Bool) {
    if exponent == 0 || base == 1 { return (1, false) }
    if base == 0 { return (0, false) }
    if base == -1 { return (exponent.isMultiple(of: 2) ? 1 : -1, false) }
    // Any other base is beyond 64 bits after 63 products.
    guard exponent < 64 else { return (0, true) }
    var result = 1
    for _ in 0..<exponent {
      let (product, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return (0, true) }
      result = product
    }
    return (result, false)
  }

  private func numbers(
    _ operation: Expression.Arithmetic, _ left: Double, _ right: Double
  ) throws(InputError) -> Value {
    switch operation {
    case .add: return .float(left + right)
    case .subtract: return .float(left - right)
    case .multiply: return .float(left * right)
    case .power: return .float(pow(left, right))
    case .divide, .divideWhole, .remainder: break
    }
    guard right != 0 else { throw divisionByZero }
    if operation == .divide { return .float(left / right) }
    var remainder = fmod(left, right)
    let isRounded = remainder != 0 && (remainder < 0) != (right < 0)
    if operation == .remainder {
      if isRounded { remainder += right }
      return .float(remainder)
    }
    return .float(((left - remainder) / right).rounded() - (isRounded ? 1 : 0))
  }

  private var divisionByZero: InputError { fail(.malformed, "a divisor", found: "0") }

  private func repeated(_ text: String, _ count: Int) throws(InputError) -> Value {
    let (bytes, overflow) = text.utf8.count.multipliedReportingOverflow(by: max(0, count))
    try pay(bytes: overflow ? .max : bytes)
    return .string(String(repeating: text, count: text.isEmpty ? 0 : max(0, count)))
  }

  /// Adds to a marked text: unmarked text is escaped for HTML.
  private func escapedSum(_ left: Value, _ right: Value) throws(InputError) -> Value {
    func escaped(_ value: Value) -> String {
      if case .markup(let text) = value { return text }
      var result = ""
      for scalar in (value.text ?? "").unicodeScalars {
        switch scalar {
        case "&": result += "&amp;"
        case "<": result += "&lt;"
        case ">": result += "&gt;"
        case "'": result += "&#39;"
        case "\"": result += "&#34;"
        default: result.unicodeScalars.append(scalar)
        }
      }
      return result
    }
    let sum = escaped(left) + escaped(right)
    try pay(bytes: sum.utf8.count)
    return .markup(sum)
  }

  /// Whether a comparison holds.
  func holds(
    _ left: Value, _ comparison: Expression.Comparison, _ right: Value
  ) throws(InputError) -> Bool {
    switch comparison {
    case .equal: return try isEqual(left, right)
    case .notEqual: return try !isEqual(left, right)
    case .contained: return try contains(right, left)
    case .notContained: return try !contains(right, left)
    case .less: return try precedes(left, right)
    case .greater: return try precedes(right, left)
    case .lessOrEqual, .greaterOrEqual:
      let (low, high) = comparison == .lessOrEqual ? (left, right) : (right, left)
      if let low = low.number, let high = high.number { return low <= high }
      return try !precedes(high, low)
    }
  }

  func isEqual(_ left: Value, _ right: Value) throws(InputError) -> Bool {
    try pay(steps: 1)
    if let left = left.text, let right = right.text {
      try pay(reading: min(left.utf8.count, right.utf8.count))
      return left.hasSameBytes(as: right)
    }
    if let left = left.integer, let right = right.integer { return left == right }
    if let left = left.number, let right = right.number { return left == right }
    switch (left, right) {
    case (.none, .none), (.undefined, .undefined): return true
    case (.sequence(let left), .sequence(let right)):
      guard left.kind == right.kind, left.kind != .view,
        left.elements.count == right.elements.count
      else { return false }
      for (left, right) in zip(left.elements, right.elements)
      where try !isEqual(left, right) { return false }
      return true
    case (.mapping(let left), .mapping(let right)):
      guard left.members.count == right.members.count else { return false }
      for member in left.members {
        try pay(steps: right.members.count)
        guard let other = right[member.key], try isEqual(member.value, other) else { return false }
      }
      return true
    case (.namespace(let left), .namespace(let right)), (.macro(let left), .macro(let right)),
      (.iterator(let left), .iterator(let right)):
      return left == right
    default: return false
    }
  }

  /// Whether a value comes before another; texts by their scalars, lists by their first difference.
  func precedes(_ left: Value, _ right: Value) throws(InputError) -> Bool {
    try pay(steps: 1)
    if let left = left.text, let right = right.text {
      try pay(reading: min(left.utf8.count, right.utf8.count))
      return left.utf8.lexicographicallyPrecedes(right.utf8)
    }
    if let left = left.integer, let right = right.integer { return left < right }
    if let left = left.number, let right = right.number { return left < right }
    if case .sequence(let left) = left, case .sequence(let right) = right,
      left.kind == right.kind, left.kind != .view
    {
      for (left, right) in zip(left.elements, right.elements)
      where try !isEqual(left, right) { return try precedes(left, right) }
      return left.elements.count < right.elements.count
    }
    throw fail(
      .malformed, "values that have an order", found: "\(left.typeName) and \(right.typeName)")
  }

  /// Whether a text has a part, a list an element, or a mapping a key.
  func contains(_ container: Value, _ value: Value) throws(InputError) -> Bool {
    switch container {
    case .string(let text), .markup(let text):
      guard let part = value.text else {
        throw fail(.malformed, "a string that may be in a string", found: value.typeName)
      }
      try pay(reading: text.utf8.count)
      return part.isEmpty || text.firstRange(of: part) != nil
    case .mapping(let mapping):
      guard value.isHashable else {
        if case .undefined = value { return false }
        throw fail(.malformed, "a key", found: value.typeName)
      }
      try pay(steps: mapping.members.count)
      return mapping[value] != nil
    case .sequence, .iterator, .undefined:
      for element in try elements(of: container) where try isEqual(element, value) { return true }
      return false
    default:
      throw fail(.malformed, "something that may hold a value", found: container.typeName)
    }
  }
}
