import Foundation
package import SecantCheckpoints

/// A tensor that a decoder reads.
package struct ExpectedTensor: Hashable, Sendable {
  /// The name in the checkpoint.
  package let name: String
  /// The shape that the configuration requires.
  package let shape: [Int]
}

extension DecoderConfiguration {
  /// The tensors that a decoder of this configuration reads from a checkpoint.
  ///
  /// Names are those of ``namedTensors(of:)``.
  ///
  /// - Throws: That config.json names no known architecture, or tensors whose names can be read in two ways.
  package func expectedTensors(in checkpoint: Checkpoint) throws(InputError) -> [ExpectedTensor] {
    let architecture = try Architecture.named(in: checkpoint.configuration)
    return expectedTensors(in: try NamedTensors(checkpoint, architecture), architecture.tensorNames)
  }

  /// The checkpoint's tensors under the decoder's names; each expert has its own tensors.
  ///
  /// - Throws: As ``expectedTensors(in:)`` does.
  package static func namedTensors(of checkpoint: Checkpoint) throws(InputError) -> Checkpoint {
    let architecture = try Architecture.named(in: checkpoint.configuration)
    return try NamedTensors(checkpoint, architecture).checkpoint
  }

  private func expectedTensors(in tensors: NamedTensors, _ names: TensorNames) -> [ExpectedTensor] {
    var list = TensorList()
    let embedding = embeddingTensor(in: tensors)
    list.tensors.append(ExpectedTensor(name: embedding, shape: [vocabularySize, width]))
    if learnsPositions { list.add(tensors.body + names.positions, [contextLength, width]) }
    if let perLayerWidth {
      let (own, all) = (names.perLayer, blockCount * perLayerWidth)
      list.add(tensors.body + own.embedding, [vocabularySize, all])
      list.add(tensors.body + own.projection, [all, width])
      list.add(tensors.body + own.norm, [perLayerWidth])
    }
    for (n, block) in blocks.enumerated() {
      let prefix = "\(tensors.body)\(names.block)\(n)."
      if normPlacement.isBefore {
        list.add(norm: prefix + names.attentionNorm, width, hasBias: normRemovesMean)
        list.add(norm: prefix + names.feedForwardNorm, width, hasBias: normRemovesMean)
      }
      if normPlacement.isAfter {
        list.add(prefix + names.attentionPostNorm, [width])
        list.add(prefix + names.feedForwardPostNorm, [width])
      }
      if let delta = block.delta {
        addDelta(prefix, names.delta, delta, to: &list)
      } else {
        addAttention(prefix, names, block, to: &list)
      }
      if hasStreamFactors {
        list.tensors.append(ExpectedTensor(name: prefix + names.streamFactor, shape: [1]))
      }
      addFeedForward(prefix, names, block, to: &list)
      if let perLayerWidth {
        list.add(prefix + names.perLayer.gate, [perLayerWidth, width])
        list.add(prefix + names.perLayer.output, [width, perLayerWidth])
        list.add(prefix + names.perLayer.postNorm, [width])
      }
    }
    list.add(norm: tensors.body + names.finalNorm, width, hasBias: normRemovesMean)
    if !tiesEmbeddings {
      list.tensors.append(
        ExpectedTensor(name: tensors.unembedding, shape: [vocabularySize, width]))
    }
    return list.tensors
  }

  /// The tensor of the token embedding: if it is tied, it may have either name.
  func embeddingTensor(in tensors: NamedTensors) -> String {
    tiesEmbeddings && !tensors.checkpoint.contains(tensors.embedding)
      && tensors.checkpoint.contains(tensors.unembedding)
      ? tensors.unembedding : tensors.embedding
  }

  /// The projections of what enters a block's attention that the block has of its own: queries, and keys and
  /// values unless it takes those of another block.
  func attentionInputs(
    _ prefix: String, _ names: TensorNames, _ block: BlockVariation
  ) -> [(name: String, outputs: Int)] {
    let queries = [(prefix + names.query, queryHeads * heads(of: block).width)]
    if block.keyValueSource != nil { return queries }
    let values = valueWidth(of: block)
    return queries + [(prefix + names.key, values)]
      + (block.keysServeAsValues ? [] : [(prefix + names.value, values)])
  }

