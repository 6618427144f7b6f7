import Foundation
import SecantCheckpoints

// The functions that a template can call: Jinja's, and those that Hugging Face adds.

extension Renderer {
  func call(_ function: Function, _ arguments: Arguments) throws(InputError) -> Value {
    switch function {
    case .range: return try range(arguments)
    case .namespace, .dictionary: return try members(function, arguments)
    case .raiseException:
      let given = try arguments.bound(to: ["message"], of: function.rawValue, self)
      let message = try given[0].map { value throws(InputError) in try text(of: value) }
      throw fail(.invalid, "a conversation that the template allows", found: message ?? "another")
    case .formattedTime:
      let given = try arguments.bound(to: ["format"], of: function.rawValue, self)
      guard let format = given[0]?.text else {
        throw fail(.malformed, "a format of the time", found: given[0]?.typeName ?? "none")
      }
      return try string(formattedTime(format))
    }
  }

  private func members(_ function: Function, _ arguments: Arguments) throws(InputError) -> Value {
    var result = Mapping()
    if let first = arguments.positional.first {
      guard arguments.positional.count == 1, case .mapping(let mapping) = first else {
        throw fail(.unsupported, "members by their names", found: first.typeName)
      }
      result = mapping
    }
    try pay(elements: 1 + arguments.named.count)
    for (name, value) in arguments.named {
      guard function != .namespace || !name.hasPrefix("_") else {
        throw fail(.unsupported, "a name that does not begin with _", found: name)
      }
      result.set(.string(name), value)
    }
    _ = try checked(.mapping(result))
    guard function == .namespace else { return .mapping(result) }
    namespaces.append(result)
    return .namespace(namespaces.count - 1)
  }

  private func range(_ arguments: Arguments) throws(InputError) -> Value {
    var bounds: [Int] = []
    for argument in arguments.positional {
      guard let bound = argument.integer else {
        throw fail(.malformed, "integers as bounds of a range", found: argument.typeName)
      }
      bounds.append(bound)
    }
    guard arguments.named.isEmpty, (1...3).contains(bounds.count) else {
      throw fail(.malformed, "one to three bounds of a range", found: "\(bounds.count)")
    }
    let step = bounds.count == 3 ? bounds[2] : 1
    guard step != 0 else { throw fail(.malformed, "a step other than 0", found: "0") }
    let (start, stop) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
    // The sandbox's own bound.
    guard abs(Double(stop) - Double(start)) / abs(Double(step)) <= 100_000 else {
      throw fail(.unsupported, "at most 100000 numbers in a range", found: "more")
    }
    return try list(stride(from: start, to: stop, by: step).map { .int($0) })
  }

  /// The time as `strftime` writes it in the C locale.
  private func formattedTime(_ format: String) throws(InputError) -> String {
    try pay(bytes: 8 * format.utf8.count)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    let now = calendar.dateComponents(
      [.year, .month, .day, .hour, .minute, .second, .weekday], from: date)
    let day = calendar.ordinality(of: .day, in: .year, for: date) ?? 1
    var result = ""
    var scalars = format.unicodeScalars.makeIterator()
    while let scalar = scalars.next() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      var letter = scalars.next() ?? "%"
      let isPlain = letter == "-"
      if isPlain { letter = scalars.next() ?? "%" }
      func padded(_ number: Int?, _ width: Int = 2) -> String {
        let digits = "\(number ?? 0)"
        let missing = isPlain ? 0 : max(0, width - digits.utf8.count)
        return String(repeating: "0", count: missing) + digits
      }
      let hour = now.hour ?? 0
      switch letter {
      case "Y": result += padded(now.year, 4)
      case "y": result += padded((now.year ?? 0) % 100)
      case "m": result += padded(now.month)
      case "d": result += padded(now.day)
      case "H": result += padded(hour)
      case "I": result += padded((hour + 11) % 12 + 1)
      case "M": result += padded(now.minute)
      case "S": result += padded(now.second)
      case "j": result += padded(day, 3)
      case "p": result += hour < 12 ? "AM" : "PM"
      case "B": result += Self.months[((now.month ?? 1) - 1) % 12]
      case "b": result += Self.months[((now.month ?? 1) - 1) % 12].prefix(3)
      case "A": result += Self.weekdays[((now.weekday ?? 1) - 1) % 7]
      case "a": result += Self.weekdays[((now.weekday ?? 1) - 1) % 7].prefix(3)
      case "%": result += "%"
      default: throw fail(.unsupported, "a part of the time that is known", found: "%\(letter)")
      }
    }
    return result
  }

  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
  ]
}
