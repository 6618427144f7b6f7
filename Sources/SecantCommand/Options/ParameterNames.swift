import Secant

extension InputError {
  /// The same error for users of the command, with options instead of the library's parameters.
  var namingOptions: InputError {
    let words = Self.words.reduce(remedy) { $0.replacing($1.parameter, with: $1.option) }
    let isOption = Self.prefixes.contains { subject.hasPrefix($0) }
    return InputError(
      kind, file: file, subject: Self.subjects[subject] ?? (isOption ? "--" : "") + subject,
      expected: expected,
      found: found, remedy: words)
  }

  /// The options that set the subjects of errors.
  private static let subjects = [
    "memory": "--memory", "rank": "--rank", "tolerance": "--tolerance", "the sites": "--sites",
    "the method dense": "--method dense", "the method sketch": "--method",
    "the paper's figures": "--against paper",
    "the two prompts": "the prompt and --with",
  ]

  /// Parameters whose value follows their name, and their options.
  private static let prefixes = ["position ", "site ", "target "]

  /// The names of parameters in remedies, and their options.
  private static let words = [
    (parameter: "ignoringFields:", option: "--ignore-field"),
    (parameter: "as a text, not as a conversation", option: "without --chat"),
    (parameter: "not as a conversation", option: "without --chat"),
    (parameter: "by its quantization, org/name", option: "by its quantization, -hf org/name"),
    (parameter: "the model's name, org/name", option: "the model's name, as in --model org/name"),
  ]
}
