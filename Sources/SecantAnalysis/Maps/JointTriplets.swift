import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// The leading triplets of the joint map, decoded, with signs such that u·y > 0.
  func describe(
    _ svd: TruncatedSVD<S>, towards output: [S], _ options: ExplanationOptions
  ) -> MapsReport.JointMap {
    let count = min(svd.singularValues.count, options.decodedTriplets)
    let length = Matrix(row: output).norm
    let along = (0..<count).map { Kernels.dot(svd.left.row($0).span, output.span) }
    let written = signed(svd.left.rows(0..<count), along)
    let words = decoder.unembedding.topTokens(for: written, count: options.decodedCount)
    let read = signed(svd.right.rows(0..<count), along)
    let triplets = (0..<count).map { k in
      let (weights, right) = decodedParts(read.row(k), options)
      return MapsReport.Triplet(
        left: named(words[k]), outputCosine: length == 0 ? 0 : abs(along[k]) / length,
        weights: weights, right: right)
    }
    return .init(
      singularValues: svd.singularValues.map(Double.init), residuals: svd.residuals,
      clusters: svd.clusters.filter { $0.count > 1 }.map {
        .init(first: $0.lowerBound, count: $0.count)
      }, isConverged: svd.isConverged, stableRank: .init(svd.stableRank), triplets: triplets)
  }

  private func signed(_ vectors: Matrix<S>, _ products: [Double]) -> Matrix<S> {
    var result = vectors
    Kernels.scaleRows(
      &result.elements, width: vectors.columns, by: products.map { $0 < 0 ? -1 : 1 })
    return result
  }

  /// The squared norms of a right vector's `[n·d]` parts at each token, and the tokens that the
  /// largest parts read.
  private func decodedParts(
    _ vector: [S], _ options: ExplanationOptions
  ) -> (weights: [Double], right: [MapsReport.PositionTokens]) {
    let width = decoder.configuration.width
    let parts = Matrix(rows: vector.count / width, columns: width, elements: vector)
    let weights = (0..<parts.rows).map { Kernels.squaredNorm(parts.row($0).span) }
    let heaviest = weights.indices
      .sorted { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
      .prefix(MapsWork.decodedParts)
    let words = decoder.embedding.topTokens(
      for: Matrix(rows: heaviest.map { parts.row($0) }), count: options.decodedCount)
    return (weights, zip(heaviest, words).map { .init(position: $0, tokens: named($1)) })
  }
}
