public import SecantCheckpoints
public import SecantOperators

/// A transformer decoder: configuration and weights, immutable.
public struct Decoder<S: Scalar>: Sendable {
  /// The decoder's configuration: all that distinguishes it from other decoders except the weights.
  public let configuration: DecoderConfiguration
  /// Token ids to the vectors that enter block 0.
  public let embedding: TokenEmbedding<S>
  /// What gives every block its per-layer inputs; nil if it has none.
  public let perLayer: PerLayerInputs<S>?
  /// The blocks.
  public let blocks: [Block<S>]
  /// The normalization after the last block.
  public let finalNorm: Normalization<S>
  /// Output to logits.
  public let unembedding: Unembedding<S>

  /// A decoder from its parts.
  package init(
    configuration: DecoderConfiguration, embedding: TokenEmbedding<S>,
    perLayer: PerLayerInputs<S>? = nil, blocks: [Block<S>], finalNorm: Normalization<S>,
    unembedding: Unembedding<S>
  ) {
    self.configuration = configuration
    self.embedding = embedding
    self.perLayer = perLayer
    self.blocks = blocks
    self.finalNorm = finalNorm
    self.unembedding = unembedding
  }

  /// The output y `[n, d]` at the positions after those in the cache, before the unembedding.
  ///
  /// If the rotation of the cached positions depends on the stream's length, and the new length
  /// changes it, the whole stream is computed anew, at its full cost.
  ///
  /// - Parameters:
  ///   - tokens: The ids after those in the cache.
  ///   - cache: The earlier positions, to which the new ones are added.
  ///   - intervention: A change of the stream after a block; it must be the same in every call with
  ///     one cache.
  /// - Returns: One row for each of the tokens.
  /// - Throws: That a token id is out of range, or that the context would be exceeded.
  public func forward(
    _ tokens: [Int], cache: inout KeyValueCache<S>, intervention: Intervention<S>? = nil
  ) throws(InputError) -> Matrix<S> {
    let count = cache.count
    try validate(tokens, after: count)
    precondition(intervention.map { blocks.indices.contains($0.block) } ?? true, "no such block")
    if count > 0, !rotationsAgree(atLength: count, andLength: count + tokens.count) {
      let all = cache.tokens + tokens
      cache = KeyValueCache(configuration)
      return try forward(all, cache: &cache, intervention: intervention).rows(count..<all.count)
    }
    cache.tokens += tokens
    var stream = embedding.vectors(of: tokens, from: count)
    let perLayer = perLayerVectors(of: tokens, entering: stream)
    for (n, block) in blocks.enumerated() {
      stream = block.forward(
        stream, cache: &cache.layers[block.attention.source ?? n],
        beside: BesideStream(block, number: n, [:], perLayer))
      if let intervention, intervention.block == n {
        stream = intervention.transform(stream, embedding.vectors(of: cache.tokens))
      }
    }
    return finalNorm.forward(stream)
  }

  private func rotationsAgree(atLength a: Int, andLength b: Int) -> Bool {
    Set(configuration.blocks.map(\.rotary)).allSatisfy { $0.isSame(atLength: a, andLength: b) }
  }

  /// The tokens that decoding appends to a prompt, one at a time; by default the most likely ones.
  ///
  /// Calls `next` after each token. Generation ends if `next` returns false, or with an end-of-text
  /// token.
  ///
  /// - Parameters:
  ///   - prompt: The prompt's ids, at least one.
  ///   - count: The largest number of tokens to append.
  ///   - endOfText: The ids that end a text; they are not returned.
  ///   - sampling: How a token is chosen.
  ///   - intervention: A change of the stream after a block, at the prompt's positions and the new
  ///     ones.
  ///   - next: Called with each token.
  /// - Returns: The tokens that were appended.
  /// - Throws: That the prompt is empty, an id out of range, or the context exceeded.
  public func generate(
    after prompt: [Int], count: Int, endOfText: Set<Int> = [], sampling: Sampling = .greedy,
    intervention: Intervention<S>? = nil, next: (Int) -> Bool = { _ in true }
  ) throws(InputError) -> [Int] {
    var cache = KeyValueCache<S>(configuration)
    var sampler = TokenSampler(sampling)
    var output = try forward(prompt, cache: &cache, intervention: intervention)
    var generated: [Int] = []
    while generated.count < count {
      guard
        let token = sampler.next(after: output.row(output.rows - 1), unembedding)
      else {
        throw InputError(
          .invalid, subject: "the forward pass in \(S.precisionName)", expected: "finite logits",
          found: "none",
          remedy: S.self == Float.self ? "use the precision f64" : "check the weights")
      }
      if endOfText.contains(token) { break }
      generated.append(token)
      if !next(token) || generated.count == count { break }
      output = try forward([token], cache: &cache, intervention: intervention)
    }
    return generated
  }

  /// Checks token ids without computing anything.
  ///
  /// - Parameters:
  ///   - tokens: The ids, at least one.
  ///   - count: The number of positions that come before them.
  /// - Throws: That there is no token, that an id is out of range, or that the context is exceeded.
  package func validate(_ tokens: [Int], after count: Int = 0) throws(InputError) {
    if tokens.isEmpty {
      throw InputError(
        .invalid, subject: "the prompt", expected: "at least one token", found: "none",
        remedy: "give a prompt that is not empty")
    }
    if let wrong = tokens.first(where: { !(0..<configuration.vocabularySize).contains($0) }) {
      throw InputError(
        .invalid, subject: "token id \(wrong)",
        expected: "an id in 0..<\(configuration.vocabularySize)", found: "\(wrong)",
        remedy: "use the tokenizer that belongs to this model")
    }
    if count + tokens.count > configuration.contextLength {
      let reason =
        configuration.learnsPositions
        ? "one for each position that has a learned vector" : "the model's context"
      throw InputError(
        .invalid, subject: "the prompt",
        expected: "at most \(configuration.contextLength) tokens, \(reason)",
        found: "\(count + tokens.count)", remedy: "shorten the prompt")
    }
  }
}
