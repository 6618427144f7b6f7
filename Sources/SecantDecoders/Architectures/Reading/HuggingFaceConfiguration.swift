public import SecantCheckpoints

extension DecoderConfiguration {
  /// The configuration in a checkpoint's config.json, in either spelling that exists.
  ///
  /// Reads the headers of tensors. If there is an unembedding although config.json ties it to the
  /// embedding, both are read. If they differ, the unembedding is used, as in Hugging Face's
  /// library.
  ///
  /// - Throws: The field that is missing, of another type, out of range or not understood, or that
  ///   the weights are stored in an unsupported form.
  public init(_ checkpoint: Checkpoint) throws(InputError) {
    let root = checkpoint.configuration
    let architecture = try Architecture.named(in: root)
    try architecture.refuseIgnoring(checkpoint.ignoredFields, file: root.file)
    try self.init(huggingFace: root)
    if tiesEmbeddings {
      let tensors = try NamedTensors(checkpoint, architecture)
      if let embedding = try? tensors.checkpoint.tensor(named: tensors.embedding),
        let own = try? tensors.checkpoint.tensor(named: tensors.unembedding),
        !own.hasSameElements(as: embedding)
      {
        tiesEmbeddings = false
      }
    }
    do { _ = try QuantizationScheme(root) } catch {
      guard hasPlainWeights(in: checkpoint) else { throw error }
    }
  }

  /// Whether every tensor that a decoder reads exists in plain numbers.
  func hasPlainWeights(in checkpoint: Checkpoint) -> Bool {
    guard let tensors = try? Self.namedTensors(of: checkpoint),
      let expected = try? expectedTensors(in: checkpoint),
      (try? superfluousTensors(in: checkpoint)) != nil
    else { return false }
    return expected.allSatisfy {
      (try? tensors.tensor(named: $0.name, shape: $0.shape).elementType) != nil
    }
  }

  /// The configuration at the root of a config.json, regardless of the weights.
  ///
  /// - Throws: The field that is missing, of another type, out of range or not understood.
  package init(huggingFace root: JSONField) throws(InputError) {
    let architecture = try Architecture.named(in: root)
    try architecture.refuseUnknownFields(in: root)
    try Self.refuseOtherOutputs(in: root)
    let fields = try ConfigurationFields(root, architecture)
    try self.init(huggingFace: fields, architecture)
    // In a multimodal checkpoint, the root says whether embeddings are tied.
    if architecture.textField != nil, let tied = root["tie_word_embeddings"].present {
      tiesEmbeddings = try tied.bool()
    }
  }

  /// The fields by Hugging Face's names, with the defaults of its library.
  private init(
    huggingFace fields: ConfigurationFields, _ architecture: Architecture
  ) throws(InputError) {
    let width = try fields["hidden_size"].extent()
    let heads = try fields["num_attention_heads"].extent()
    let headWidth = try fields["head_dim"].present?.extent() ?? width / heads
    let scoreDivisor =
      try fields.read("query_pre_attn_scalar")?.number(in: 1e-6...1e9) ?? Double(headWidth)
    let attentionHasBias = try fields.read("attention_bias")?.bool() ?? false
    let feedForwardHasBias =
      if let fixed = architecture.feedForwardBias { fixed } else {
        try fields.read("mlp_bias")?.bool() ?? false
      }
    let activation =
      if let fixed = architecture.activation { fixed } else {
        try Activation(
          huggingFace: fields[
            architecture.fields.contains("hidden_activation") ? "hidden_activation" : "hidden_act"])
      }
    let isParallel = try fields.read("use_parallel_residual")?.bool() ?? false
    let perLayerWidth = try fields.perLayerWidth()
    self.init(
      architecture: architecture.modelType,
      vocabularySize: try fields["vocab_size"].extent(),
      width: width,
      feedForwardWidth: try fields.feedForwardWidth(width: width),
      queryHeads: heads,
      keyValueHeads: try fields["num_key_value_heads"].present?.extent() ?? heads,
      headWidth: headWidth,
      contextLength: try fields["max_position_embeddings"].present?.extent() ?? 2048,
      normEpsilon: try fields["rms_norm_eps"].present?.number(in: 0...1) ?? 1e-6,
      normWeightOffset: architecture.normWeightOffset,
      normRemovesMean: architecture.normRemovesMean,
      normPlacement: architecture.normPlacement,
      queryKeyNorm: architecture.queryKeyNorm,
      scoreScale: try fields.factor("attention_multiplier") ?? architecture.scoreScale
        ?? 1 / scoreDivisor.squareRoot(),
      scoreSoftcap: try fields.read("attn_logit_softcapping")?.number(in: 1e-6...1e9),
      logitSoftcap: try fields.read("final_logit_softcapping")?.number(in: 1e-6...1e9),
      embeddingScale: try fields.factor("embedding_multiplier")
        ?? (architecture.scalesEmbedding ? Double(width).squareRoot() : 1),
      logitScale: try 1 / (fields.factor("logits_scaling") ?? 1),
      branchScale: try fields.factor("residual_multiplier") ?? 1,
      learnsPositions: architecture.learnsPositions,
      walk: isParallel
        ? .parallel : perLayerWidth == nil ? .sequential : .sequentialWithPerLayerInput,
      activation: activation,
      isGated: architecture.isGated,
      attentionBias: architecture.attentionBias ?? (attentionHasBias ? .all : .none),
      attentionHasGate: architecture.attentionHasGate,
      feedForwardHasBias: feedForwardHasBias,
      tiesEmbeddings: try fields["tie_word_embeddings"].present?.bool() ?? false,
      hasAttentionSinks: architecture.hasAttentionSinks,
      normalizesValues: architecture.normalizesValues,
      hasStreamFactors: architecture.hasStreamFactors,
      gateLimit: architecture.fields.contains("swiglu_limit")
        ? try fields["swiglu_limit"].number(in: 1e-6...1e9) : nil,
      perLayerWidth: perLayerWidth,
      blocks: [])
    try checkHeads(fields)
    blocks = try fields.blocks(headWidth: headWidth, feedForwardWidth: feedForwardWidth)
    try checkOwnHeads(fields)
    contextLength = blocks.first?.rotary.contextLength(trained: contextLength) ?? contextLength
    try checkSize(fields)
  }

