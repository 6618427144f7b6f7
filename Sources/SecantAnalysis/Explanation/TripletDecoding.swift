public import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What is known of every token's map: singular values, how good they are, and decoded vectors.
  ///
  /// The sign of a pair (u, v), which a decomposition leaves open, is chosen so that u·y > 0: what
  /// the left vector decodes to is then what it pushes the output towards.
  ///
  /// - Parameters:
  ///   - decompositions: Those of some tokens' maps.
  ///   - tokens: The tokens, ascending.
  ///   - attribution: The frozen decoder and its output.
  ///   - options: How many triplets are decoded, and to how many tokens.
  /// - Returns: One description for each decomposition.
  func describe(
    _ decompositions: [TruncatedSVD<S>], of tokens: [Int], attribution: Attribution<S>,
    _ options: ExplanationOptions
  ) -> [ExplanationReport.TokenJacobian] {
    if tokens.isEmpty { return [] }
    let decoded = decode(decompositions, towards: attribution.output, options)
    let terms = attribution.terms(of: tokens)
    return tokens.indices.map { index in
      .init(
        decompositions[index], position: tokens[index],
        inputNorm: attribution.linearization.input.rows(tokens[index]..<tokens[index] + 1).norm,
        outputNorm: terms.rows(index..<index + 1).norm, triplets: decoded[index])
    }
  }

  /// The tokens nearest to the leading vectors of every token's map.
  private func decode(
    _ decompositions: [TruncatedSVD<S>], towards output: [S], _ options: ExplanationOptions
  ) -> [[ExplanationReport.DecodedTriplet]] {
    let width = output.count
    let signed = decompositions.map { $0.signed(towards: output) }
    let counts = decompositions.map { min($0.singularValues.count, options.decodedTriplets) }
    let written = written(
      by: .stacking(zip(signed, counts).map { $0.left.rows(0..<$1) }, columns: width),
      count: options.decodedCount, memory: options.memory)
    let read = read(
      by: .stacking(zip(signed, counts).map { $0.right.rows(0..<$1) }, columns: width),
      count: options.decodedCount, memory: options.memory)
    var start = 0
    return counts.map { count in
      defer { start += count }
      return (start..<start + count).map { .init(left: written[$0], right: read[$0]) }
    }
  }

  /// The tokens nearest to left vectors `[k, d]`, by raw product with the unembedding.
  func written(
    by vectors: Matrix<S>, count: Int, memory: Int
  ) -> [[ExplanationReport.DecodedToken]] {
    inParts(vectors, memory: memory) {
      decoder.unembedding.topTokens(for: $0, count: count).map(named)
    }
  }

  /// The tokens nearest to right vectors `[k, d]`, by cosine to the embedding.
  func read(
    by vectors: Matrix<S>, count: Int, memory: Int
  ) -> [[ExplanationReport.DecodedToken]] {
    inParts(vectors, memory: memory) {
      decoder.embedding.topTokens(for: $0, count: count).map(named)
    }
  }

  /// As many vectors at a time as keep their products with a vocabulary of V entries small: within half of
  /// the memory, however large that is.
  func inParts<Result>(
    _ vectors: Matrix<S>, memory: Int, read: (Matrix<S>) -> [Result]
  ) -> [Result] {
    let elements = min(productElements, memory / (2 * MemoryLayout<S>.stride))
    let height = max(1, elements / decoder.configuration.vocabularySize)
    return stride(from: 0, to: vectors.rows, by: height).flatMap { start in
      read(vectors.rows(start..<min(start + height, vectors.rows)))
    }
  }

  /// The tokens whose raw product with a vector `[d]` is largest, with their texts, in descending order.
  public func topTokens(for vector: [S], count: Int) -> [ExplanationReport.DecodedToken] {
    named(decoder.unembedding.topTokens(for: vector, count: count))
  }

  /// Tokens with their texts.
  public func named(_ tokens: [ScoredToken]) -> [ExplanationReport.DecodedToken] {
    tokens.map { .init(id: $0.token, text: text(of: $0.token), score: $0.score) }
  }
}

extension ExplanationReport.TokenJacobian {
  /// What a decomposition says of a token's map, with its vectors decoded.
  init<S: Scalar>(
    _ svd: TruncatedSVD<S>, position: Int, inputNorm: Double, outputNorm: Double,
    triplets: [ExplanationReport.DecodedTriplet]
  ) {
    self.init(
      position: position, inputNorm: inputNorm, outputNorm: outputNorm,
      singularValues: svd.singularValues.map(Double.init), residuals: svd.residuals,
      confidence: svd.confidence, clusters: svd.reportedClusters, isConverged: svd.isConverged,
      operatorProducts: svd.products, frobeniusNormSquared: .init(svd.frobenius),
      stableRank: .init(svd.stableRank), triplets: triplets)
  }
}

extension TruncatedSVD {
  /// The clusters of more than one triplet.
  var reportedClusters: [ExplanationReport.Cluster] {
    clusters.filter { $0.count > 1 }.map { .init(first: $0.lowerBound, count: $0.count) }
  }

  /// The vectors of each pair with the sign for which u·y is not negative.
  func signed(towards output: [S]) -> (left: Matrix<S>, right: Matrix<S>) {
    var (left, right) = (self.left, self.right)
    let signs = (0..<left.rows).map { k -> S in
      Kernels.dot(self.left.row(k).span, output.span) < 0 ? -1 : 1
    }
    Kernels.scaleRows(&left.elements, width: left.columns, by: signs)
    Kernels.scaleRows(&right.elements, width: right.columns, by: signs)
    return (left, right)
  }
}

extension ExplanationReport.Estimate {
  /// What is known of a norm or a rank: 0 for the zero map, which has none.
  init(_ estimate: FrobeniusEstimate?) {
    self.init(
      value: estimate?.value ?? 0,
      standardError: estimate.map { $0.standardError ?? .infinity } ?? 0)
  }
}

/// Products of vectors with a vocabulary that are held at once at most: 128 MiB in single precision.
private let productElements = 1 << 25
