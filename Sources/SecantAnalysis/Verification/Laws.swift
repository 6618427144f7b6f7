import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// A measured value, and the largest value that rounding can explain.
struct Measurement: Sendable {
  let value: Double
  let bound: Double
}

/// The laws of a frozen decoder, measured at one prompt in one precision.
///
/// Every measure is relative, so that only the unit roundoff ε of the precision bounds it. A chain
/// of a few hundred independent roundings is expected to give ten to twenty ε. Each bound is larger
/// than that, and far smaller than the effect of any wrong term.
struct Laws<S: Scalar>: Sendable {
  /// The decoder.
  let decoder: Decoder<S>
  /// The decoder frozen at the prompt.
  let linearization: Linearization<S>
  /// The generator of random directions.
  let seed: UInt64

  /// The laws of a decoder frozen at a prompt.
  ///
  /// - Throws: What in the prompt cannot be satisfied.
  init(
    _ decoder: Decoder<S>, at tokens: [Int], rule: GateRule = .up, seed: UInt64
  ) throws(InputError) {
    self.decoder = decoder
    linearization = try decoder.linearize(at: tokens, gate: rule)
    self.seed = seed
  }

  private var position: Int { linearization.tokens.count - 1 }
  private var width: Int { decoder.configuration.width }

  /// The tokens whose own maps are checked: the first, the middle and the last one.
  var trialTokens: [Int] { Array(Set([0, position / 2, position])).sorted() }

  /// A multiple of the unit roundoff, for measures that consist only of rounding.
  private func roundings(_ count: Double) -> Double { count * Double(S.ulpOfOne) }

  // MARK: - The output

  /// ‖F(x) − y‖ / ‖y‖: the forward pass with a cache, token by token, against the frozen one.
  func forwardPass() throws(InputError) -> Measurement {
    var cache = KeyValueCache<S>(decoder.configuration)
    var last: [S] = []
    for token in linearization.tokens {
      last = try decoder.forward([token], cache: &cache).elements
    }
    let output = linearization.output()
    return Measurement(value: distance(last, output) / length(output), bound: roundings(200))
  }

  /// ‖Σ J_i x_i + b − y‖ / ‖y‖.
  ///
  /// The bound grows if the terms are longer than their sum, because each is rounded separately.
  func reconstruction(_ contributions: Contributions<S>) -> Measurement {
    Measurement(
      value: norm(contributions.error) / length(contributions.output),
      bound: roundingOfSum(contributions))
  }

  /// |Σ shares − logit| / (‖w‖ ‖y‖) for the likeliest token, with its logit before any softcap.
  func shares(_ contributions: Contributions<S>) -> Measurement {
    let (direction, logit) = likeliest(contributions)
    let (tokens, bias) = contributions.shares(of: direction)
    let difference = tokens.reduce(0, +) + bias - logit
    return Measurement(
      value: abs(difference) / (length(direction) * length(contributions.output)),
      bound: roundingOfSum(contributions))
  }

  /// |Σ shares by component − logit| / (‖w‖ ‖y‖) for the likeliest token: the direct path, every attention and
  /// feed-forward layer and the biases, of every token.
  ///
  /// Each component is rounded separately, so the bound also grows if components are larger than
  /// their sum.
  func componentShares(
    _ contributions: Contributions<S>, _ sweeps: [[Int]]
  ) -> Measurement {
    let (direction, logit) = likeliest(contributions)
    let ledger = linearization.ledger(of: Readout(direction, at: position))
    let written =
      [ledger.direct]
      + ledger.blocks.flatMap {
        [$0.attention.written, $0.feedForward.written, $0.bias.written]
      }
    var bySource = linearization.biasShares(of: direction, position: position)
    for tokens in sweeps {
      bySource.append(
        linearization.componentShares(of: direction, position: position, tokens: tokens))
    }
    let sources =
      bySource.direct + bySource.blocks.flatMap { $0.attention + $0.feedForward + $0.bias }
    let scale = length(direction) * length(contributions.output)
    let errors = [written, sources, ledger.tokens + [ledger.bias]].map {
      abs($0.reduce(0, +) - logit) / scale
    }
    let growth = [written, sources].map { $0.reduce(0) { $0 + abs($1) } / scale }
    return Measurement(
      value: largest(errors), bound: roundingOfSum(contributions) * max(1, largest(growth)))
  }