  private func addAttention(
    _ prefix: String, _ names: TensorNames, _ block: BlockVariation, to list: inout TensorList
  ) {
    let (headWidth, values) = (heads(of: block).width, valueWidth(of: block))
    let (queries, takes) = (queryHeads * headWidth, block.keyValueSource != nil)
    list.add(
      attentionInputs(prefix, names, block), from: width, hasBias: attentionBias.isOnInputs)
    if attentionHasGate {
      list.add(
        [(prefix + names.attentionGate, queries)], from: width, hasBias: attentionBias.isOnInputs)
    }
    list.add([(prefix + names.output, width)], from: queries, hasBias: attentionBias.isOnOutput)
    if hasAttentionSinks { list.add(prefix + names.sinks, [queryHeads]) }
    switch queryKeyNorm {
    case .none: break
    case .perHead:
      list.add(prefix + names.queryNorm, [headWidth])
      if !takes { list.add(prefix + names.keyNorm, [headWidth]) }
    case .acrossHeads:
      list.add(prefix + names.queryNorm, [queries])
      if !takes { list.add(prefix + names.keyNorm, [values]) }
    }
  }

  private func addDelta(
    _ prefix: String, _ names: TensorNames.Delta, _ delta: Delta, to list: inout TensorList
  ) {
    let (keys, values) = (delta.keysWidth, delta.valuesWidth)
    list.add(
      [
        (prefix + names.query, keys), (prefix + names.key, keys), (prefix + names.value, values),
        (prefix + names.gate, values), (prefix + names.rate, delta.heads),
        (prefix + names.decay, delta.heads),
      ], from: width)
    list.add(prefix + names.convolution, [2 * keys + values, 1, delta.convolutionLength])
    for name in [names.decayLogarithm, names.decayOffset] {
      list.tensors.append(ExpectedTensor(name: prefix + name, shape: [delta.heads]))
    }
    list.add(prefix + names.norm, [delta.valueWidth])
    list.add([(prefix + names.output, width)], from: values)
  }

  private func addFeedForward(
    _ prefix: String, _ names: TensorNames, _ block: BlockVariation, to list: inout TensorList
  ) {
    if block.experts?.isBesideDense ?? true {
      let hidden = feedForwardWidth(of: block)
      let up = (prefix + names.up, hidden)
      list.add(
        isGated ? [(prefix + names.gate, hidden), up] : [up],
        from: width, hasBias: feedForwardHasBias)
      list.add([(prefix + names.down, width)], from: hidden, hasBias: feedForwardHasBias)
    }
    guard let experts = block.experts else { return }
    list.add(
      [(prefix + names.router, experts.count)], from: width, hasBias: experts.hasBiases)
    for n in 0..<experts.count {
      let expert = "\(prefix)\(names.expert)\(n)."
      list.add(
        [(expert + names.expertGate, experts.width), (expert + names.expertUp, experts.width)],
        from: width, hasBias: experts.hasBiases)
      list.add(
        [(expert + names.expertDown, width)], from: experts.width, hasBias: experts.hasBiases)
    }
    if experts.isBesideDense {
      let beside = names.beside
      for norm in [beside.densePostNorm, beside.norm, beside.postNorm] {
        list.add(prefix + norm, [width])
      }
      list.tensors += [
        ExpectedTensor(name: prefix + beside.routerScale, shape: [width]),
        ExpectedTensor(name: prefix + beside.expertScales, shape: [experts.count]),
      ]
      return
    }
    guard let shared = experts.sharedWidth else { return }
    let expert = prefix + names.sharedExpert
    list.add(
      [(expert + names.expertGate, shared), (expert + names.expertUp, shared)], from: width)
    list.add([(expert + names.expertDown, width)], from: shared)
    list.add([(prefix + names.sharedExpertGate, 1)], from: width)
  }

