import RealModule
import SecantOperators

/// Rotary position embedding: pairs of components are rotated by an angle proportional to the
/// position.
///
/// With p pairs, component i of a head is paired with component i + p, as in Hugging Face
/// checkpoints; components beyond 2p stay as they are. Angles are computed in double precision
/// whatever the scalar.
public struct RotaryEmbedding: Hashable, Sendable {
  /// How the frequencies for a longer context follow from the trained ones.
  public enum Scaling: Hashable, Sendable {
    /// The trained frequencies.
    case none
    /// Every frequency divided by a factor.
    case linear(factor: Double)
    /// A base that grows with the stream beyond the trained context.
    case dynamic(factor: Double, trainedContextLength: Int)
    /// Low frequencies divided by a factor, high ones kept, with a smooth step between (Llama 3.1).
    case llama3(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
      originalContextLength: Int)
    /// Frequencies with few rotations over the original context are divided by a factor, those with
    /// many are kept, and a ramp connects the pairs between. The ramp's ends are whole numbers if
    /// the range is rounded.
    ///
    /// Source: Peng et al., "YaRN" (2023), section 3.2.
    case yarn(
      factor: Double, fastTurns: Double, slowTurns: Double, originalContextLength: Int,
      roundsRange: Bool)
    /// Each frequency divided by its own factor, from one list within the original context and
    /// another beyond it.
    ///
    /// Source: Ding et al., "LongRoPE" (2024).
    case longRoPE(shortFactors: [Double], longFactors: [Double], originalContextLength: Int)
    /// Every frequency divided by a factor, and pairs after the first ones not rotated at all.
    ///
    /// Unlike the pairs of a smaller rotated width, those that are rotated have components half a head
    /// apart. Source: Google's Gemma 4.
    case proportional(rotatedPairs: Int, factor: Double)
  }

  /// The growth of queries with their position: times `1 + rate · ln(1 + ⌊position/contextLength⌋)`.
  ///
  /// Source: Meta's Llama 4, as Mistral's Ministral 3 uses it.
  public struct QueryGrowth: Hashable, Sendable {
    /// The factor of the logarithm.
    public let rate: Double
    /// The number of positions up to which queries do not grow.
    public let contextLength: Int

    /// The factor at a position.
    func factor(at position: Int) -> Double {
      1 + rate * Double.log(onePlus: Double(position / contextLength))
    }
  }

  /// The width w of a head.
  public let headWidth: Int
  /// The width r over which frequencies are spread; ⌈r/2⌉ pairs are rotated, none if r is 0.
  public let rotatedWidth: Int
  /// The base θ of the frequencies.
  public let base: Double
  /// How they are scaled.
  public let scaling: Scaling
  /// The factor of rotated components.
  public let amplitude: Double
  /// How queries grow with their position; nil if they do not.
  public private(set) var queryGrowth: QueryGrowth? = nil

  /// The rotation of the first `rotatedWidth` components (by default all) of heads of width w, with
  /// frequencies `base^(-2i/r)` before scaling.
  public init(
    headWidth: Int, rotatedWidth: Int? = nil, base: Double, scaling: Scaling = .none,
    amplitude: Double = 1
  ) {
    self.headWidth = headWidth
    self.rotatedWidth = rotatedWidth ?? headWidth
    self.base = base
    self.scaling = scaling
    self.amplitude = amplitude
    precondition(self.rotatedWidth >= 0 && 2 * pairCount <= headWidth, "pairs beyond the head")
  }

  /// The same rotation of queries that grow with their position.
  ///
  /// All components of a head must be rotated.
  func growing(_ growth: QueryGrowth) -> RotaryEmbedding {
    precondition(2 * pairCount == headWidth, "growth of a part of a head")
    var result = self
    result.queryGrowth = growth
    return result
  }

  /// The rotation of keys, which do not grow.
  var ofKeys: RotaryEmbedding {
    var result = self
    result.queryGrowth = nil
    return result
  }

  /// No rotation: queries and keys do not depend on their positions.
  public static func none(headWidth: Int) -> RotaryEmbedding {
    RotaryEmbedding(headWidth: headWidth, rotatedWidth: 0, base: 1)
  }

  /// Number of pairs.
  public var pairCount: Int { (rotatedWidth + 1) / 2 }

