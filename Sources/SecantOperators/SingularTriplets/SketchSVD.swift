import RealModule

/// Leading triplets of all members of a family at once, by products that serve all: a first look.
///
/// It uses three kinds of products, each of which serves all members:
/// 1. `Aᵀ w` of random left vectors w, for all members. The results lie along the inputs to which
///    each member responds.
/// 2. `Σ_m A_m x_m` of these results. Those of each member are decomposed, weighted by the cubes of
///    their singular values (a step of power iteration), divided by the fourth power of the first
///    one so that no member dominates, and mixed with random signs. The sums span Q
///    `[size, output]`.
/// 3. `Aᵀ q` for all members again. The decomposition of `Q A` gives triplets with `Aᵀ u = σ v` to rounding.
///
/// The unknown part of `A v − σ u` lies outside Q: it is `(I − QᵀQ) A v`. Measuring it would take a
/// product with each member. Instead, normal vectors w outside Q are multiplied by all adjoints.
/// Each `wᵀ A v` is normal, and its standard deviation is the norm r of the unknown part. So the
/// sum of the squares of `probes` of them, over r², is χ² distributed. It rarely lies below its
/// quantile of 1 − `confidence`, which gives a bound on r that holds with that confidence for each
/// triplet. With ten probes and 99.9 %, the bound is typically 2.6 times r.
///
/// In total it takes `start + 2·size + probes` products at the cost of `FamilyCosts.shared`,
/// whatever the number of members.
public struct SketchSVD: Hashable, Sendable {
  /// The residual, relative to σ_1, at which a triplet counts as converged; the result says whether
  /// it was reached.
  public let tolerance: Double
  /// Random left vectors that are sent to all members.
  public let start: Int
  /// Rows of Q.
  public let size: Int
  /// Random products that bound the residuals, an even number.
  public let probes: Int
  /// The probability that a bound on a residual holds.
  public let confidence: Double
  /// Bytes for the members' products at a time.
  ///
  /// If not all members fit, more products are needed.
  public let memory: Int
  /// Vectors that are sent to all members at a time.
  public let batch: Int
  /// Seed of the random vectors: the same seed on the same machine gives the same bits.
  public let seed: UInt64

  /// A sketch of 150 products.
  ///
  /// Measured on 61 tokens of SmolLM2 135M: it found the first left vector to a cosine of at least
  /// 0.95, for half of the tokens 0.99, except where σ_2 is above 0.9·σ_1.
  public init(
    tolerance: Double = 0.3, start: Int = 32, size: Int = 54, probes: Int = 10,
    confidence: Double = 0.999, memory: Int = 1 << 30, batch: Int = .max, seed: UInt64 = 0
  ) {
    precondition(tolerance > 0, "a tolerance of \(tolerance)")
    precondition(start > 0 && size > 0, "a sketch of nothing")
    precondition(probes >= 2 && probes.isMultiple(of: 2), "\(probes) probes")
    precondition(0 < confidence && confidence < 1, "a confidence of \(confidence)")
    precondition(batch > 0, "a batch of nothing")
    self.tolerance = tolerance
    self.start = start
    self.size = size
    self.probes = probes
    self.confidence = confidence
    self.memory = memory
    self.batch = batch
    self.seed = seed
  }

  /// Products that serve all members of a family of some output width.
  public func products(outputWidth: Int) -> Int {
    min(start, outputWidth) + 2 * min(size, outputWidth) + probes
  }

