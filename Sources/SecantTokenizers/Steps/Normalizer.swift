import SecantCheckpoints

/// The normalization of a text before it is split.
struct Normalizer: Sendable {
  enum Step: Sendable {
    /// One of Unicode's normalization forms.
    case form(NormalizationForm)
    /// Puts a text in front, unless there is nothing to put it in front of.
    case prepend([UInt8])
    case replace(TextPattern, with: [UInt8])
  }

  let steps: [Step]

  /// Changes nothing.
  init() { steps = [] }

  /// Brings a text into a normal form.
  init(form: NormalizationForm) { steps = [.form(form)] }

  /// Prepends a text, unless the input is empty, and replaces spaces.
  init(prepending prefix: [UInt8], replacingSpacesBy content: [UInt8]) {
    steps = (prefix.isEmpty ? [] : [.prepend(prefix)]) + [.replace(.text([0x20]), with: content)]
  }

  /// Reads the `normalizer` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    var steps: [Step] = []
    if field.present != nil {
      for part in try field.flattened(by: "normalizers") { steps.append(try Self.step(part)) }
    }
    self.steps = steps
  }

  private static func step(_ field: JSONField) throws(InputError) -> Step {
    switch try field["type"].string() {
    case "Prepend":
      try field.allowOnly("type", "prepend")
      return .prepend(Array(try field["prepend"].string().utf8))
    case "Replace":
      try field.allowOnly("type", "pattern", "content")
      let content = Array(try field["content"].string().utf8)
      return .replace(try TextPattern(field["pattern"]), with: content)
    case let name:
      guard let form = NormalizationForm(rawValue: name) else {
        throw field["type"].unsupported("Sequence, Prepend, Replace, NFC, NFD, NFKC or NFKD")
      }
      try field.allowOnly("type")
      return .form(form)
    }
  }

  /// The normalized text.
  ///
  /// - Throws: `InputError` if an expression backtracks too much, or the text grows too long.
  func normalize(_ text: [UInt8]) throws(InputError) -> [UInt8] {
    let limit = TextPattern.maximumBytes(from: text.count)
    var text = text
    for step in steps {
      switch step {
      case .form(let form):
        text = form.normalize(text)
      case .prepend(let prefix):
        if !text.isEmpty { text = prefix + text }
      case .replace(let pattern, let content):
        text = try pattern.replacing(in: text, with: content, maximumBytes: limit)
      }
      guard text.count <= limit else { throw TextPattern.inflation }
    }
    return text
  }
}