  /// The likeliest token's row of the unembedding, and its logit before any softcap.
  private func likeliest(_ contributions: Contributions<S>) -> (direction: [S], logit: Double) {
    let logits = decoder.unembedding.products(Matrix(row: contributions.output)).elements
    let peak = logits.indices.reduce(0) { logits[$1] > logits[$0] ? $1 : $0 }
    return (decoder.unembedding.direction(of: peak), Double(logits[peak]))
  }

  /// The contribution of each token to the output at the last position.
  func contributions(_ sweeps: [[Int]]) -> Contributions<S> {
    Contributions(linearization, to: .output, position: position, sweeps: sweeps)
  }

  /// The rounding error of terms with a few hundred roundings each, relative to their sum.
  private func roundingOfSum(_ contributions: Contributions<S>) -> Double {
    let terms = (0..<contributions.terms.rows).reduce(length(contributions.offset)) {
      $0 + contributions.terms.rows($1..<$1 + 1).norm
    }
    let growth = max(1, terms / length(contributions.output))
    return roundings(S.self == Float.self ? 25 : 450) * growth
  }

  // MARK: - The maps

  /// |⟨u, J v⟩ − ⟨Jᵀ u, v⟩| over the mean of ‖u‖ ‖J v‖ and ‖Jᵀ u‖ ‖v‖: the largest over the trials.
  func dotTest() -> Measurement { dotTest(linearization) }

  /// The same for the ordinary Jacobians.
  ///
  /// - Throws: Nothing, because the prompt was accepted before.
  func ordinaryDotTest() throws(InputError) -> Measurement {
    dotTest(try decoder.differentiate(at: linearization.tokens))
  }

  private func dotTest(_ maps: some SiteMaps<S>) -> Measurement {
    var generator = SplitMix64(seed: seed)
    let values = trialTokens.map { token -> Double in
      let jacobian = maps.jacobian(from: .input(token: token), to: .output)
      let (u, v) = (random(rows: 1, &generator), random(rows: 1, &generator))
      let (forward, back) = (jacobian.apply(v), jacobian.applyAdjoint(u))
      let difference =
        Kernels.dot(u.elements.span, forward.elements.span)
        - Kernels.dot(back.elements.span, v.elements.span)
      return abs(difference) / max(leastScale, (u.norm * forward.norm + back.norm * v.norm) / 2)
    }
    return Measurement(value: largest(values), bound: roundings(200))
  }

  /// ‖A(x + h + k) − A(x + h) − A(x + k) + A x‖ over the largest of the four terms, for random
  /// streams.
  ///
  /// The second difference of a linear map is zero everywhere; that of the decoder is not.
  func secondDifference() -> Measurement {
    var generator = SplitMix64(seed: seed)
    let map = linearization.map(to: .output, position: position)
    let streams = (0..<3).map { _ in random(rows: position + 1, &generator) }
    let image = { (stream: Matrix<S>) in map.apply(Tangents(stream: stream)).rows }
    let (x, h, k) = (streams[0], streams[1], streams[2])
    let images = [image(x + h + k), image(x + h), image(x + k), image(x)]
    let difference = images[0] - images[1] - images[2] + images[3]
    return Measurement(
      value: difference.norm / max(leastScale, largest(images.map(\.norm))), bound: roundings(200))
  }

  /// ‖J v alone − J v among others‖ / ‖J v‖: the frozen map does not depend on its argument.
  func independence() -> Measurement {
    var generator = SplitMix64(seed: seed)
    let values = trialTokens.map { token -> Double in
      let jacobian = linearization.jacobian(from: .input(token: token), to: .output)
      let v = random(rows: 1, &generator)
      let others = random(rows: 6, &generator)
      let batch = Matrix.stacking(
        [1024 * others.rows(0..<3), v, others.rows(3..<6)], columns: width)
      let alone = jacobian.apply(v)
      return (jacobian.apply(batch).rows(3..<4) - alone).norm / max(leastScale, alone.norm)
    }
    return Measurement(value: largest(values), bound: roundings(200))
  }

