import SecantCheckpoints

// Vectors that blocks get beside the stream, and keys and values that blocks share.

extension ConfigurationFields {
  /// The width of the vector that each block gets beside the stream; nil if blocks get none.
  ///
  /// - Throws: The field that is not understood, or that there are more or fewer such vectors than tokens.
  func perLayerWidth() throws(InputError) -> Int? {
    guard let field = read("hidden_size_per_layer_input"), try field.int() != 0 else { return nil }
    let (vocabulary, rows) = (
      try self["vocab_size"].extent(), self["vocab_size_per_layer_input"]
    )
    guard try rows.int() == vocabulary else {
      throw rows.mismatch(
        "\(vocabulary), as vocab_size: a vector for each token and block", kind: .unsupported,
        remedy: "give both vocabularies the same number of tokens")
    }
    return try field.extent()
  }

  /// Whose keys and values each block reads.
  ///
  /// The last blocks take those of the last block before all of them that has a window as they do, or none as
  /// they do, as in Hugging Face's library.
  ///
  /// - Parameters:
  ///   - windows: The sliding window of each block; nil if the block sees all positions.
  ///   - heads: The heads of each block whose own they are.
  ///   - headWidth: The width of the heads of all others.
  /// - Returns: One for each block.
  /// - Throws: That there is no such block, or that its keys and values are none that the others can take.
  func keyValueRoles(
    windows: [Int?], heads: [DecoderConfiguration.Heads?], headWidth: Int
  ) throws(InputError) -> [KeyValueRole] {
    let count = windows.count
    var roles = [KeyValueRole](repeating: .own, count: count)
    guard let field = read("num_kv_shared_layers") else { return roles }
    let taking = try field.int()
    if taking == 0 { return roles }
    guard taking > 0, taking < count else {
      throw field.mismatch(
        "an integer in 0..<\(count): of \(count) blocks, one at least has keys and values of its own",
        remedy: "check that config.json is the model's own")
    }
    if let bias = read("attention_bias"), try bias.bool() {
      throw bias.mismatch(
        "false, as blocks take keys and values of others (\(field.path))", kind: .unsupported,
        remedy: "keys and values that blocks share are supported without biases only")
    }
    let usual = DecoderConfiguration.Heads(
      width: headWidth, keyValueHeads: try self["num_key_value_heads"].extent())
    let first = count - taking
    for n in first..<count {
      let kind = windows[n] == nil ? "without a sliding window" : "with a sliding window"
      let sources = windows[..<first]
      guard let source = sources.lastIndex(where: { ($0 == nil) == (windows[n] == nil) }) else {
        throw field.mismatch(
          "a block \(kind) before block \(first), of which block \(n) could take keys and values",
          kind: .mismatched, remedy: "check that config.json is the model's own")
      }
      guard heads[source] ?? usual == heads[n] ?? usual else {
        throw field.mismatch(
          "as many heads of one width in block \(n) as in block \(source), whose keys and values it takes",
          kind: .mismatched, remedy: "check that config.json is the model's own")
      }
      roles[source] = .given(block: source)
      roles[n] = .taken(from: source)
    }
    return roles
  }
}

extension DecoderConfiguration.BlockVariation {
  /// Gives the block's feed-forward layer, or the dense layer beside its experts, a width of its own.
  mutating func widenFeedForward(to width: Int) {
    ownFeedForwardWidth = width
    if experts?.isBesideDense == true { experts?.sharedWidth = width }
  }
}
