import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// What is known of every token's map: singular values, how good they are, and decoded vectors.
  ///
  /// The sign of a pair (u, v), which a decomposition leaves open, is chosen so that u·y > 0: what
  /// the left vector decodes to is then what it pushes the output towards.
  ///
  /// - Parameters:
  ///   - decompositions: Those of successive tokens' maps.
  ///   - first: The token that the first of them belongs to.
  ///   - linearization: The frozen decoder.
  ///   - contributions: What each token gave to the output.
  ///   - options: How many triplets are decoded, and to how many tokens.
  /// - Returns: One description for each decomposition.
  func describe(
    _ decompositions: [TruncatedSVD<S>], from first: Int = 0, linearization: Linearization<S>,
    contributions: Contributions<S>, _ options: ExplanationOptions
  ) -> [ExplanationReport.TokenJacobian] {
    let decoded = decode(decompositions, towards: contributions.output, options)
    return decompositions.enumerated().map { index, svd in
      let token = first + index
      return .init(
        position: token, inputNorm: linearization.input.rows(token..<token + 1).norm,
        outputNorm: contributions.terms.rows(token..<token + 1).norm,
        singularValues: svd.singularValues.map(Double.init), residuals: svd.residuals,
        clusters: svd.clusters.filter { $0.count > 1 }.map {
          .init(first: $0.lowerBound, count: $0.count)
        },
        isConverged: svd.isConverged, operatorProducts: svd.products,
        frobeniusNormSquared: .init(svd.frobenius), stableRank: .init(svd.stableRank),
        triplets: decoded[index])
    }
  }

  /// The tokens nearest to the leading vectors of every token's map.
  ///
  /// Left vectors by raw product with the unembedding, right ones by cosine to the embedding. The
  /// vectors of all tokens go through each matrix together, as many at a time as keep their products
  /// with a vocabulary of V entries small.
  private func decode(
    _ decompositions: [TruncatedSVD<S>], towards output: [S], _ options: ExplanationOptions
  ) -> [[ExplanationReport.DecodedTriplet]] {
    let counts = decompositions.map { min($0.singularValues.count, options.decodedTriplets) }
    let width = output.count
    let left = Matrix.stacking(
      zip(decompositions, counts).map { $0.left.rows(0..<$1) }, columns: width)
    let right = Matrix.stacking(
      zip(decompositions, counts).map { $0.right.rows(0..<$1) }, columns: width)
    let signs = (0..<left.rows).map { k -> S in
      Kernels.dot(left.row(k).span, output.span) < 0 ? -1 : 1
    }
    let signed = { (matrix: Matrix<S>, rows: Range<Int>) -> Matrix<S> in
      var part = matrix.rows(rows)
      Kernels.scaleRows(&part.elements, width: width, by: Array(signs[rows]))
      return part
    }
    let height = max(1, productElements / decoder.configuration.vocabularySize)
    var triplets: [ExplanationReport.DecodedTriplet] = []
    for start in stride(from: 0, to: left.rows, by: height) {
      let rows = start..<min(start + height, left.rows)
      let written = decoder.unembedding.topTokens(
        for: signed(left, rows), count: options.decodedCount)
      let read = decoder.embedding.topTokens(for: signed(right, rows), count: options.decodedCount)
      triplets += zip(written, read).map { .init(left: named($0), right: named($1)) }
    }
    var start = 0
    return counts.map { count in
      defer { start += count }
      return Array(triplets[start..<start + count])
    }
  }

  /// Tokens as reports show them.
  func named(_ tokens: [ScoredToken]) -> [ExplanationReport.DecodedToken] {
    tokens.map { .init(id: $0.token, text: text(of: $0.token), score: $0.score) }
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

/// Products of vectors with a vocabulary that are held at once: 128 MiB in single precision.
private let productElements = 1 << 25
