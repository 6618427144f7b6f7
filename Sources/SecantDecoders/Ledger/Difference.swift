/// An exact account of how a readout differs between two runs of one decoder, A and B, of equal length.
///
/// Both runs are affine maps, frozen at their own values. They differ in their input and, in every
/// block, in the frozen parts: norms, attention patterns and gates. Let h^B be the values of run B,
/// and G^A the maps of run A from a place to the readout. Then, with nothing left out:
///
///     w·y_A - w·y_B = G_0^A (x_A - x_B)                          content
///                   + Σ_f G^A (f^A - f^B)(h^B that enters f)     every norm, head and gate f in turn
///
/// The parts are swapped one at a time, from the last to the first. Each is applied to its input in
/// B, and the maps of A carry its output on. Biases are the same in both runs and cancel. The order
/// is a choice: the account from A to B is different, and ``TwoWayDifference`` has both.
///
/// Runs of two decoders of one shape have the same account, in which weights are parts too: each step's map
/// also changes by its own projections, and what is read off the output by the unembedding. What queries, keys
/// and gates are computed with acts inside patterns and gates, and belongs to their entries; a norm's weight
/// belongs to its scale, a bias to its projection.
///
/// The account is complete: it says by which parts of the computation a real change came about in this
/// order. A part's number is no answer to what would happen if that part alone were changed.
public struct Difference: Hashable, Sendable {
  /// The difference of the two runs' own outputs, `Σ_t w_t·(y_A - y_B)_t`.
  public var real: Double
  /// The contribution of each part, in the order of the computation: content, blocks, final norm.
  ///
  /// Empty if the vectors that enter block 0 are equal up to the last position read.
  public var parts: [Part]

  /// The account of two runs that are equal up to the last position read.
  static var nothing: Difference { Difference(real: 0, parts: []) }

  /// The sum of all entries: equal to ``real`` except for rounding.
  public var sum: Double { parts.reduce(0) { $0 + $1.sum } }

  /// The sum over all parts of one kind.
  public func total(of kind: Kind) -> Double {
    parts.reduce(0) { $0 + ($1.component.kind == kind ? $1.sum : 0) }
  }

  /// The same account with positions counted together: place i of every part has the sum over `places[i]`.
  ///
  /// It has no terms and no sides, and its entries' positions are numbers of places.
  ///
  /// - Parameter places: Positions, none of them twice; those that an account does not reach count nothing.
  /// - Returns: An account of the same difference, which sums to the same where all positions are in a place.
  public func adding(positions places: [[Int]]) -> Difference {
    Difference(
      real: real,
      parts: parts.map { part in
        Part(
          component: part.component,
          values: places.map { positions in
            positions.reduce(0) {
              $0 + (part.values.indices.contains($1) ? part.values[$1] : 0)
            }
          })
      })
  }

  /// The sum of magnitudes of all entries: what rounding errors are measured against.
  public var size: Double {
    parts.reduce(0) { $0 + $1.values.reduce(0) { $0 + abs($1) } }
  }

  /// The nonzero entries, in the order of the parts, then of positions.
  public var entries: [Entry] {
    parts.flatMap { part in
      part.values.indices.compactMap { position in
        part.values[position] == 0
          ? nil
          : Entry(component: part.component, position: position, value: part.values[position])
      }
    }
  }

  /// The nonzero entries by descending magnitude; equal ones keep their order.
  public var largestEntries: [Entry] {
    let entries = entries
    return entries.indices.sorted {
      let (a, b) = (abs(entries[$0].value), abs(entries[$1].value))
      return a != b ? a > b : $0 < $1
    }.map { entries[$0] }
  }
}

