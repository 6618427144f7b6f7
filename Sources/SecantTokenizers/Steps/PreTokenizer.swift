import SecantCheckpoints

/// How a tokenizer cuts a text into the words that it encodes one by one.
struct PreTokenizer: Sendable {
  enum Step: Sendable {
    case split(TextPattern, SplitBehavior, isInverted: Bool)
    /// Spaces become `symbol`, which is also put in front as the scheme says.
    case metaspace(symbol: [UInt8], PrependScheme)
    /// A space in front of every word that has none.
    case prependSpace
    /// The symbols of the words are their bytes; a marker, which comes last.
    case byteLevel
  }

  let steps: [Step]

  /// Whether the symbols of words are their bytes, or otherwise their scalars.
  var isByteLevel: Bool {
    if case .byteLevel? = steps.last { true } else { false }
  }

  /// Takes these steps; the symbols of the words are their bytes.
  init(splitting steps: [Step]) { self.steps = steps + [.byteLevel] }

  /// Leaves a text as the one word that it is; its symbols are its scalars.
  init() { steps = [] }

  /// Reads the `pre_tokenizer` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    var steps: [Step] = []
    if field.present != nil {
      for part in try field.flattened(by: "pretokenizers") { steps += try Self.steps(part) }
    }
    self.steps = steps
    for step in steps.dropLast() {
      if case .byteLevel = step { throw field.unsupported("ByteLevel as the last step") }
    }
  }

  private static func steps(_ field: JSONField) throws(InputError) -> [Step] {
    switch try field["type"].string() {
    case "Split":
      try field.allowOnly("type", "pattern", "behavior", "invert")
      guard let behavior = SplitBehavior(rawValue: try field["behavior"].string()) else {
        throw field["behavior"].unsupported("a way to split")
      }
      let isInverted = try field["invert"].bool()
      return [.split(try TextPattern(field["pattern"]), behavior, isInverted: isInverted)]
    case "Digits":
      try field.allowOnly("type", "individual_digits")
      let expression = try field["individual_digits"].bool() ? #"\p{N}"# : #"\p{N}+"#
      let pattern = try TextPattern(expression: expression, at: field)
      return [.split(pattern, .isolated, isInverted: false)]
    case "Metaspace":
      try field.allowOnly(
        "type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep")
      let symbol = Array(String(try field["replacement"].scalar()).utf8)
      let metaspace = Step.metaspace(symbol: symbol, try PrependScheme(field))
      guard try field["split"].present?.bool() ?? true else { return [metaspace] }
      return [metaspace, .split(.text(symbol), .mergedWithNext, isInverted: false)]
    case "ByteLevel":
      try field.allowOnly("type", "add_prefix_space", "trim_offsets", "use_regex")
      var steps: [Step] = try field["add_prefix_space"].bool() ? [.prependSpace] : []
      if try field["use_regex"].present?.bool() ?? true {
        let pattern = try TextPattern(expression: gpt2Expression, at: field)
        steps.append(.split(pattern, .isolated, isInverted: false))
      }
      return steps + [.byteLevel]
    default:
      throw field["type"].unsupported("Sequence, Split, Digits, Metaspace or ByteLevel")
    }
  }

  /// GPT-2's splitting expression, which `ByteLevel` implies.
  static let gpt2Expression =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// Cuts a text into words.
  ///
  /// - Parameters:
  ///   - text: Valid UTF-8.
  ///   - isStart: Whether this is the start of the user's text, not what follows an added token.
  /// - Returns: The words and the bytes that they are ranges of.
  /// - Throws: `InputError` if an expression backtracks too much on this text.
  func words(in text: [UInt8], isStart: Bool) throws(InputError) -> Words {
    var words = Words(text)
    for step in steps {
      switch step {
      case .split(let pattern, let behavior, let isInverted):
        try words.split(by: pattern, behavior, isInverted: isInverted)
      case .metaspace(let symbol, let scheme):
        words.rebuild { word, start in
          var replaced: [UInt8] = []
          for byte in word { if byte == 0x20 { replaced += symbol } else { replaced.append(byte) } }
          let isPrepended = scheme == .always || scheme == .first && isStart && start == 0
          return isPrepended && !replaced.starts(with: symbol) ? symbol + replaced : replaced
        }
      case .prependSpace:
        words.rebuild { word, _ in word.first == 0x20 ? Array(word) : [0x20] + word }
      case .byteLevel:
        break
      }
    }
    return words
  }
}

/// The places where `Metaspace` inserts a space.
enum PrependScheme: String, Sendable {
  case always, first, never

  /// Reads `prepend_scheme`, or the older `add_prefix_space`.
  init(_ field: JSONField) throws(InputError) {
    let isPrepending = try field["add_prefix_space"].present?.bool()
    guard let scheme = field["prepend_scheme"].present else {
      self = isPrepending ?? true ? .always : .never
      return
    }
    guard let value = Self(rawValue: try scheme.string()) else {
      throw scheme.unsupported("always, first or never")
    }
    guard isPrepending != false || value == .never else {
      throw scheme.mismatch("never, as add_prefix_space says", kind: .mismatched)
    }
    self = value
  }
}