  /// Refuses sizes for which the bytes of the weights, or of the keys of a full context, would
  /// overflow.
  private func checkSize(_ fields: ConfigurationFields) throws(InputError) {
    let widths = blocks.map {
      Double(queryHeads + self.heads(of: $0).keyValueHeads) * Double(self.heads(of: $0).width)
    }
    let heads = widths.max() ?? 0
    let hidden = blocks.reduce(0.0) { sum, block in
      let width = block.experts.map {
        Double($0.count) * Double($0.width) + Double($0.sharedWidth ?? 0)
      }
      return sum + (width ?? Double(feedForwardWidth(of: block)))
    }
    let delta = blocks.lazy.compactMap(\.delta).first.map { delta in
      2 * Double(delta.keyHeads) * Double(delta.keyWidth)
        + 3 * Double(delta.heads) * (Double(delta.valueWidth) + Double(delta.keyWidth))
    }
    let perLayer = Double(blockCount) * Double(perLayerWidth ?? 0)
    let weights =
      Double(width) * ((3 * heads + (delta ?? 0)) * Double(blockCount) + 3 * hidden)
      + perLayer * (Double(vocabularySize) + 3 * Double(width))
    let keys = heads * Double(blockCount) * Double(contextLength)
    guard max(weights, keys) < 0x1p52 else {
      throw InputError(
        .malformed, file: fields["hidden_size"].file, subject: "the model's size",
        expected: "fewer than 2^52 weights, and keys of a full context",
        found: "\(max(weights, keys))", remedy: "check that config.json is the model's own")
    }
  }

  /// The largest number of blocks: far beyond any model, and small enough to describe each block.
  static var blockLimit: Int { 1 << 14 }

  /// Refuses key heads of single blocks that do not divide the query heads.
  private func checkOwnHeads(_ fields: ConfigurationFields) throws(InputError) {
    let counts = blocks.compactMap(\.ownHeads?.keyValueHeads)
    guard let wrong = counts.first(where: { queryHeads % $0 != 0 }) else { return }
    throw fields["num_attention_heads"].mismatch(
      "a multiple of every block's key heads, \(wrong)",
      remedy: "check that config.json is the model's own")
  }

  private func checkHeads(_ fields: ConfigurationFields) throws(InputError) {
    if queryHeads % keyValueHeads != 0 {
      throw fields["num_key_value_heads"].mismatch(
        "a divisor of num_attention_heads, \(queryHeads)",
        remedy: "check that config.json is the model's own")
    }
    if headWidth < 1 {
      throw InputError(
        .malformed, file: fields["head_dim"].file, subject: "field head_dim",
        expected: "at least 1, or no more heads than hidden_size", found: "\(headWidth)",
        remedy: "check that config.json is the model's own")
    }
  }
}

extension Activation {
  /// The activation that config.json names; by default silu, as in Hugging Face's library.
  ///
  /// - Throws: That the name is unknown.
  init(huggingFace field: JSONField) throws(InputError) {
    guard let field = field.present else {
      self = .silu
      return
    }
    switch try field.string() {
    case "silu", "swish": self = .silu
    case "gelu": self = .gelu
    case "gelu_pytorch_tanh", "gelu_new": self = .geluTanh
    case "gelu_fast": self = .geluFast
    case "quick_gelu": self = .quickGELU
    case "relu": self = .relu
    default:
      throw field.mismatch(
        "silu, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, quick_gelu or relu",
        kind: .unsupported,
        remedy: "this activation is not supported")
    }
  }
}

extension JSONField {
  /// A count or width: a positive integer so small that no product of three of them overflows.
  ///
  /// - Throws: That the field is something else.
  func extent(atMost limit: Int = 1 << 24) throws(InputError) -> Int {
    let value = try int()
    guard (1...limit).contains(value) else {
      throw mismatch(
        "an integer in 1...\(limit)", remedy: "check that config.json is the model's own")
    }
    return value
  }

  /// A number in a range.
  ///
  /// - Throws: That the field is something else.
  func number(in range: ClosedRange<Double>) throws(InputError) -> Double {
    let value = try double()
    guard range.contains(value) else {
      throw mismatch(
        "a number in \(range.lowerBound)...\(range.upperBound)",
        remedy: "check that config.json is the model's own")
    }
    return value
  }
}