extension Difference {
  /// The kinds of differing parts.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The vectors that enter block 0.
    case content
    /// The pattern of a head, with the gates of its output where it has some and, in a delta network,
    /// the convolution and the factors of its values.
    case pattern
    /// The frozen factor of gated products, with per-layer inputs where there are some; in a mixture
    /// also the choice of experts and their router weights.
    case gate
    /// The scale of a normalization.
    case norm
    /// A projection, or the unembedding, of another decoder.
    case weights
  }

  /// A weight matrix on the linear path, with its bias, or a number there.
  public enum Projection: String, Hashable, Sendable, CaseIterable {
    /// W_V.
    case value
    /// W_O.
    case output
    /// W_up, or whichever of a gated product's factors the gate rule leaves linear.
    case up
    /// W_down.
    case down
    /// W_g of the branch of per-layer inputs.
    case perLayerGate = "per-layer-gate"
    /// W_p of that branch.
    case perLayerOutput = "per-layer-output"
    /// The number by which a block multiplies the stream after it.
    case stream
  }

  /// A part of the computation that is swapped as a whole.
  public enum Component: Hashable, Sendable {
    /// The vectors that enter block 0, without learned vectors of positions.
    case content
    /// The learned vectors of positions; only of two decoders.
    case positions
    /// One of the norms of a block.
    case norm(block: Int, BlockStep)
    /// The norm before the output.
    case finalNorm
    /// The pattern of one head.
    case head(block: Int, Int)
    /// The gates of a feed-forward layer, or of one expert with its router weight.
    case gates(block: Int, expert: Int?)
    /// What multiplies W_g x in the branch of per-layer inputs: these inputs, and its activation's factor.
    case perLayerGates(block: Int)
    /// A projection of a block, or of one expert; only of two decoders.
    case weights(block: Int, Projection, expert: Int?)
    /// The directions that are read off the output; only of two decoders.
    case unembedding

    /// The kind of part.
    public var kind: Kind {
      switch self {
      case .content: .content
      case .norm, .finalNorm: .norm
      case .weights, .unembedding, .positions: .weights
      case .head: .pattern
      case .gates, .perLayerGates: .gate
      }
    }

    /// The block that it is part of; nil for what enters the first block and what follows the last.
    public var block: Int? {
      switch self {
      case .content, .positions, .finalNorm, .unembedding: nil
      case .norm(let block, _), .head(let block, _), .gates(let block, _),
        .perLayerGates(let block), .weights(let block, _, _):
        block
      }
    }

    /// Its head; nil for other parts.
    public var head: Int? {
      guard case .head(_, let head) = self else { return nil }
      return head
    }

    /// The expert of a mixture; nil for other parts.
    public var expert: Int? {
      switch self {
      case .gates(_, let expert), .weights(_, _, let expert): expert
      case .content, .positions, .norm, .finalNorm, .head, .perLayerGates, .unembedding: nil
      }
    }
  }

  /// The contribution of one part of the computation.
  public struct Part: Hashable, Sendable {
    /// The part.
    public let component: Component
    /// Its contribution at each position up to the last one read; exactly 0 before the first
    /// changed position.
    public var values: [Double]
    /// The largest terms of each position's value, by descending magnitude.
    ///
    /// By source position for a head, by neuron for gates; empty if none were requested. If an expert has a
    /// bias of W_down, its part by the change of the router weight is in the value, but no neuron's.
    public var terms: [[Term]] = []
    /// The separate contributions of a head's queries and keys; nil if they were not requested.
    public var sides: PatternSides? = nil

    /// The sum over all positions.
    public var sum: Double { values.reduce(0, +) }
  }

  /// One entry of the account: the contribution of one part at one position.
  public struct Entry: Hashable, Sendable {
    /// The part.
    public let component: Component
    /// The position at which the part acts.
    public let position: Int
    /// Its contribution.
    public let value: Double

    /// The kind of part.
    public var kind: Kind { component.kind }
    /// The block; nil for the content and the final norm.
    public var block: Int? { component.block }
    /// Its head; nil for other parts.
    public var head: Int? { component.head }
    /// The expert of a mixture; nil for other parts.
    public var expert: Int? { component.expert }
  }

  /// One of the terms that sum to an entry.
  public struct Term: Hashable, Sendable {
    /// The position whose value a head reads, or the neuron of a feed-forward layer.
    public let index: Int
    /// Its contribution.
    public let value: Double
  }

  /// How finely an account is divided.
  public struct Detail: Hashable, Sendable {
    /// The number of terms that are listed for each entry of a head or gate, at least 0; `Int.max`
    /// for all.
    public var terms: Int
    /// The heads whose queries and keys are swapped one after the other; those of delta networks are
    /// not divided.
    public var splitPatterns: Set<Head>

    /// A head of a block.
    public struct Head: Hashable, Sendable {
      /// The block's number.
      public let block: Int
      /// The head's number in the block.
      public let head: Int

      /// Names a head.
      public init(block: Int, head: Int) { (self.block, self.head) = (block, head) }
    }

    /// By default only parts and positions are listed.
    public init(terms: Int = 0, splitPatterns: Set<Head> = []) {
      precondition(terms >= 0, "a number of terms is not negative")
      (self.terms, self.splitPatterns) = (terms, splitPatterns)
    }

    /// The listed terms of an entry, from the products of which it is the sum.
    func listed(_ products: [Double], from first: Int = 0) -> [Term] {
      if terms >= products.count {
        return products.indices.filter { products[$0] != 0 }
          .sorted { abs(products[$0]) > abs(products[$1]) }
          .map { Term(index: first + $0, value: products[$0]) }
      }
      var best: [Term] = []
      // The threshold for the largest products.
      var threshold = 0.0
      for (index, value) in products.enumerated() where abs(value) > threshold {
        let place = best.firstIndex { abs($0.value) < abs(value) } ?? best.count
        best.insert(Term(index: first + index, value: value), at: place)
        if best.count > terms { best.removeLast() }
        if best.count == terms { threshold = best.last.map { abs($0.value) } ?? .infinity }
      }
      return best
    }
  }
}
