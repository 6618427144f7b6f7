extension SharesReport {
  /// The target divided among the modules of a low-rank adapter, in logits.
  ///
  /// The patterns, gates and norms are those of the run with the adapter. With these, modules get their
  /// adapters one after the other in the order of `modules`, from the input up: what enters a module comes
  /// from adapted weights, and what leaves it goes on through base weights. `base` and the values of
  /// `modules` sum to the target.
  public struct Adapter: Codable, Hashable, Sendable {
    /// The target with all base weights under the frozen factors of the run with the adapter.
    ///
    /// It is not what the model without the adapter answers, whose patterns and gates are others.
    public let base: Double
    /// The modules with a share, in the order in which data passes them.
    public let modules: [Module]
    /// The modules that act only inside frozen factors, and so have no share.
    public let frozen: [Frozen]
    /// The sum of `base` and all modules.
    public let sum: Double
    /// The sum minus the target that the model itself computed: rounding alone.
    public let difference: Double

    /// Gathers a division.
    public init(
      base: Double, modules: [Module], frozen: [Frozen], sum: Double, difference: Double
    ) {
      self.base = base
      self.modules = modules
      self.frozen = frozen
      self.sum = sum
      self.difference = difference
    }

    /// What all modules gave together.
    public var total: Double { modules.reduce(0) { $0 + $1.value } }

    /// The modules by descending magnitude; of equal ones the earlier first, and those that are not numbers
    /// last.
    public var largest: [Module] { modules.largestFirst(by: \.value) }
  }
}

extension SharesReport.Adapter {
  /// What one module gave.
  public struct Module: Codable, Hashable, Sendable {
    /// The block's number, from 0; nil for the unembedding.
    public let block: Int?
    /// "value", "output", "gate", "up", "down" or "unembedding".
    public let module: String
    /// The number of the expert that it belongs to; nil if it belongs to none.
    public let expert: Int?
    /// What its adapter gave.
    public let value: Double
    /// The same by the position `[p + 1]` at which its output is changed; nil if omitted to keep the report
    /// small, and for the unembedding.
    public let positions: [Double]?

    /// Describes one module.
    public init(
      block: Int?, module: String, expert: Int?, value: Double, positions: [Double]?
    ) {
      self.block = block
      self.module = module
      self.expert = expert
      self.value = value
      self.positions = positions
    }
  }

  /// Modules without a share.
  public struct Frozen: Codable, Hashable, Sendable {
    /// Such as "query" or "key"; "gate" or "up" by the gate rule.
    public let module: String
    /// The blocks where they are, ascending.
    public let blocks: [Int]

    /// Names modules.
    public init(module: String, blocks: [Int]) {
      self.module = module
      self.blocks = blocks
    }
  }
}