  /// ‖blocks in turn − whole‖ / ‖whole‖ for a random stream.
  ///
  /// The blocks are divided into the maps of norms, attention and feed-forward layers, at all
  /// positions.
  func composition() -> Measurement {
    var generator = SplitMix64(seed: seed)
    let stream = random(rows: position + 1, &generator)
    var inTurn = Tangents(stream: stream)
    let all = 0..<position + 1
    for block in linearization.blocks {
      let entering = inTurn
      for branch: [BlockStep] in [
        [.attentionNorm, .attention, .attentionPostNorm],
        [.feedForwardNorm, .feedForward, .feedForwardPostNorm],
        [.perLayer, .perLayerPostNorm],
      ] where branch[0] != .perLayer || block.perLayer != nil {
        let read = block.walk == .parallel ? entering : inTurn
        inTurn =
          inTurn + branch.reduce(read) { block.apply($1, to: $0, positions: all) }
      }
      inTurn = block.apply(.streamFactor, to: inTurn, positions: all)
    }
    let last = linearization.value(at: .block(linearization.blocks.count - 1, .residual))
    let scale = linearization.finalNorm.frozen(at: last)
    let parts = scale.apply(inTurn).rows.rows(position..<position + 1)
    let whole = linearization.map(to: .output, position: position)
      .apply(Tangents(stream: stream)).rows
    return Measurement(
      value: (parts - whole).norm / max(leastScale, whole.norm), bound: roundings(200))
  }

  /// ‖s (before + attention + feed-forward) − after‖ over the longest of them, for the values and the
  /// maps of the first, middle and last block; s is the number by which few families multiply the stream.
  ///
  /// A site is read through the final norm at its own scale, `w ⊙ x / rms`. So the four maps are
  /// compared after multiplication by each site's rms and, for the output of a layer, by the frozen
  /// post-norm if there is one. If the norm removes the mean, so do all four.
  func branches() -> Measurement {
    var generator = SplitMix64(seed: seed)
    let none = Matrix<S>.zero(rows: 0, columns: width)
    let vectors = (0...position).map {
      trialTokens.contains($0) ? random(rows: 1, &generator) : none
    }
    let last = linearization.blocks.count - 1
    let errors = Set([0, last / 2, last]).sorted().flatMap { n -> [Double] in
      let frozen = linearization.blocks[n]
      let block = [
        part(at: .block(n, .attention), of: vectors, scale: frozen.scale(.attentionPostNorm)),
        part(at: .block(n, .feedForward), of: vectors, scale: frozen.scale(.feedForwardPostNorm)),
        part(at: .block(n, .residual), of: vectors),
      ]
      let before = n == 0 ? entering(vectors) : part(at: .block(n - 1, .residual), of: vectors)
      return before.indices.map { index in
        let parts = block.map { $0[index] }
        let scale = largest(([before[index]] + parts).map(\.norm))
        let both = before[index] + parts[0] + parts[1]
        let sum = perLayerBranch(of: both, frozen).map { both + $0 } ?? both
        let difference = (frozen.streamFactor ?? 1) * sum - parts[2]
        return difference.norm / max(leastScale, scale)
      }
    }
    return Measurement(value: largest(errors), bound: roundings(200))
  }

  /// What a block's branch of per-layer inputs makes of a row with the final norm's weight; nil if there is none.
  private func perLayerBranch(of row: Matrix<S>, _ block: FrozenBlock<S>) -> Matrix<S>? {
    if block.perLayer == nil { return nil }
    let weight = linearization.finalNorm.weight
    let place = Strand(support: position..<position + 1, reach: position..<position + 1)
    let entering = Tangents(
      strands: [place], rows: product(row, weight.map { $0 == 0 ? 0 : 1 / $0 }))
    let image = [BlockStep.perLayer, .perLayerPostNorm].reduce(entering) {
      block.apply($1, to: $0, positions: place.support)
    }
    return product(image.rows, weight)
  }

  /// The value of a site at the last position, and the images of the trial tokens' maps there, with
  /// the final norm's weight but without its scale.
  private func part(
    at site: Site, of vectors: [Matrix<S>], scale: FrozenScale<S>? = nil
  ) -> [Matrix<S>] {
    let value = linearization.value(at: site).rows(position..<position + 1)
    let rms = S(1 / linearization.finalNorm.scales(at: value)[0])
    let images = linearization.jacobians(to: site).apply(vectors)
    let parts = [weighted(value)] + trialTokens.map { rms * images[$0] }
    guard let scale else { return parts }
    return parts.map { product($0, scale.coefficients.row(position)) }
  }

