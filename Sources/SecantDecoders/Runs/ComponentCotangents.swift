public import SecantOperators

/// One matrix for every component that writes into the stream: its outputs or their cotangents.
public struct ComponentRows<S: Scalar>: Hashable, Sendable {
  /// For the vectors that enter block 0, `[n, d]`.
  public let input: Matrix<S>
  /// For the outputs of each block's heads, before the output projection, `[n, h·w]`.
  public let heads: [Matrix<S>]
  /// For the output of each block's feed-forward layer, before it is normalized, `[n, d]`.
  ///
  /// If there is a branch of per-layer inputs, its output is beside it, `[n, 2·d]`: both are held together, so the
  /// cotangents of the layer's output do not pass through the branch.
  public let feedForward: [Matrix<S>]
  /// The width w of a head of each block.
  public let headWidths: [Int]

  /// The number of heads of each block.
  public var headCounts: [Int] { zip(heads, headWidths).map { $0.columns / $1 } }

  /// Products with the components' outputs, summed over positions: one number per component.
  ///
  /// - Parameter other: Rows of the same components at the same positions.
  /// - Returns: One product per component.
  public func products(_ other: ComponentRows) -> ComponentProducts {
    func sums(_ x: Matrix<S>, _ y: Matrix<S>, width: Int) -> [Double] {
      let products = Kernels.groupDots(x.elements, y.elements, width: width)
      let groups = x.columns / width
      return (0..<groups).map { group in
        stride(from: group, to: products.count, by: groups).reduce(0) { $0 + products[$1] }
      }
    }
    return ComponentProducts(
      tokens: Kernels.groupDots(input.elements, other.input.elements, width: input.columns),
      heads: zip(zip(heads, other.heads), headWidths).map { sums($0.0, $0.1, width: $1) },
      feedForward: zip(feedForward, other.feedForward).map { sums($0, $1, width: $0.columns)[0] })
  }

  /// These rows plus a multiple of others.
  public func adding(_ factor: S, _ other: ComponentRows) -> ComponentRows {
    combined(other) { $0 + factor * $1 }
  }

  private func combined(
    _ other: ComponentRows, _ body: (Matrix<S>, Matrix<S>) -> Matrix<S>
  ) -> ComponentRows {
    ComponentRows(
      input: body(input, other.input), heads: zip(heads, other.heads).map(body),
      feedForward: zip(feedForward, other.feedForward).map(body), headWidths: headWidths)
  }
}

/// One number for every component that writes into the stream.
public struct ComponentProducts: Hashable, Sendable {
  /// For the vector that enters block 0 at each position.
  public let tokens: [Double]
  /// For each block's heads.
  public let heads: [[Double]]
  /// For each block's feed-forward layer.
  public let feedForward: [Double]
}

extension SiteMaps {
  /// The cotangents of every component's output, from a readout.
  ///
  /// The product of a component's cotangents with its outputs is the part of the readout that
  /// passes through it (frozen maps), or the readout's derivative along its output (ordinary maps).
  /// Costs one adjoint pass.
  ///
  /// - Parameters:
  ///   - readout: What is read.
  ///   - site: `output`, or the stream after a block.
  ///   - observer: Called for each block, the last one first, with the cotangents `[n, d]` of the stream after
  ///     it.
  /// - Returns: Rows for the positions up to the last one read, and for the blocks up to the site.
  public func cotangents(
    of readout: Readout<S>, to site: Site = .output,
    observer: (_ block: Int, _ stream: Matrix<S>) -> Void = { _, _ in }
  ) -> ComponentRows<S> {
    let (depth, place) = destination(site)
    precondition(place == .residual, "components write into the stream, not into \(site)")
    let count = readout.positions.upperBound
    let strand = Strand(support: readout.positions, reach: 0..<count)
    var y = finalNormMap(at: stream(at: site))
      .applyAdjoint(Tangents(strands: [strand], rows: readout.directions))
    var (heads, feedForward): ([Matrix<S>], [Matrix<S>]) = ([], [])
    var headWidths: [Int] = []
    for n in (0...depth).reversed() {
      let block = blocks[n]
      headWidths.append(block.frozenAttention.pattern.headWidth)
      observer(n, y.placed(on: 0..<count).rows)
      var (fed, after): ([Matrix<S>], Tangents<S>?) = ([], nil)
      y = block.carryBack(y, positions: 0..<count) { step, y in
        if step == .attention {
          heads.append(
            block.frozenAttention.output.weight.applyAdjoint(y).placed(on: 0..<count).rows)
        } else if step == .perLayerPostNorm {
          // What passes through the feed-forward layer and then the branch counts once: with the branch.
          after = block.applyAdjoint(.feedForwardPostNorm, to: y, positions: 0..<count)
        } else if step == .feedForward || step == .perLayer {
          let asked = step == .feedForward ? after ?? y : y
          fed.append(asked.placed(on: 0..<count).rows)
        }
      }
      feedForward.append(fed.count == 1 ? fed[0] : .joining(fed.reversed(), rows: count))
    }
    return ComponentRows(
      input: y.placed(on: 0..<count).rows, heads: heads.reversed(),
      feedForward: feedForward.reversed(),
      headWidths: headWidths.reversed())
  }
}

extension Linearization {
  /// The output of every component in the forward pass, at the first positions.
  ///
  /// Costs the value projections and the mixing of all blocks again.
  ///
  /// - Parameter count: The number of positions.
  /// - Returns: Rows for those positions and all blocks.
  public func componentOutputs(before count: Int) -> ComponentRows<S> {
    var (heads, feedForward): ([Matrix<S>], [Matrix<S>]) = ([], [])
    var headWidths: [Int] = []
    for n in blocks.indices {
      let block = blocks[n]
      headWidths.append(block.attention.pattern.headWidth)
      let stream = Tangents(stream: blocks.stream(before: n))
      let normed = block.apply(.attentionNorm, to: stream, positions: 0..<tokens.count).rows
      let values = block.attention.values(at: normed)
      heads.append(block.attention.mixed(values).rows(0..<count))
      let fed = [block.values.feedForward, block.values.perLayer].compactMap { $0?.rows(0..<count) }
      feedForward.append(fed.count == 1 ? fed[0] : .joining(fed, rows: count))
    }
    return ComponentRows(
      input: input.rows(0..<count), heads: heads, feedForward: feedForward,
      headWidths: headWidths)
  }
}