  /// The names of tensors that a decoder of this configuration does not read, except those known to
  /// be irrelevant: tensors that read images, frequencies that follow from the configuration, an
  /// unembedding that equals a tied embedding, and what would give keys and values to blocks that take
  /// those of others.
  ///
  /// - Throws: As ``expectedTensors(in:)`` does.
  package func unreadTensors(in checkpoint: Checkpoint) throws(InputError) -> [String] {
    let architecture = try Architecture.named(in: checkpoint.configuration)
    return unreadTensors(in: try NamedTensors(checkpoint, architecture), architecture.tensorNames)
  }

  private func unreadTensors(in tensors: NamedTensors, _ names: TensorNames) -> [String] {
    var expected = Set(expectedTensors(in: tensors, names).map(\.name))
    if tiesEmbeddings { expected.insert(tensors.unembedding) }
    for (n, block) in blocks.enumerated() where block.keyValueSource != nil {
      for name in [names.key, names.value, names.keyNorm] {
        expected.insert("\(tensors.body)\(names.block)\(n).\(name).weight")
      }
    }
    return tensors.checkpoint.tensorNames.filter { name in
      !expected.contains(name) && !name.hasSuffix(".rotary_emb.inv_freq")
        && !names.otherParts.contains { name.hasPrefix($0) }
        && !names.buffers.contains { name.hasSuffix($0) }
    }
  }

  /// The tensors that a decoder does not read: those of blocks beyond config.json's count, and
  /// others.
  ///
  /// - Throws: An unread tensor inside a block, because it would have an effect; or as
  ///   ``expectedTensors(in:)`` does.
  package func superfluousTensors(
    in checkpoint: Checkpoint
  ) throws(InputError) -> (blocks: Set<Int>, others: [String]) {
    let architecture = try Architecture.named(in: checkpoint.configuration)
    let tensors = try NamedTensors(checkpoint, architecture)
    let prefix = tensors.body + architecture.tensorNames.block
    var result: (blocks: Set<Int>, others: [String]) = ([], [])
    for name in unreadTensors(in: tensors, architecture.tensorNames) {
      let number = name.hasPrefix(prefix) ? name.dropFirst(prefix.count).prefix { $0 != "." } : ""
      guard let block = Int(number) else {
        result.others.append(name)
        continue
      }
      guard block < blockCount else {
        result.blocks.insert(block)
        continue
      }
      if name.hasSuffix(".bias"), tensors.checkpoint.isZero(name) { continue }
      throw InputError(
        .mismatched, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "no such tensor, as config.json says", found: "one",
        remedy: "check that config.json and the weights belong together")
    }
    return result
  }

  /// The fields of config.json that are neither understood nor known to have no effect.
  ///
  /// - Throws: That config.json names no known architecture.
  package static func unknownFields(in checkpoint: Checkpoint) throws(InputError) -> [JSONField] {
    let fields = checkpoint.configuration
    return try Architecture.named(in: fields).unknownFields(in: fields)
  }
}

extension Checkpoint {
  /// Whether a tensor adds nothing, as a bias that some programs write beside every weight.
  fileprivate func isZero(_ name: String) -> Bool {
    guard let tensor = tensors.first(where: { $0.name == name }), tensor.isComputable else {
      return false
    }
    return tensor.values(as: Float.self).allSatisfy { $0 == 0 }
  }
}

/// A list of tensors under construction.
private struct TensorList {
  var tensors: [ExpectedTensor] = []

  mutating func add(_ name: String, _ shape: [Int]) {
    tensors.append(ExpectedTensor(name: name + ".weight", shape: shape))
  }

  mutating func add(norm name: String, _ width: Int, hasBias: Bool) {
    add(name, [width])
    if hasBias { tensors.append(ExpectedTensor(name: name + ".bias", shape: [width])) }
  }

  /// Projections of the same input; those with the same name share a tensor.
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
