import Foundation
import RealModule
public import SecantCheckpoints
import SecantOperators

extension Decoder {
  /// The decoder that a checkpoint holds.
  ///
  /// Weights stay mapped in their stored type. Each is checked once: its shape, its type, and that
  /// its values are finite. This reads the whole file; of quantized weights it reads only the
  /// scales.
  ///
  /// - Parameters:
  ///   - checkpoint: The files.
  ///   - rounding: The format to which every weight is rounded before it is used; nil for weights
  ///     as they are.
  /// - Throws: The part of the configuration or of the weights that is missing, contradictory or
  ///   not understood; or that a weight is too large for the rounding's format.
  public init(
    _ checkpoint: Checkpoint, roundingWeightsTo rounding: WeightRounding? = nil
  ) throws(InputError) {
    let configuration = try DecoderConfiguration(checkpoint)
    _ = try configuration.superfluousTensors(in: checkpoint)
    let architecture = try Architecture.named(in: checkpoint.configuration)
    let names = architecture.tensorNames
    let tensors = try NamedTensors(checkpoint, architecture)
    let loader = BlockLoader<S>(
      configuration: configuration, names: names,
      tensors: .init(checkpoint: tensors.checkpoint, rounding: rounding))
    var blocks: [Block<S>] = []
    for (n, variation) in configuration.blocks.enumerated() {
      let prefix = "\(tensors.body)\(names.block)\(n)."
      let source = variation.keyValueSource.flatMap { blocks[$0].attention.attention }
      blocks.append(try loader.block(prefix, variation, taking: source))
    }
    let (vocabulary, d) = (configuration.vocabularySize, configuration.width)
    let embedding = try loader.tensors.weight(
      configuration.embeddingTensor(in: tensors), vocabulary, d)
    self.init(
      configuration: configuration,
      embedding: TokenEmbedding(
        weight: embedding, scale: S(configuration.embeddingScale),
        positions: configuration.learnsPositions
          ? try loader.tensors.weight(
            tensors.body + names.positions + ".weight", configuration.contextLength, d) : nil),
      perLayer: try configuration.perLayerWidth.map { width throws(InputError) in
        try loader.perLayerInputs(tensors.body, width: width)
      },
      blocks: blocks,
      finalNorm: try loader.norm(tensors.body + names.finalNorm, width: d),
      unembedding: Unembedding(
        weight: configuration.tiesEmbeddings
          ? embedding.times(S(configuration.logitScale))
          : try loader.tensors.weight(
            tensors.unembedding, vocabulary, d, times: configuration.logitScale),
        softcap: configuration.logitSoftcap.map { S($0) }))
  }
}

/// Builds blocks from a checkpoint.
struct BlockLoader<S: Scalar> {
  let configuration: DecoderConfiguration
  let names: TensorNames
  let tensors: TensorLoader<S>

  /// A block.
  ///
  /// - Parameters:
  ///   - prefix: What the names of its tensors begin with.
  ///   - variation: Its variations.
  ///   - source: The attention layer whose keys and values it takes; nil if it has its own.
  /// - Returns: The block.
  /// - Throws: The tensor that is missing, or of another shape.
  func block(
    _ prefix: String, _ variation: DecoderConfiguration.BlockVariation, taking source: Attention<S>?
  ) throws(InputError) -> Block<S> {
    let (d, placement) = (configuration.width, configuration.normPlacement)
    precondition(!(configuration.normRemovesMean && placement.isAfter), "a bias after a layer")
    let attentionNorm =
      placement.isBefore ? try norm(prefix + names.attentionNorm, width: d) : nil
    var feedForwardNorm =
      placement.isBefore ? try norm(prefix + names.feedForwardNorm, width: d) : nil
    // The weights of a dense layer's norm and of the experts' are factors of the matrices behind them.
    let denseScale = feedForwardNorm?.weight
    if variation.experts?.isBesideDense ?? false { feedForwardNorm = plainNorm(width: d) }
    return Block(
      walk: configuration.walk, attentionNorm: attentionNorm?.withoutBias,
      attention: try mixer(prefix, variation, taking: source, adding: attentionNorm?.bias),
      attentionPostNorm: placement.isAfter
        ? try norm(prefix + names.attentionPostNorm, width: d) : nil,
      feedForwardNorm: feedForwardNorm?.withoutBias,
      feedForward: try feedForward(
        prefix, variation, adding: feedForwardNorm?.bias, normWeight: denseScale),
      feedForwardPostNorm: placement.isAfter
        ? try norm(prefix + names.feedForwardPostNorm, width: d) : nil,
      perLayer: try configuration.perLayerWidth.map { width throws(InputError) in
        try perLayerBranch(prefix, width: width)
      },
      perLayerPostNorm: configuration.hasPerLayerInputs
        ? try norm(prefix + names.perLayer.postNorm, width: d) : nil,
      streamFactor: configuration.hasStreamFactors
        ? try tensors.vector(prefix + names.streamFactor, count: 1)[0] : nil)
  }

