import Foundation
import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// What is known of the maps to all sites, with their vectors decoded.
  ///
  /// The vectors of all sites go through each vocabulary matrix together.
  func describe(
    _ levels: [LayerLevel<S>], target: ResolvedTarget, _ options: LayersOptions
  ) -> [LayersReport.LayerMap] {
    let width = decoder.configuration.width
    let signed = levels.map { level in
      level.tokens.map { $0.triplets.signed(towards: level.output) }
    }
    let joint = levels.map { level in level.joint?.signed(towards: level.output) }
    let left = signed.map { Matrix.stacking($0.map(\.left), columns: width) }
    let right = signed.map { Matrix.stacking($0.map(\.right), columns: width) }
    let outputs = Matrix(rows: levels.map(\.output))
    let lists = written(
      by: .stacking(left + joint.compactMap { $0?.left } + [outputs], columns: width),
      count: options.decodedCount, memory: options.memory)
    let reads = read(
      by: .stacking(right, columns: width), count: options.decodedCount, memory: options.memory)
    let lenses = lenses(of: outputs, target: target, memory: options.memory)
    var next = (written: 0, read: 0, joint: left.reduce(0) { $0 + $1.rows })
    let firstOutput = next.joint + joint.reduce(0) { $0 + ($1?.left.rows ?? 0) }

    // The order of reports: extents, sites, blocks.
    let described = levels.indices.map { index -> LayersReport.LayerMap in
      let level = levels[index]
      let last = levels.lastIndex { $0.extent == level.extent && $0.place == level.place } ?? index
      let tokens = level.tokens.map { found in
        let triplets = found.triplets.singularValues.indices.map { _ in
          defer { next = (next.written + 1, next.read + 1, next.joint) }
          return ExplanationReport.DecodedTriplet(
            left: lists[next.written], right: reads[next.read])
        }
        return ExplanationReport.TokenJacobian(
          found.triplets, position: found.token,
          inputNorm: level.input.rows(found.token..<found.token + 1).norm,
          outputNorm: found.given, triplets: triplets)
      }
      var together: LayersReport.JointMap?
      var overlap: LayersReport.Overlap?
      if let svd = level.joint, let vectors = joint[index], let lasts = joint[last] {
        let weights = vectors.right
        let triplets = (0..<weights.rows).map { k in
          defer { next.joint += 1 }
          let parts = Matrix(
            rows: weights.columns / width, columns: width, elements: weights.row(k))
          return LayersReport.JointMap.Triplet(
            left: lists[next.joint],
            weights: (0..<parts.rows).map { parts.rows($0..<$0 + 1).squaredNorm })
        }
        together = .init(svd, triplets: triplets)
        overlap = .init(
          cosines: vectors.left.cosines(with: lasts.left),
          rightCosines: weights.cosines(with: lasts.right))
      }
      return LayersReport.LayerMap(
        block: level.block, site: level.place.reported, extent: level.extent,
        reconstruction: level.reconstruction, output: lists[firstOutput + index],
        lens: lenses[index], tokens: tokens,
        tokenOverlaps: signed[index].indices.map {
          .init(cosines: signed[index][$0].left.cosines(with: signed[last][$0].left))
        }, joint: together, jointOverlap: overlap)
    }
    return LayersReport.Extent.allCases.flatMap { extent in
      LayersReport.Site.allCases.flatMap { site in
        described.filter { $0.extent == extent && $0.site == site }
      }
    }
  }
}

extension Model {
  /// What each of some outputs `[m, d]` predicts, as the unembedding reads it.
  ///
  /// - Parameters:
  ///   - outputs: What the final norm made of some sites.
  ///   - target: The token that is followed.
  ///   - memory: Bytes that the work may take.
  /// - Returns: One lens for each output.
  private func lenses(
    of outputs: Matrix<S>, target: ResolvedTarget, memory: Int
  ) -> [LayersReport.Lens] {
    inParts(outputs, memory: memory) { part in
      let products = decoder.unembedding.products(part)
      let bounded = decoder.unembedding.bounded(products)
      return (0..<part.rows).map { row in
        .init(
          bounded: bounded.row(row), tokens: target.tokens,
          logit: target.value(among: products.row(row), output: part.row(row)))
      }
    }
  }
}

extension Model {
  /// The target's probability after every block at every position up to one.
  ///
  /// - Parameters:
  ///   - linearization: The streams.
  ///   - target: The token that is followed.
  ///   - position: The last position.
  ///   - memory: Bytes that the work may take.
  /// - Returns: One row for each block.
  func grid(
    of linearization: Linearization<S>, target: ResolvedTarget, upTo position: Int, memory: Int
  ) -> LayersReport.Grid {
    LayersReport.Grid(
      probabilities: decoder.blocks.indices.map { block in
        let stream = linearization.stream(after: block).rows(0..<position + 1)
        return lenses(
          of: decoder.finalNorm.forward(stream), target: target, memory: memory
        ).map(\.probability)
      })
  }
}

extension LayersReport.Lens {
  /// What logits `[V]` say, of all tokens and of the likeliest of some; of the likeliest of all where these are none.
  fileprivate init<S: Scalar>(bounded logits: [S], tokens: [Int], logit: Double) {
    let own = (tokens.isEmpty ? logits : tokens.map { logits[$0] }).reduce(-S.infinity, max)
    let (peak, total, weighted) = Kernels.softmaxSums(logits)
    self.init(
      logit: logit, probability: exp(Double(own) - Double(peak)) / total,
      rank: 1 + Kernels.count(above: own, in: logits),
      entropy: max(0, log(total) - weighted / total) / log(2))
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
