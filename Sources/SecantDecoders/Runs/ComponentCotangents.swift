public import SecantOperators

/// One matrix for every component that writes into the stream: what it gave, or what is asked of it.
public struct ComponentRows<S: Scalar>: Hashable, Sendable {
  /// At the vectors that enter block 0, `[n, d]`.
  public let input: Matrix<S>
  /// At the outputs of each block's heads, before the output projection, `[n, h·w]`.
  public let heads: [Matrix<S>]
  /// At the output of each block's feed-forward layer, before it is normalized, `[n, d]`.
  public let feedForward: [Matrix<S>]
  /// The width w of a head.
  public let headWidth: Int

  /// Products with what components gave, summed over positions: for every component one number.
  ///
  /// - Parameter other: Rows of the same components at the same positions.
  /// - Returns: One product for each.
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
      heads: zip(heads, other.heads).map { sums($0, $1, width: headWidth) },
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
      feedForward: zip(feedForward, other.feedForward).map(body), headWidth: headWidth)
  }
}

/// One number for every component that writes into the stream.
public struct ComponentProducts: Hashable, Sendable {
  /// Of the vector that enters block 0 at each position.
  public let tokens: [Double]
  /// Of each block's heads.
  public let heads: [[Double]]
  /// Of each block's feed-forward layer.
  public let feedForward: [Double]
}

extension SiteMaps {
  /// What a readout asks of every component: the cotangents that its maps send to their outputs.
  ///
  /// The product of a component's cotangents with its outputs is what passes through it of the readout, by the
  /// frozen maps, or the readout's derivative along it, by the ordinary ones. Costs one adjoint pass.
  ///
  /// - Parameters:
  ///   - readout: What is read.
  ///   - site: `output`, or the stream after a block.
  /// - Returns: Rows for the positions up to the last that is read, and for the blocks up to the site.
  public func cotangents(of readout: Readout<S>, to site: Site = .output) -> ComponentRows<S> {
    let (depth, place) = destination(site)
    precondition(place == .residual, "components write into the stream, not into \(site)")
    let count = readout.positions.upperBound
    let strand = Strand(support: readout.positions, window: 0..<count)
    var y = finalNormMap(at: stream(at: site))
      .applyAdjoint(Tangents(strands: [strand], rows: readout.directions))
    var (heads, feedForward): ([Matrix<S>], [Matrix<S>]) = ([], [])
    for n in (0...depth).reversed() {
      let block = blocks[n]
      y = BlockWalk.backward(y) { step, y in
        if step == .attention {
          heads.append(
            block.frozenAttention.output.weight.applyAdjoint(y).placed(on: 0..<count).rows)
        } else if step == .feedForward {
          feedForward.append(y.placed(on: 0..<count).rows)
        }
        return block.applyAdjoint(step, to: y, reading: 0..<count)
      } add: {
        $0 + $1
      }
    }
    return ComponentRows(
      input: y.placed(on: 0..<count).rows, heads: heads.reversed(),
      feedForward: feedForward.reversed(),
      headWidth: blocks[0].frozenAttention.pattern.headWidth)
  }
}

extension Linearization {
  /// What every component gave in the forward pass, at the positions before one.
  ///
  /// Costs the value projections and the mixing of all blocks once more.
  ///
  /// - Parameter count: The number of positions.
  /// - Returns: Rows for those positions and all blocks.
  public func componentOutputs(before count: Int) -> ComponentRows<S> {
    var (heads, feedForward): ([Matrix<S>], [Matrix<S>]) = ([], [])
    for n in blocks.indices {
      let block = blocks[n]
      let stream = Tangents(stream: blocks.stream(before: n))
      let normed = block.apply(.attentionNorm, to: stream, reading: 0..<tokens.count).rows
      let values = block.attention.value.forward(normed)
      heads.append(block.attention.mixed(values).rows(0..<count))
      feedForward.append(block.values.feedForward.rows(0..<count))
    }
    return ComponentRows(
      input: input.rows(0..<count), heads: heads, feedForward: feedForward,
      headWidth: blocks[0].attention.pattern.headWidth)
  }
}
