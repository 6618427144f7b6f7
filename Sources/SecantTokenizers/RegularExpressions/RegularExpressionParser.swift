/// The syntax tree of a regular expression.
indirect enum RegularExpressionTree: Sendable {
  /// Between `minimum` and `maximum` scalars of a set, as many as possible.
  case run(ScalarSet, minimum: Int, maximum: Int)
  case sequence([RegularExpressionTree])
  case choice([RegularExpressionTree])
  /// The content or nothing, in this order of preference.
  case optional(RegularExpressionTree)
  case lookahead(RegularExpressionTree, isNegative: Bool)

  /// Whether it can match the empty text.
  var isNullable: Bool {
    switch self {
    case .run(_, let minimum, _): minimum == 0
    case .sequence(let parts): parts.allSatisfy(\.isNullable)
    case .choice(let branches): branches.contains(where: \.isNullable)
    case .optional, .lookahead: true
    }
  }
}

/// The reason why an expression is refused: an unsupported part, and its meaning.
struct RegularExpressionError: Error {
  let part: String
}

/// Reads the part of Oniguruma's syntax that tokenizers use, and refuses the rest.
///
/// Understood: literals, classes with ranges, `\p{…}` by general category, `\s`, `\d`, their
/// negations, `(?:…)`, `(?i:…)` over ASCII letters, `(?=…)`, `(?!…)`, alternation, the greedy
/// quantifiers `? * + {n} {n,} {n,m}` on a single scalar, and `?` on a group.
struct RegularExpressionParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private var ignoresCase = false

  static let maximumLength = 10_000
  static let maximumDepth = 32

  init(_ pattern: String) {
    scalars = Array(pattern.unicodeScalars.prefix(Self.maximumLength + 1))
  }

  mutating func tree() throws(RegularExpressionError) -> RegularExpressionTree {
    guard scalars.count <= Self.maximumLength else {
      throw RegularExpressionError(part: "more than \(Self.maximumLength) scalars")
    }
    let tree = try alternation()
    guard position == scalars.count else { throw refusal("an unmatched parenthesis", back: 0) }
    guard !tree.isNullable else {
      throw RegularExpressionError(part: "an expression that matches the empty text")
    }
    return tree
  }

  private mutating func alternation() throws(RegularExpressionError) -> RegularExpressionTree {
    var branches = [try sequence()]
    while skip("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(RegularExpressionError) -> RegularExpressionTree {
    var parts: [RegularExpressionTree] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      if scalar == "(" {
        parts.append(try group())
      } else {
        let set = try single()
        let (minimum, maximum) = try quantifier() ?? (1, 1)
        parts.append(.run(set, minimum: minimum, maximum: maximum))
      }
    }
    return .sequence(parts)
  }

  private mutating func group() throws(RegularExpressionError) -> RegularExpressionTree {
    let outerCase = ignoresCase
    position += 1
    depth += 1
    guard depth <= Self.maximumDepth else { throw refusal("groups nested this deep") }
    var look: Bool?
    if skip("?") {
      if skip("!") {
        look = true
      } else if skip("=") {
        look = false
      } else {
        if skip("i") { ignoresCase = true }
        guard skip(":") else { throw refusal("this kind of group") }
      }
    }
    let content = try alternation()
    guard skip(")") else { throw refusal("an unclosed group") }
    ignoresCase = outerCase
    depth -= 1
    let end = position
    let count = try quantifier()
    if let look {
      guard count == nil else { throw refusal("a quantified lookahead") }
      return .lookahead(content, isNegative: look)
    }
    guard let count else { return content }
    guard count == (0, 1), !content.isNullable else {
      position = end + 1
      throw refusal("a repeated group")
    }
    return .optional(content)
  }

  /// The bounds of the quantifier at this position, if there is one.
  private mutating func quantifier() throws(RegularExpressionError) -> (Int, Int)? {
    var bounds: (Int, Int)?
    switch peek {
    case "?": bounds = (0, 1)
    case "*": bounds = (0, .max)
    case "+": bounds = (1, .max)
    case "{":
      position += 1
      guard let minimum = number() else { throw refusal("this brace") }
      var maximum = minimum
      if skip(",") { maximum = number() ?? .max }
      guard peek == "}", maximum >= max(minimum, 1) else { throw refusal("this quantifier") }
      bounds = (minimum, maximum)
    default: return nil
    }
    position += 1
    if let next = peek, "?*+{".unicodeScalars.contains(next) {
      position += 1
      throw refusal("a lazy, possessive or repeated quantifier")
    }
    return bounds
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let scalar = peek, ("0"..."9").contains(scalar), digits.utf8.count < 7 {
      digits.unicodeScalars.append(scalar)
      position += 1
    }
    return Int(digits)
  }

  /// One scalar outside a class: a literal, an escape or a class.
  private mutating func single() throws(RegularExpressionError) -> ScalarSet {
    let scalar = scalars[position]
    position += 1
    switch scalar {
    case "[": return try bracketed()
    case "\\":
      var set = ScalarSet()
      if let literal = try escape(into: &set) { try insert(literal...literal, into: &set) }
      return set
    case ".", "^", "$", "*", "+", "?", "{", "]", "}": throw refusal("an unescaped \(scalar)")
    default:
      var set = ScalarSet()
      try insert(scalar...scalar, into: &set)
      return set
    }
  }

  private mutating func bracketed() throws(RegularExpressionError) -> ScalarSet {
    var set = ScalarSet()
    let isInverted = skip("^")
    let start = position
    while true {
      guard let scalar = peek else { throw refusal("an unclosed class", back: 0) }
      position += 1
      var lower = scalar
      switch scalar {
      case "]":
        guard position - 1 > start else { throw refusal("a class that starts with ]") }
        if isInverted { set.invert() }
        return set
      case "[": throw refusal("a class within a class")
      case "&" where peek == "&": throw refusal("an intersection of classes")
      case "-" where position - 1 > start && peek != "]": throw refusal("this hyphen")
      case "\\":
        guard let literal = try escape(into: &set) else { continue }
        lower = literal
      default: break
      }
      guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
        try insert(lower...lower, into: &set)
        continue
      }
      position += 1
      var upper = scalars[position]
      position += 1
      if upper == "\\" {
        guard let literal = try escape(into: &set) else { throw refusal("this range") }
        upper = literal
      }
      guard lower <= upper, upper != "[" else { throw refusal("this range") }
      try insert(lower...upper, into: &set)
    }
  }

  /// The literal of the escape after a backslash; nil if it was a set, now added.
  private mutating func escape(
    into set: inout ScalarSet
  ) throws(RegularExpressionError) -> Unicode.Scalar? {
    guard let kind = peek else { throw refusal("a backslash at the end") }
    position += 1
    switch kind {
    case "r": return "\r"
    case "n": return "\n"
    case "t": return "\t"
    case "s": set.formUnion(ranges: ScalarSet.whitespace)
    case "S": set.formUnion(ranges: complement(of: ScalarSet.whitespace))
    case "d": set.formUnion(categories: ScalarSet.categories(named: "Nd") ?? 0)
    case "p", "P":
      let name = property()
      guard !ignoresCase, let name, let categories = ScalarSet.categories(named: name) else {
        throw refusal("this property")
      }
      set.formUnion(
        categories: kind == "p" ? categories : ScalarSet.allCategories & ~categories)
    default:
      guard kind.isASCII, kind.properties.generalCategory != .control,
        !kind.properties.isAlphabetic, !("0"..."9").contains(kind)
      else { throw refusal("this escape", back: 2) }
      return kind
    }
    return nil
  }

  private mutating func property() -> String? {
    guard skip("{") else { return nil }
    var name = ""
    while let scalar = peek, scalar != "}", name.utf8.count < 32 {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    return skip("}") ? name : nil
  }

  private func complement(of ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var next: UInt32 = 0
    var result: [ClosedRange<UInt32>] = []
    for range in ranges {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    return result + [next...0x10ffff]
  }

  /// Adds a range and, within `(?i:…)`, what folds to the same letters: `s` also matches `ſ`, and
  /// `k` the Kelvin sign, as in Oniguruma.
  private func insert(
    _ range: ClosedRange<Unicode.Scalar>, into set: inout ScalarSet
  ) throws(RegularExpressionError) {
    set.formUnion(ranges: [range.lowerBound.value...range.upperBound.value])
    guard ignoresCase else { return }
    guard range.upperBound.isASCII else { throw refusal("a case-insensitive non-ASCII letter") }
    for value in range.lowerBound.value...range.upperBound.value {
      let lower = value | 0x20
      guard (0x61...0x7a).contains(lower) else { continue }
      set.formUnion(ranges: [lower...lower, lower - 0x20...lower - 0x20])
      if lower == 0x73 { set.formUnion(ranges: [0x17f...0x17f]) }
      if lower == 0x6b { set.formUnion(ranges: [0x212a...0x212a]) }
    }
  }

  private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

  private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard peek == scalar else { return false }
    position += 1
    return true
  }

  private func refusal(_ meaning: String, back: Int = 1) -> RegularExpressionError {
    let start = max(0, min(position - back, scalars.count))
    var near = ""
    near.unicodeScalars.append(contentsOf: scalars[start...].prefix(12))
    return RegularExpressionError(part: "\(meaning) at \"\(near)\"")
  }
}
