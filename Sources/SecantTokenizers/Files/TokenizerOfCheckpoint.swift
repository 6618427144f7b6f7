public import SecantCheckpoints

extension Tokenizer {
  /// The tokenizer that a checkpoint's folder or GGUF file holds.
  ///
  /// - Throws: `InputError` that names what is missing, malformed or not understood.
  public init(_ checkpoint: Checkpoint) throws(InputError) {
    if let file = checkpoint.gguf {
      try self.init(gguf: file)
    } else {
      try self.init(folder: checkpoint.url)
    }
  }

  /// Whether a checkpoint holds a file that a tokenizer is read from, or is one itself.
  public static func isDefined(in checkpoint: Checkpoint) -> Bool {
    guard let file = checkpoint.gguf else { return isDefined(in: checkpoint.url) }
    return file["tokenizer.ggml.model"].present != nil
  }
}