  func norm(_ name: String, width: Int) throws(InputError) -> Normalization<S> {
    let offset = S(configuration.normWeightOffset)
    let weight = try tensors.vector(name + ".weight", count: width)
    return Normalization(
      weight: offset == 0 ? weight : weight.map { offset + $0 },
      bias: configuration.normRemovesMean
        ? try tensors.vector(name + ".bias", count: width) : nil,
      epsilon: S(configuration.normEpsilon), removesMean: configuration.normRemovesMean)
  }

  /// Division by the root mean square alone.
  func plainNorm(width: Int) -> Normalization<S> {
    Normalization(
      weight: [S](repeating: 1, count: width), epsilon: S(configuration.normEpsilon))
  }

  /// The layer that mixes positions.
  private func mixer(
    _ prefix: String, _ variation: DecoderConfiguration.BlockVariation,
    taking source: Attention<S>?, adding beta: [S]?
  ) throws(InputError) -> TokenMixer<S> {
    guard let delta = variation.delta else {
      return .attention(try attention(prefix, variation, taking: source, adding: beta))
    }
    precondition(beta == nil, "a bias before a delta network")
    return .delta(try deltaNetwork(prefix, delta))
  }

  private func deltaNetwork(
    _ prefix: String, _ delta: DecoderConfiguration.Delta
  ) throws(InputError) -> DeltaNetwork<S> {
    let (names, d) = (names.delta, configuration.width)
    let (keys, values) = (delta.keysWidth, delta.valuesWidth)
    let inputs = try tensors.projections(
      [
        (prefix + names.query, keys), (prefix + names.key, keys), (prefix + names.value, values),
        (prefix + names.gate, values), (prefix + names.decay, delta.heads),
        (prefix + names.rate, delta.heads),
      ], from: d, hasBias: false)
    let kernels = try tensors.values(
      prefix + names.convolution + ".weight",
      shape: [2 * keys + values, 1, delta.convolutionLength])
    func convolution(_ rows: Range<Int>) -> CausalConvolution<S> {
      CausalConvolution(
        kernel: Matrix(rows: delta.convolutionLength, columns: rows.count) { tap, component in
          kernels[(rows.lowerBound + component) * delta.convolutionLength + tap]
        })
    }
    return DeltaNetwork(
      query: inputs[0], key: inputs[1], value: inputs[2], gate: inputs[3], decay: inputs[4],
      rate: inputs[5],
      output: try tensors.projection(
        prefix + names.output, d, values, hasBias: false, times: configuration.branchScale),
      convolutions: .init(
        query: convolution(0..<keys), key: convolution(keys..<2 * keys),
        value: convolution(2 * keys..<2 * keys + values)),
      activation: configuration.activation,
      decaySlope: try tensors.vector(prefix + names.decayLogarithm, count: delta.heads)
        .map { -S.exp($0) },
      decayOffset: try tensors.vector(prefix + names.decayOffset, count: delta.heads),
      norm: Normalization(
        weight: try tensors.vector(prefix + names.norm + ".weight", count: delta.valueWidth),
        epsilon: S(configuration.normEpsilon)),
      keyWidth: delta.keyWidth)
  }

  /// The attention layer; the bias of the norm before it becomes part of its own biases.
  ///
  /// - Parameters:
  ///   - prefix: What the names of the block's tensors begin with.
  ///   - variation: The block's variations.
  ///   - source: The layer whose keys and values it takes, and whose projections of them it gets; nil if it has
  ///     its own.
  ///   - beta: The bias of the norm before the layer; nil if it has none.
  /// - Returns: The layer.
  /// - Throws: The tensor that is missing, or of another shape.
  private func attention(
    _ prefix: String, _ variation: DecoderConfiguration.BlockVariation,
    taking source: Attention<S>?, adding beta: [S]?
  ) throws(InputError) -> Attention<S> {
    let (d, w, bias) = (
      configuration.width, configuration.heads(of: variation).width, configuration.attentionBias
    )
    let (queries, values) = (
      configuration.queryHeads * w, configuration.valueWidth(of: variation)
    )
    let inputs = try tensors.projections(
      configuration.attentionInputs(prefix, names, variation), from: d, hasBias: bias.isOnInputs
    ).map { $0.adding(before: beta) }
    let normWidths: (query: Int, key: Int)? =
      switch configuration.queryKeyNorm {
      case .none: nil
      case .perHead: (w, w)
      case .acrossHeads: (queries, values)
      }
    return Attention(
      query: inputs[0], key: source?.key ?? inputs[1],
      value: source?.value ?? inputs[inputs.count - 1],
      valueNorm: configuration.normalizesValues ? plainNorm(width: w) : nil,
      output: try tensors.projection(
        prefix + names.output, d, queries, hasBias: bias.isOnOutput,
        times: configuration.branchScale),
      queryNorm: try normWidths.map { widths throws(InputError) in
        try norm(prefix + names.queryNorm, width: widths.query)
      },
      keyNorm: source == nil
        ? try normWidths.map { widths throws(InputError) in
          try norm(prefix + names.keyNorm, width: widths.key)
        } : source?.keyNorm,
      gate: configuration.attentionHasGate
        ? try tensors.projection(
          prefix + names.attentionGate, queries, d, hasBias: bias.isOnInputs
        ).adding(before: beta) : nil,
      rotary: variation.rotary,
      rule: AttentionRule(
        headWidth: w, scale: S(configuration.scoreScale),
        softcap: configuration.scoreSoftcap.map { S($0) }, slidingWindow: variation.slidingWindow,
        sinkLogits: configuration.hasAttentionSinks
          ? try tensors.vector(prefix + names.sinks + ".weight", count: configuration.queryHeads)
          : nil),
      role: variation.keyValueRole)
  }

