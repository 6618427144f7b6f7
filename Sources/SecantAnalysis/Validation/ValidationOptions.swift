public import SecantReports

/// What a validation measures, and how much of it.
public struct ValidationOptions: Hashable, Sendable {
  /// The rules, each once.
  public var rules = PredictionRule.allCases
  /// Items that are measured at most, at least 1.
  public var itemCount = 60
  /// What the items, the removed heads, the replacements and the samples of medians are drawn from.
  public var seed: UInt64 = 0
  /// Items in place of the built-in ones, in their order; nil for these.
  public var items: [ValidationItem]?
  /// What the report says of where the items are from.
  public var dataName = "built-in"
  /// Seconds after which no further item is begun; nil for no bound.
  ///
  /// With a bound, what is found depends on the machine.
  public var maximumSeconds: Double?
  /// An earlier report of the same model and settings, whose items are not measured again; nil for none.
  ///
  /// With it a long validation is done in parts: the result is that of one run without pause.
  public var earlier: ValidationReport?
  /// Bytes that the work may take beside the weights.
  public var memory = 4 << 30
  /// What the result's provenance says of the command line; nil where the library was called.
  public var commandLine: [String]?

  /// The defaults: all rules on 60 of the built-in items.
  public init() {}
}
