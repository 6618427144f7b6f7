import SecantCheckpoints

/// The special tokens that a tokenizer puts before and after a text.
struct SpecialTokenTemplate: Sendable {
  var prefix: [Int] = []
  var suffix: [Int] = []

  /// Nothing on either side.
  init() {}

  /// Reads the `post_processor` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    guard field.present != nil else { return }
    switch try field["type"].string() {
    case "ByteLevel":
      // It moves offsets, which are not computed here.
      break
    case "Sequence":
      try field.allowOnly("type", "processors")
      for processor in try field["processors"].array() {
        let outer = try SpecialTokenTemplate(processor)
        prefix = outer.prefix + prefix
        suffix += outer.suffix
      }
    case "TemplateProcessing":
      try field.allowOnly("type", "single", "pair", "special_tokens")
      var isBeforeText = true
      for part in try field["single"].array() {
        if let token = part["SpecialToken"].present {
          let name = try token["id"].string()
          for id in try field["special_tokens"][name]["ids"].array() {
            if isBeforeText { prefix.append(try id.int()) } else { suffix.append(try id.int()) }
          }
        } else {
          guard isBeforeText, try part["Sequence"]["id"].string() == "A" else {
            throw part.unsupported("a special token, or sequence A once")
          }
          isBeforeText = false
        }
      }
      guard !isBeforeText else { throw field["single"].unsupported("sequence A once") }
    default:
      throw field["type"].unsupported("Sequence, TemplateProcessing or ByteLevel")
    }
  }
}
