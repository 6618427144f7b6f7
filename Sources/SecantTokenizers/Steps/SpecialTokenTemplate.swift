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
    for processor in try field.flattened(by: "processors") {
      let outer = try Self.template(processor)
      prefix = outer.prefix + prefix
      suffix += outer.suffix
    }
  }

  private static func template(_ field: JSONField) throws(InputError) -> SpecialTokenTemplate {
    var template = SpecialTokenTemplate()
    switch try field["type"].string() {
    case "ByteLevel":
      // This step moves offsets, which are not computed here.
      try field.allowOnly("type", "add_prefix_space", "trim_offsets", "use_regex")
    case "TemplateProcessing":
      try field.allowOnly("type", "single", "pair", "special_tokens")
      let parts = try field["single"].array()
      guard parts.count <= 64 else { throw field["single"].unsupported("at most 64 parts") }
      var isBeforeText = true
      for part in parts {
        if let token = part["SpecialToken"].present {
          let ids = field["special_tokens"][try token["id"].string()]["ids"]
          for id in try ids.array() {
            if isBeforeText {
              template.prefix.append(try id.int())
            } else {
              template.suffix.append(try id.int())
            }
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
    return template
  }
}