  /// The angle per position of each pair, in radians, in a stream of the given length.
  public func frequencies(streamLength: Int) -> [Double] {
    switch scaling {
    case .none:
      return frequencies(base: base)
    case .linear(let factor):
      return frequencies(base: base).map { $0 / factor }
    case .dynamic(let factor, let trained):
      let stretch = Double(max(streamLength, trained)) / Double(trained)
      // A single pair has frequency 1, whatever the base.
      let exponent = rotatedWidth == 2 ? 1 : Double(rotatedWidth) / Double(rotatedWidth - 2)
      return frequencies(base: base * Double.pow(factor * stretch - (factor - 1), exponent))
    case .llama3(let factor, let low, let high, let length):
      return frequencies(base: base).map { frequency in
        // Rotations over the original context, placed between the two thresholds and clamped.
        let turns = Double(length) * frequency / (2 * .pi)
        let blend = min(1, max(0, (turns - low) / (high - low)))
        return (1 - blend) * frequency / factor + blend * frequency
      }
    case .yarn(let factor, let fast, let slow, let length, let roundsRange):
      // The pair, as a real number, that makes this many rotations over the original context.
      func pair(turns: Double) -> Double {
        Double(rotatedWidth) * Double.log(Double(length) / (turns * 2 * .pi))
          / (2 * Double.log(base))
      }
      var (first, last) = (pair(turns: fast), pair(turns: slow))
      if roundsRange { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      first = max(first, 0)
      last = min(last, Double(rotatedWidth - 1))
      // A step instead of a ramp of length 0.
      if first == last { last += 0.001 }
      return frequencies(base: base).enumerated().map { index, frequency in
        let ramp = min(1, max(0, (Double(index) - first) / (last - first)))
        return (1 - ramp) * frequency + ramp * frequency / factor
      }
    case .longRoPE(let short, let long, let length):
      let factors = streamLength > length ? long : short
      return zip(frequencies(base: base), factors).map { $0 / $1 }
    case .proportional(let pairs, let factor):
      return frequencies(base: base).enumerated().map { $0 < pairs ? $1 / factor : 0 }
    }
  }

  private func frequencies(base: Double) -> [Double] {
    (0..<pairCount).map { 1 / Double.pow(base, Double(2 * $0) / Double(rotatedWidth)) }
  }

  /// The context length with this rotation, for a model that was trained on a given one.
  func contextLength(trained: Int) -> Int {
    if case .dynamic(let factor, let length) = scaling { return Int(Double(length) * factor) }
    return trained
  }

  /// Whether a position's angle is the same in streams of both lengths.
  func isSame(atLength a: Int, andLength b: Int) -> Bool {
    switch scaling {
    case .none, .linear, .llama3, .yarn, .proportional: true
    case .dynamic, .longRoPE: frequencies(streamLength: a) == frequencies(streamLength: b)
    }
  }

  /// The amplitude `0.1 · m · ln(factor) + 1`, which keeps the entropy of the scores.
  ///
  /// Source: Peng et al., "YaRN" (2023), equation (22), where m is 1.
  static func yarnAmplitude(factor: Double, multiplier: Double = 1) -> Double {
    factor <= 1 ? 1 : 0.1 * multiplier * Double.log(factor) + 1
  }

  /// The amplitude `√(1 + ln(factor) / ln(original context))`.
  ///
  /// Source: Ding et al., "LongRoPE" (2024), as Microsoft's Phi-3 models use it.
  static func longRoPEAmplitude(factor: Double, originalContextLength: Int) -> Double {
    factor <= 1
      ? 1
      : Double.sqrt(1 + Double.log(factor) / Double.log(Double(originalContextLength)))
  }

  /// The rows of `[n, heads·w]`, rotated for positions of a stream that ends with the last of them.
  func rotate<S: Scalar>(_ x: Matrix<S>, at positions: [Int]) -> Matrix<S> {
    let rotation = Rotation<S>(
      self, width: x.columns, positions: positions, streamLength: (positions.last ?? -1) + 1)
    return rotation.rotated(x, at: Array(0..<x.rows), backwards: false)
  }
}

/// The rotation of one stream's queries or keys: a linear map, different at every position.
struct Rotation<S: Scalar>: LinearOperator {
  /// Width of the rows that are rotated: heads of `headWidth` side by side.
  let width: Int
  /// The width w of a head.
  let headWidth: Int
  /// The cosines `[n, p]` of the p pairs' angles, times the amplitude.
  let cosines: Matrix<S>
  /// Their sines, times the amplitude.
  let sines: Matrix<S>

  /// The rotation of rows of a given width at some positions of a stream of a given length.
  init(
    _ embedding: RotaryEmbedding, width: Int, positions: some Collection<Int>, streamLength: Int
  ) {
    self.width = width
    headWidth = embedding.headWidth
    let (positions, pairs) = (Array(positions), embedding.pairCount)
    let frequencies = embedding.frequencies(streamLength: streamLength)
    func table(_ function: @Sendable (Double) -> Double) -> Matrix<S> {
      let elements: [S] = Kernels.rows(positions.count, width: pairs) { rows, output in
        for row in rows {
          let position = positions[row]
          let growth = embedding.queryGrowth?.factor(at: position) ?? 1
          for frequency in frequencies {
            output.append(S(growth * embedding.amplitude * function(Double(position) * frequency)))
          }
        }
      }
      return Matrix(rows: positions.count, columns: pairs, elements: elements)
    }
    (cosines, sines) = (table { .cos($0) }, table { .sin($0) })
  }

  var inputWidth: Int { width }
  var outputWidth: Int { width }

  /// The tangents rotated by their positions' angles.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    x.replacingRows(rotated(x.rows, at: x.positions, backwards: false))
  }

  /// The tangents rotated back.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    y.replacingRows(rotated(y.rows, at: y.positions, backwards: true))
  }

  /// Row r of `[n, heads·w]` rotated by the angles in row `table[r]`.
  func rotated(_ x: Matrix<S>, at table: [Int], backwards: Bool) -> Matrix<S> {
    if cosines.columns == 0 { return x }
    var sines = self.sines.gathering(rows: table)
    if backwards { Kernels.scale(&sines.elements, by: -1) }
    var result = x
    Kernels.rotatePairs(
      &result.elements, width: x.columns, headWidth: headWidth,
      cosines: cosines.gathering(rows: table).elements, sines: sines.elements)
    return result
  }
}