  /// The leading triplets of every member.
  public func decompose<F: OperatorFamily>(_ family: F, rank: Int) -> [TruncatedSVD<F.S>] {
    let wanted = min(rank, family.inputWidth, family.outputWidth)
    var generator = SplitMix64(seed: seed)
    if wanted == 0 || family.count == 0 {
      return (0..<family.count).map { _ in none(of: family, products: 0, isFailure: false) }
    }
    let basis = leftBasis(family, using: &generator)
    let probes = Matrix<F.S>.normal(
      rows: self.probes, columns: family.outputWidth, using: &generator
    ).rejected(from: basis)
    let vectors = Matrix.stacking([basis, probes], columns: family.outputWidth)
    let products = min(start, family.outputWidth) + basis.rows + vectors.rows
    return groups(of: family, rows: vectors.rows).flatMap { group in
      let images = answers(of: family, group, to: vectors)
      let found = concurrentMap(images) { images in
        triplets(of: images, basis: basis, wanted: wanted, products: products)
      }
      return found.map { $0 ?? none(of: family, products: products, isFailure: true) }
    }
  }

  private func none<F: OperatorFamily>(
    of family: F, products: Int, isFailure: Bool
  ) -> TruncatedSVD<F.S> {
    .empty(
      input: family.inputWidth, output: family.outputWidth, tolerance: tolerance,
      products: products, sharedProducts: products, isFailure: isFailure)
  }

  /// Successive members whose products with some rows fit into the memory.
  private func groups<F: OperatorFamily>(of family: F, rows: Int) -> [Range<Int>] {
    let each = max(1, rows * family.inputWidth * MemoryLayout<F.S>.stride)
    let length = max(1, memory / each)
    return stride(from: 0, to: family.count, by: length).map { $0..<min($0 + length, family.count) }
  }

  /// `Aᵀ w` of some members and the same rows w, `batch` of them at a time.
  private func answers<F: OperatorFamily>(
    of family: F, _ group: Range<Int>, to vectors: Matrix<F.S>
  ) -> [Matrix<F.S>] {
    let batch = min(batch, vectors.rows)
    let parts = stride(from: 0, to: vectors.rows, by: batch).map {
      family.applyAdjoint(vectors.rows($0..<min($0 + batch, vectors.rows)), toAll: group)
    }
    if parts.count == 1 { return parts[0] }
    return group.indices.map { m in
      .stacking(parts.map { $0[m - group.lowerBound] }, columns: family.inputWidth)
    }
  }

  /// Q: an orthonormal basis of the images of random left vectors, carried back by all adjoints and
  /// forward again.
  ///
  /// Takes as many members at a time as fit into the memory.
  private func leftBasis<F: OperatorFamily>(
    _ family: F, using generator: inout SplitMix64
  ) -> Matrix<F.S> {
    let width = family.outputWidth
    let (sent, kept) = (min(start, width), min(size, width))
    // No profile of the outputs weights the vectors: it would neglect members whose outputs are
    // small there.
    let vectors = Matrix<F.S>.uniform(rows: sent, columns: width, using: &generator)
    let each = max(1, family.count * family.inputWidth * MemoryLayout<F.S>.stride)
    // The products are kept and mixed into more vectors.
    let batch = max(1, min(self.batch, sent, memory / each * sent / (2 * sent + kept)))
    let parts = stride(from: 0, to: sent, by: batch).map { first in
      let range = first..<min(first + batch, sent)
      let count = range.upperBound * kept / sent - range.lowerBound * kept / sent
      let answers = family.applyAdjointToAll(vectors.rows(range))
      let signs = answers.map { _ in
        Matrix<F.S>.signs(rows: count, columns: range.count, using: &generator)
      }
      let mixed = concurrentMap(Array(zip(answers, signs))) { answer, signs in
        sharpened(answer, mixedBy: signs)
      }
      return family.applySum(mixed)
    }
    let images = Matrix.stacking(parts, columns: width)
    // If no product is finite, any basis shows that equally well.
    return F.S.orthonormalRows(
      images.isFinite ? images : .uniform(rows: kept, columns: width, using: &generator))
  }