  /// What gives each block its vectors beside the stream, with the factors that its family has.
  ///
  /// - Parameters:
  ///   - body: The prefix of the decoder's tensor names.
  ///   - w: The width of a block's vector.
  /// - Returns: The matrices and the norm.
  /// - Throws: The tensor that is missing, or of another shape.
  func perLayerInputs(_ body: String, width w: Int) throws(InputError) -> PerLayerInputs<S> {
    let (names, d, all) = (names.perLayer, configuration.width, configuration.blockCount * w)
    return PerLayerInputs(
      embedding: try tensors.weight(
        body + names.embedding + ".weight", configuration.vocabularySize, all,
        times: Double(w).squareRoot()),
      projection: try tensors.weight(
        body + names.projection + ".weight", all, d, times: 1 / Double(d).squareRoot()),
      norm: try norm(body + names.norm, width: w), width: w)
  }

  /// The branch by which a block adds its vector.
  private func perLayerBranch(
    _ prefix: String, width w: Int
  ) throws(InputError) -> PerLayerBranch<S> {
    let d = configuration.width
    return PerLayerBranch(
      gate: try tensors.projection(prefix + names.perLayer.gate, w, d, hasBias: false),
      output: try tensors.projection(prefix + names.perLayer.output, d, w, hasBias: false),
      activation: configuration.activation)
  }
}

/// Reads tensors from a checkpoint and validates each once.
struct TensorLoader<S: Scalar> {
  let checkpoint: Checkpoint
  let rounding: WeightRounding?

  func weight(
    _ name: String, _ output: Int, _ input: Int, times factor: Double = 1
  ) throws(InputError) -> Weight<S> {
    Weight(
      try validated(name, shape: [output, input]), roundedTo: rounding, times: S(factor))
  }

  func vector(_ name: String, count: Int) throws(InputError) -> [S] {
    try values(name, shape: [count])
  }

  /// The elements of a small tensor, row by row.
  func values(_ name: String, shape: [Int]) throws(InputError) -> [S] {
    let tensor = try validated(name, shape: shape)
    return rounding?.values(of: tensor, rows: 0..<tensor.rowCount) ?? tensor.values(as: S.self)
  }

  func projection(
    _ name: String, _ output: Int, _ input: Int, hasBias: Bool, times factor: Double = 1
  ) throws(InputError) -> Projection<S> {
    try projections([(name, output)], from: input, hasBias: hasBias, times: factor)[0]
  }

  /// Projections of the same input, all times a factor; those with the same name are successive rows
  /// of one tensor.
  func projections(
    _ parts: [(name: String, outputs: Int)], from input: Int, hasBias: Bool,
    times factor: Double = 1
  ) throws(InputError) -> [Projection<S>] {
    var result: [Projection<S>] = []
    var rest = parts[...]
    while let name = rest.first?.name {
      let sharing = rest.prefix { $0.name == name }
      let total = sharing.reduce(0) { $0 + $1.outputs }
      let tensor = try validated(name + ".weight", shape: [total, input])
      let bias = hasBias ? try vector(name + ".bias", count: total) : nil
      var start = 0
      for part in sharing {
        let rows = start..<start + part.outputs
        result.append(
          Projection(
            weight: Weight(tensor, rows: rows, roundedTo: rounding, times: S(factor)),
            bias: bias.map { $0[rows].map { S(factor) * $0 } }))
        start = rows.upperBound
      }
      rest = rest.dropFirst(sharing.count)
    }
    return result
  }

  private func validated(_ name: String, shape: [Int]) throws(InputError) -> StoredTensor {
    let tensor = try checkpoint.tensor(named: name, shape: shape)
    defer { tensor.releasePages() }
    if let index = tensor.firstNonFiniteIndex() {
      throw InputError(
        .malformed, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "finite weights", found: "an infinite or undefined value at element \(index)",
        remedy: "download the file again, or report it to the model's makers")
    }
    if let rounding, let index = rounding.firstOverflow(in: tensor) {
      throw InputError(
        .invalid, file: checkpoint.url.path, subject: "tensor \(name)",
        expected: "weights within ±\(rounding.greatest) to round them to \(rounding.rawValue)",
        found: "a larger one at element \(index)", remedy: "use the weights as they are")
    }
    return tensor
  }
}