  /// The same for the stream that enters block 0, where only the last token has an effect.
  private func entering(_ vectors: [Matrix<S>]) -> [Matrix<S>] {
    let value = linearization.input.rows(position..<position + 1)
    return [weighted(value)]
      + trialTokens.map {
        $0 == position ? weighted(vectors[$0]) : .zero(rows: 1, columns: width)
      }
  }

  /// A row, without its mean if the final norm removes it, times that norm's weight.
  private func weighted(_ row: Matrix<S>) -> Matrix<S> {
    product(linearization.finalNorm.centered(row), linearization.finalNorm.weight)
  }

  /// A row times coefficients, element by element.
  private func product(_ row: Matrix<S>, _ coefficients: [S]) -> Matrix<S> {
    var result = row
    Kernels.multiply(&result.elements, by: coefficients)
    return result
  }

  // MARK: - Singular vectors

  /// The tokens whose singular vectors are checked: the last three, which cost least.
  private var decomposedTokens: Range<Int> { max(0, position - 2)..<position + 1 }

  /// The leading triplets of the last tokens' maps, found by products.
  func triplets(rank: Int, tolerance: Double) -> [TruncatedSVD<S>] {
    KrylovSVD(tolerance: tolerance, seed: seed)
      .decompose(linearization.jacobians().starting(at: decomposedTokens), rank: rank)
  }

  /// √(‖J v − σ u‖² + ‖Jᵀ u − σ v‖²) / σ₁, measured by fresh products: the largest over all
  /// triplets.
  func residuals(of triplets: [TruncatedSVD<S>], rank: Int) -> Measurement {
    let values = zip(decomposedTokens, triplets).flatMap { token, svd -> [Double] in
      guard svd.singularValues.count == rank else { return [.infinity] }
      let jacobian = linearization.jacobian(from: .input(token: token), to: .output)
      let (images, back) = (jacobian.apply(svd.right), jacobian.applyAdjoint(svd.left))
      return svd.singularValues.indices.map { k in
        let (u, v) = (svd.left.rows(k..<k + 1), svd.right.rows(k..<k + 1))
        let sigma = svd.singularValues[k]
        let outer = (images.rows(k..<k + 1) - sigma * u).norm
        let inner = (back.rows(k..<k + 1) - sigma * v).norm
        let first = max(leastScale, Double(svd.singularValues[0]))
        return (outer * outer + inner * inner).squareRoot() / first
      }
    }
    return Measurement(value: largest(values), bound: triplets.first?.tolerance ?? 0)
  }

  /// |σ_k truncated − σ_k dense| / σ₁ of the last token's map: the largest over all k.
  func singularValues(of triplets: [TruncatedSVD<S>]) -> Measurement {
    guard let found = triplets.last else { return Measurement(value: .infinity, bound: 0) }
    let jacobian = linearization.jacobian(from: .input(token: position), to: .output)
    let exact = jacobian.svd(rank: found.singularValues.count, using: .dense()).singularValues
    let first = max(leastScale, exact.first.map(Double.init) ?? 0)
    let values = zip(found.singularValues, exact).map { abs(Double($0) - Double($1)) / first }
    return Measurement(value: largest(values), bound: found.tolerance)
  }

  // MARK: - Arithmetic

  private func random(rows: Int, _ generator: inout SplitMix64) -> Matrix<S> {
    .uniform(rows: rows, columns: width, using: &generator)
  }

  /// A divisor that is never zero.
  private var leastScale: Double { .leastNormalMagnitude }

  /// The largest value, or NaN if any value is NaN: a law with that measure has failed.
  private func largest(_ values: [Double]) -> Double {
    values.reduce(0) { $1 <= $0 ? $0 : $1 }
  }

  private func length(_ values: [S]) -> Double { Matrix(row: values).norm }

  private func distance(_ a: [S], _ b: [S]) -> Double { (Matrix(row: a) - Matrix(row: b)).norm }
}
