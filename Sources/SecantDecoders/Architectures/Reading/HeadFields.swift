import SecantCheckpoints

// Heads that differ from block to block.

extension ConfigurationFields {
  /// The heads of each block whose own they are; nil for those of all blocks.
  ///
  /// - Parameter windows: The sliding window of each block; nil if the block sees all positions.
  /// - Returns: One for each block.
  /// - Throws: The field that is not understood.
  func ownHeads(windows: [Int?]) throws(InputError) -> [DecoderConfiguration.Heads?] {
    let none = [DecoderConfiguration.Heads?](repeating: nil, count: windows.count)
    guard architecture.fields.contains("global_head_dim") else { return none }
    let common = try self["num_key_value_heads"].extent()
    if let list = read("per_layer_config") {
      return try ownHeads(list, count: windows.count, common: common)
    }
    // Only where keys serve as values, the number of key heads is another one.
    let sharesKeys = try read("attention_k_eq_v")?.bool() ?? false
    let own = sharesKeys ? try read("num_global_key_value_heads")?.extent() : nil
    let heads = DecoderConfiguration.Heads(
      width: try self["global_head_dim"].extent(), keyValueHeads: own ?? common)
    return windows.map { $0 == nil ? heads : nil }
  }

  /// The heads that an object has by the numbers of their blocks, as newer versions of Hugging Face's
  /// library write them.
  private func ownHeads(
    _ list: JSONField, count: Int, common: Int
  ) throws(InputError) -> [DecoderConfiguration.Heads?] {
    var result = [DecoderConfiguration.Heads?](repeating: nil, count: count)
    for key in try list.object().members.map(\.key) {
      let field = list[key]
      guard let block = Int(key), (0..<count).contains(block) else {
        throw field.mismatch(
          "no block of that number, as there are \(count)",
          remedy: "check that config.json is the model's own")
      }
      for inner in try field.object().members.map(\.key)
      where inner != "head_dim" && inner != "num_key_value_heads" {
        throw field[inner].mismatch(
          "nothing beside head_dim and num_key_value_heads", kind: .unsupported,
          remedy: "blocks that differ in other ways are not supported")
      }
      result[block] = DecoderConfiguration.Heads(
        width: try (field["head_dim"].present ?? self["head_dim"]).extent(),
        keyValueHeads: try field["num_key_value_heads"].present?.extent() ?? common)
    }
    return result
  }
}
