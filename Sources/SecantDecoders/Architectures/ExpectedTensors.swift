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
    let (queries, values) = (queryHeads * headWidth, valueHeads * headWidth)
    var result: [ExpectedTensor] = []
    func add(_ name: String, _ shape: [Int], hasBias: Bool = false) {
      result.append(ExpectedTensor(name: name + ".weight", shape: shape))
      if hasBias { result.append(ExpectedTensor(name: name + ".bias", shape: [shape[0]])) }
    }
    add(names.embedding, [vocabularySize, width])
    for n in 0..<blockCount {
      let prefix = "\(names.block)\(n)."
      add(prefix + names.attentionNorm, [width])
      add(prefix + names.query, [queries, width], hasBias: attentionHasBias)
      add(prefix + names.key, [values, width], hasBias: attentionHasBias)
      add(prefix + names.value, [values, width], hasBias: attentionHasBias)
      add(prefix + names.output, [width, queries], hasBias: attentionHasBias)
      add(prefix + names.feedForwardNorm, [width])
      add(prefix + names.gate, [feedForwardWidth, width], hasBias: feedForwardHasBias)
      add(prefix + names.up, [feedForwardWidth, width], hasBias: feedForwardHasBias)
      add(prefix + names.down, [width, feedForwardWidth], hasBias: feedForwardHasBias)
    }
    add(names.finalNorm, [width])
    if !tiesEmbeddings { add(names.unembedding, [vocabularySize, width]) }
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
