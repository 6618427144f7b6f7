import Foundation
package import SecantCheckpoints

/// A tensor that a decoder reads.
package struct ExpectedTensor: Hashable, Sendable {
  /// The name in the checkpoint.
  package let name: String
  /// The shape that the configuration demands.
  package let shape: [Int]
}

extension DecoderConfiguration {
  /// The tensors that a decoder of this configuration reads from a checkpoint.
  ///
  /// - Throws: That config.json names no known architecture.
  package func expectedTensors(in checkpoint: Checkpoint) throws(InputError) -> [ExpectedTensor] {
    let names = try Architecture.named(in: checkpoint.configuration).tensorNames
    let layout = names.layout(of: checkpoint)
    var list = TensorList()
    list.add([(layout.body + names.embedding, vocabularySize)], from: width)
    for (n, block) in blocks.enumerated() {
      let prefix = "\(layout.body)\(names.block)\(n)."
      if normPlacement.isBefore {
        list.add(prefix + names.attentionNorm, [width])
        list.add(prefix + names.feedForwardNorm, [width])
      }
      if normPlacement.isAfter {
        list.add(prefix + names.attentionPostNorm, [width])
        list.add(prefix + names.feedForwardPostNorm, [width])
      }
      addAttention(prefix, names, to: &list)
      addFeedForward(prefix, names, block, to: &list)
    }
    list.add(layout.body + names.finalNorm, [width])
    if !tiesEmbeddings { list.add([(layout.unembedding, vocabularySize)], from: width) }
    return list.tensors
  }

  private func addAttention(_ prefix: String, _ names: TensorNames, to list: inout TensorList) {
    let (queries, values) = (queryHeads * headWidth, valueHeads * headWidth)
    list.add(
      [
        (prefix + names.query, queries), (prefix + names.key, values),
        (prefix + names.value, values),
      ],
      from: width, hasBias: attentionBias.isOnInputs)
    list.add([(prefix + names.output, width)], from: queries, hasBias: attentionBias.isOnOutput)
    switch queryKeyNorm {
    case .none: break
    case .perHead:
      list.add(prefix + names.queryNorm, [headWidth])
      list.add(prefix + names.keyNorm, [headWidth])
    case .acrossHeads:
      list.add(prefix + names.queryNorm, [queries])
      list.add(prefix + names.keyNorm, [values])
    }
  }

  private func addFeedForward(
    _ prefix: String, _ names: TensorNames, _ block: BlockVariation, to list: inout TensorList
  ) {
    guard let experts = block.experts else {
      list.add(
        [(prefix + names.gate, feedForwardWidth), (prefix + names.up, feedForwardWidth)],
        from: width, hasBias: feedForwardHasBias)
      list.add([(prefix + names.down, width)], from: feedForwardWidth, hasBias: feedForwardHasBias)
      return
    }
    list.add([(prefix + names.router, experts.count)], from: width)
    for n in 0..<experts.count {
      let expert = "\(prefix)\(names.expert)\(n)."
      list.add(
        [(expert + names.expertGate, experts.width), (expert + names.expertUp, experts.width)],
        from: width)
      list.add([(expert + names.expertDown, width)], from: experts.width)
    }
  }

  /// The names of tensors that a decoder of this configuration leaves unread, though they are no part of
  /// what it knows to be of no use: what reads images, frequencies that follow from the configuration,
  /// and an unembedding beside a tied one.
  ///
  /// - Throws: That config.json names no known architecture.
  package func unreadTensors(in checkpoint: Checkpoint) throws(InputError) -> [String] {
    let names = try Architecture.named(in: checkpoint.configuration).tensorNames
    let expected = Set(try expectedTensors(in: checkpoint).map(\.name))
    let tied = tiesEmbeddings ? names.layout(of: checkpoint).unembedding + ".weight" : nil
    return checkpoint.tensorNames.filter { name in
      !expected.contains(name) && name != tied && !name.hasSuffix(".rotary_emb.inv_freq")
        && !names.otherParts.contains { name.hasPrefix($0) }
    }
  }

  /// Refuses tensors that lie among those of a block and are not read: they would have had an effect.
  ///
  /// - Throws: The first of them.
  func refuseUnreadTensors(in checkpoint: Checkpoint) throws(InputError) {
    let names = try Architecture.named(in: checkpoint.configuration).tensorNames
    let prefix = names.layout(of: checkpoint).body + names.block
    for name in try unreadTensors(in: checkpoint) where name.hasPrefix(prefix) {
      // Blocks beyond the configuration's are left out, as Hugging Face's library does.
      let number = name.dropFirst(prefix.count).prefix { $0 != "." }
      guard let block = Int(number), block < blockCount else { continue }
      throw InputError(
        .mismatched, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "no such tensor, as config.json says", found: "one",
        remedy: "check that config.json and the weights belong together")
    }
  }

  /// The fields of config.json that are neither understood nor known to have no effect.
  ///
  /// - Throws: That config.json names no known architecture.
  package static func unknownFields(in checkpoint: Checkpoint) throws(InputError) -> [JSONField] {
    let fields = checkpoint.configuration
    return try Architecture.named(in: fields).unknownFields(in: fields)
  }
}

/// A growing list of tensors.
private struct TensorList {
  private(set) var tensors: [ExpectedTensor] = []

  mutating func add(_ name: String, _ shape: [Int]) {
    tensors.append(ExpectedTensor(name: name + ".weight", shape: shape))
  }

  /// Projections of one input; those of the same name are one tensor.
  mutating func add(
    _ parts: [(name: String, outputs: Int)], from input: Int, hasBias: Bool = false
  ) {
    var rest = parts[...]
    while let name = rest.first?.name {
      let total = rest.prefix { $0.name == name }.reduce(0) { $0 + $1.outputs }
      add(name, [total, input])
      if hasBias { tensors.append(ExpectedTensor(name: name + ".bias", shape: [total])) }
      rest = rest.drop { $0.name == name }
    }
  }
}
