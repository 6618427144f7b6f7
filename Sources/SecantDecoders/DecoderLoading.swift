import Foundation
public import SecantCheckpoints
import SecantOperators

extension Decoder {
  /// The decoder that a checkpoint holds.
  ///
  /// Weights stay mapped in their stored type; each is checked once for its shape, a floating-point
  /// type and finite values, which reads the whole file.
  ///
  /// - Throws: What in the configuration or the weights is missing, contradictory or not understood.
  public init(_ checkpoint: Checkpoint) throws(InputError) {
    let configuration = try DecoderConfiguration(checkpoint)
    let names = try Architecture.named(in: checkpoint.configuration).tensorNames
    let loader = WeightLoader<S>(checkpoint: checkpoint)
    let (d, f) = (configuration.width, configuration.feedForwardWidth)
    let queryWidth = configuration.queryHeads * configuration.headWidth
    let valueWidth = configuration.valueHeads * configuration.headWidth
    let rotary = RotaryEmbedding(
      headWidth: configuration.headWidth, base: configuration.rotaryBase,
      scaling: configuration.rotaryScaling)

    func norm(_ name: String) throws(InputError) -> RMSNorm<S> {
      RMSNorm(
        weight: try loader.vector(name + ".weight", count: d), epsilon: S(configuration.normEpsilon)
      )
    }

    var blocks: [Block<S>] = []
    for n in 0..<configuration.blockCount {
      let prefix = "\(names.block)\(n)."
      func attentionProjection(_ name: String, _ output: Int, _ input: Int) throws(InputError)
        -> Projection<S>
      {
        try loader.projection(
          prefix + name, output, input, hasBias: configuration.attentionHasBias)
      }
      func feedForwardProjection(_ name: String, _ output: Int, _ input: Int) throws(InputError)
        -> Projection<S>
      {
        try loader.projection(
          prefix + name, output, input, hasBias: configuration.feedForwardHasBias)
      }
      blocks.append(
        Block(
          attentionNorm: try norm(prefix + names.attentionNorm),
          attention: Attention(
            query: try attentionProjection(names.query, queryWidth, d),
            key: try attentionProjection(names.key, valueWidth, d),
            value: try attentionProjection(names.value, valueWidth, d),
            output: try attentionProjection(names.output, d, queryWidth),
            rotary: rotary, headWidth: configuration.headWidth,
            scale: 1 / S(configuration.headWidth).squareRoot()),
          feedForwardNorm: try norm(prefix + names.feedForwardNorm),
          feedForward: GatedFeedForward(
            gate: try feedForwardProjection(names.gate, f, d),
            up: try feedForwardProjection(names.up, f, d),
            down: try feedForwardProjection(names.down, d, f),
            activation: configuration.activation)))
    }
    let embedding = try loader.weight(names.embedding + ".weight", configuration.vocabularySize, d)
    self.init(
      configuration: configuration,
      embedding: TokenEmbedding(weight: embedding),
      blocks: blocks,
      finalNorm: try norm(names.finalNorm),
      unembedding: Unembedding(
        weight: configuration.tiesEmbeddings
          ? embedding
          : try loader.weight(names.unembedding + ".weight", configuration.vocabularySize, d)))
  }
}

/// Takes tensors out of a checkpoint, each validated once.
private struct WeightLoader<S: Scalar> {
  let checkpoint: Checkpoint

  func weight(_ name: String, _ output: Int, _ input: Int) throws(InputError) -> Weight<S> {
    Weight(try validated(name, shape: [output, input]))
  }

  func vector(_ name: String, count: Int) throws(InputError) -> [S] {
    try validated(name, shape: [count]).values(as: S.self)
  }

  func projection(_ name: String, _ output: Int, _ input: Int, hasBias: Bool) throws(InputError)
    -> Projection<S>
  {
    if !hasBias, checkpoint.contains(name + ".bias") {
      throw InputError(
        .mismatched, file: checkpoint.url.path, subject: "tensor \(name).bias",
        expected: "no bias, as config.json says", found: "one",
        remedy: "check that config.json and the weights belong together")
    }
    return Projection(
      weight: try weight(name + ".weight", output, input),
      bias: hasBias ? try vector(name + ".bias", count: output) : nil)
  }

  private func validated(_ name: String, shape: [Int]) throws(InputError) -> StoredTensor {
    let tensor = try checkpoint.tensor(named: name, shape: shape)
    guard tensor.elementType.isComputable else {
      throw InputError(
        .unsupported, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "elements of type F64, F32, F16 or BF16", found: "\(tensor.elementType)",
        remedy: "convert the weights to one of these types")
    }
    if let index = tensor.firstNonFiniteIndex() {
      throw InputError(
        .malformed, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "finite weights", found: "an infinite or undefined value at element \(index)",
        remedy: "download the file again, or report it to the model's makers")
    }
    return tensor
  }
}
