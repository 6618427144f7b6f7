import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// What is known of the maps to all sites, with their vectors decoded.
  ///
  /// The vectors of all sites go through each vocabulary matrix together. `target` `[d]` is the direction whose
  /// product with each site's value is followed.
  func describe(
    _ levels: [LayerLevel<S>], linearization: Linearization<S>, target: [S],
    _ options: LayersOptions
  ) -> [LayersReport.LayerMap] {
    let width = decoder.configuration.width
    let signed = levels.map { level in
      level.tokens.map { $0.signed(towards: level.contributions.output) }
    }
    let joint = levels.map { $0.joint.signed(towards: $0.contributions.output) }
    let left = signed.map { Matrix.stacking($0.map(\.left), columns: width) }
    let right = signed.map { Matrix.stacking($0.map(\.right), columns: width) }
    let outputs = Matrix(rows: levels.map(\.contributions.output))
    let lists = written(
      by: .stacking(left + joint.map(\.left) + [outputs], columns: width),
      count: options.decodedCount, memory: options.memory)
    let reads = read(
      by: .stacking(right, columns: width), count: options.decodedCount, memory: options.memory)
    var next = (written: 0, read: 0, joint: left.reduce(0) { $0 + $1.rows })
    let firstOutput = next.joint + joint.reduce(0) { $0 + $1.left.rows }

    // The order of reports: extents, sites, blocks.
    let described = levels.indices.map { index -> LayersReport.LayerMap in
      let level = levels[index]
      let last = levels.lastIndex { $0.extent == level.extent && $0.place == level.place } ?? index
      let tokens = level.tokens.enumerated().map { token, svd in
        let triplets = svd.singularValues.indices.map { _ in
          defer { next = (next.written + 1, next.read + 1, next.joint) }
          return ExplanationReport.DecodedTriplet(
            left: lists[next.written], right: reads[next.read])
        }
        return ExplanationReport.TokenJacobian(
          svd, position: token, inputNorm: level.input.rows(token..<token + 1).norm,
          outputNorm: level.contributions.terms.rows(token..<token + 1).norm, triplets: triplets)
      }
      let weights = joint[index].right
      let triplets = (0..<weights.rows).map { k in
        defer { next.joint += 1 }
        let parts = Matrix(
          rows: weights.columns / width, columns: width, elements: weights.row(k))
        return LayersReport.JointMap.Triplet(
          left: lists[next.joint],
          weights: (0..<parts.rows).map { parts.rows($0..<$0 + 1).squaredNorm })
      }
      return LayersReport.LayerMap(
        block: level.block, site: level.place.reported, extent: level.extent,
        reconstruction: level.contributions.reconstruction, output: lists[firstOutput + index],
        targetLogit: Kernels.dot(target.span, level.contributions.output.span),
        tokens: tokens,
        tokenOverlaps: signed[index].indices.map {
          .init(cosines: signed[index][$0].left.cosines(with: signed[last][$0].left))
        },
        joint: .init(level.joint, triplets: triplets),
        jointOverlap: .init(
          cosines: joint[index].left.cosines(with: joint[last].left),
          rightCosines: joint[index].right.cosines(with: joint[last].right)))
    }
    return LayersReport.Extent.allCases.flatMap { extent in
      LayersReport.Site.allCases.flatMap { site in
        described.filter { $0.extent == extent && $0.site == site }
      }
    }
  }
}

extension Matrix {
  /// The sum of the squares of all elements.
  fileprivate var squaredNorm: Double { norm * norm }

  /// The products of rows of unit length with those of another matrix.
  fileprivate func cosines(with others: Matrix) -> [[Double]] {
    let products = timesTranspose(of: others)
    return (0..<products.rows).map { products.row($0).map(Double.init) }
  }
}

extension LayersReport.JointMap {
  fileprivate init<S: Scalar>(_ svd: TruncatedSVD<S>, triplets: [Triplet]) {
    self.init(
      singularValues: svd.singularValues.map(Double.init), residuals: svd.residuals,
      clusters: svd.reportedClusters, isConverged: svd.isConverged,
      frobeniusNormSquared: .init(svd.frobenius), stableRank: .init(svd.stableRank),
      triplets: triplets)
  }
}