  /// A member's products `[r, input]`, weighted by the cubes of their singular values, in mixtures
  /// `[k, input]`.
  private func sharpened<S: Scalar>(_ answer: Matrix<S>, mixedBy signs: Matrix<S>) -> Matrix<S> {
    let none = Matrix<S>.zero(rows: signs.rows, columns: answer.columns)
    // A member whose products are not finite must spoil only its own triplets.
    guard answer.isFinite, let (_, values, right) = S.thinSVD(answer), let first = values.first,
      first > 0
    else { return none }
    let weights = values.map { ($0 / first) * ($0 / first) * ($0 / first) / first }
    guard weights.allSatisfy(\.isFinite) else { return none }
    return signs.columns(0..<values.count).times(right.scalingRows(by: weights))
  }

  /// The triplets of one member from its products with Q and with the probes; nil if they are not
  /// finite.
  private func triplets<S: Scalar>(
    of images: Matrix<S>, basis: Matrix<S>, wanted: Int, products: Int
  ) -> TruncatedSVD<S>? {
    let count = min(wanted, basis.rows)
    let found = images.rows(0..<basis.rows)
    guard images.isFinite, let svd = S.thinSVD(found) else { return nil }
    let probed = images.rows(basis.rows..<images.rows)
    let (values, right) = (Array(svd.values.prefix(count)), svd.rightTransposed.rows(0..<count))
    let turn = svd.left.columns(0..<count)
    let left = turn.transposeTimes(basis)
    let isWhole = basis.rows == basis.columns
    let missing = right.timesTranspose(of: probed).rowNorms
    let back = (turn.transposeTimes(found) - right.scalingRows(by: values)).rowNorms
    let first = Double(values[0])
    let quantile = chiSquaredQuantile(1 - confidence, degrees: probed.rows)
    let residuals = zip(missing, back).map { missing, back -> Double in
      let outside = isWhole ? 0 : missing * missing / quantile
      let residual = (outside + back * back).squareRoot()
      return residual == 0 ? 0 : residual / first
    }
    return TruncatedSVD(
      left: left, singularValues: values, right: right, residuals: residuals,
      wanted: wanted, confidence: confidence, tolerance: tolerance,
      products: products, sharedProducts: products,
      next: count < svd.values.count ? svd.values[count] : nil,
      frobenius: isWhole
        ? FrobeniusEstimate(exactly: found.norm * found.norm)
        : FrobeniusEstimate(
          exactPart: found.norm * found.norm, samples: probed.rowNorms.map { $0 * $0 }))
  }
}

/// The quantile of probability p of a χ² variable with an even number of degrees of freedom.
///
/// `1 − e^{−x/2} Σ_{j<n/2} (x/2)^j / j!` is that probability; bisected to the last bit.
func chiSquaredQuantile(_ p: Double, degrees: Int) -> Double {
  precondition(degrees.isMultiple(of: 2) && degrees > 0 && 0 < p && p < 1)
  /// The tail of the series from n/2 on, which keeps small probabilities exact.
  func probability(_ x: Double) -> Double {
    var term = Double.exp(-x / 2)
    for j in 1...degrees / 2 { term *= x / 2 / Double(j) }
    var (sum, j) = (0.0, degrees / 2)
    while term > sum * 0x1p-60 {
      sum += term
      j += 1
      term *= x / 2 / Double(j)
    }
    return sum
  }
  var (low, high) = (0.0, 1.0)
  while probability(high) < p { high *= 2 }
  while case let middle = (low + high) / 2, low < middle, middle < high {
    if probability(middle) < p { low = middle } else { high = middle }
  }
  return low
}

extension Matrix {
  /// Elements of the normal distribution of mean 0 and variance 1, by Box and Muller's transformation.
  package static func normal(
    rows: Int, columns: Int, using generator: inout SplitMix64
  ) -> Matrix {
    /// Uniform in [0, 1).
    func fraction() -> Double { Double(generator.next() &>> 11) * 0x1p-53 }
    return Matrix(rows: rows, columns: columns) { _, _ in
      // 1 minus a fraction is never 0, so its logarithm is finite.
      S((-2 * Double.log(1 - fraction())).squareRoot() * Double.cos(2 * .pi * fraction()))
    }
  }
}
