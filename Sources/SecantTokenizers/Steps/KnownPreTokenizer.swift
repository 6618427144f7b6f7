import SecantCheckpoints

/// The word splitting of tokenizers whose files name it but do not hold its expressions.
///
/// The names are those of `tokenizer.ggml.pre`: GGUF files name expressions instead of holding them. The expressions are those of the models' own
/// tokenizer.json, which llama.cpp follows as far as its engine can; so is Qwen's normal form, which
/// llama.cpp leaves out.
struct KnownPreTokenizer {
  var expressions: [String]
  var normalForm: NormalizationForm?
  /// Whether a word that is a token stays one, whatever the merges say.
  var takesWholeWords = false
  /// Whether a text begins with a token of its own where the file does not say.
  var addsBeginning = false

  /// llama.cpp's default for files that name no pre-tokenizer.
  static let standard = "default"

  /// The pre-tokenizer of this name; nil if unknown.
  init?(named name: String) {
    switch name {
    case "llama-bpe", "llama3", "llama-v3", "falcon3", "pixtral":
      self.init(
        expressions: [Self.words(digits: #"\p{N}{1,3}"#)], takesWholeWords: true,
        addsBeginning: true)
    case "dbrx", "smaug-bpe":
      self.init(expressions: [Self.words(digits: #"\p{N}{1,3}"#)])
    case "qwen2", "deepseek-r1-qwen":
      self.init(expressions: [Self.words(digits: #"\p{N}"#)], normalForm: .NFC)
    case "qwen35":
      self.init(
        expressions: [Self.words(digits: #"\p{N}"#, marks: #"\p{M}"#)], normalForm: .NFC)
    case "tekken":
      self.init(
        expressions: [Self.casedWords(suffix: "", digits: #"\p{N}"#)], takesWholeWords: true,
        addsBeginning: true)
    case "gpt-4o":
      self.init(
        expressions: [
          Self.casedWords(suffix: "(?i:'s|'t|'re|'ve|'m|'ll|'d)?", digits: #"\p{N}{1,3}"#)
        ])
    case "gpt-2", "phi-2", "olmo", "mpt":
      self.init(expressions: [PreTokenizer.gpt2Expression])
    case "smollm", "starcoder", "refact":
      self.init(expressions: [#"\p{N}"#, PreTokenizer.gpt2Expression])
    case Self.standard:
      self.init(
        expressions: [
          #"[\p{P}\$\+<=>\^~\|]+"#,
          #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
          #"\p{N}+"#, "[0-9][0-9][0-9]",
        ])
    case "falcon":
      self.init(
        expressions: [
          #"[\p{P}\$\+<=>\^~\|`]+"#, PreTokenizer.gpt2Expression, "[0-9][0-9][0-9]",
        ])
    case "deepseek-coder":
      self.init(
        expressions: [
          #"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, "[一-龥\u{800}-一가-\u{d7ff}]+", #"\p{N}"#,
        ])
    default: return nil
    }
  }

  private init(
    expressions: [String], normalForm: NormalizationForm? = nil, takesWholeWords: Bool = false,
    addsBeginning: Bool = false
  ) {
    self.expressions = expressions
    self.normalForm = normalForm
    self.takesWholeWords = takesWholeWords
    self.addsBeginning = addsBeginning
  }

  /// The normalization.
  var normalizer: Normalizer { normalForm.map(Normalizer.init(form:)) ?? Normalizer() }

  /// The word splitting.
  func preTokenizer() throws(InputError) -> PreTokenizer {
    var steps: [PreTokenizer.Step] = []
    for expression in expressions {
      let field = JSONField(file: "", path: "pre_tokenizer", value: .string(expression))
      let pattern = try TextPattern(expression: expression, at: field)
      steps.append(.split(pattern, .isolated, isInverted: false))
    }
    return PreTokenizer(splitting: steps)
  }

  /// As cl100k and those after it split: letters with one sign before them, digits, other signs, space.
  ///
  /// Marks may count as letters, and are no other signs then.
  private static func words(digits: String, marks: String = "") -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}"# + marks + "]+|" + digits
      + #"| ?[^\s\p{L}"# + marks + #"\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// As o200k and Tekken split: before capitals that follow small letters, too.
  private static func casedWords(suffix: String, digits: String) -> String {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
    let sign = #"[^\r\n\p{L}\p{N}]?"#
    return sign + upper + "*" + lower + "+" + suffix + "|" + sign + upper + "+" + lower + "*"
      + suffix + "|" + digits + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
