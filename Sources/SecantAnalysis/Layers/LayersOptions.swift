public import SecantDecoders

/// Which maps inside the model are asked for, and how they are computed.
public struct LayersOptions: Hashable, Sendable {
  /// Which maps are decomposed; the lens and the blocks' shares are the same for both.
  public var kind = JacobianKind.detached
  /// The places of each block that are read.
  public var sites: Set<Site.BlockSite> = [.residual]
  /// Whether each block's own map is taken too, from what enters it.
  public var includesLocal = false
  /// Whether the target's probability is read after every block at every position.
  public var includesGrid = false
  /// The tokens whose maps are decomposed.
  public var spectra = TokenSelection.auto
  /// Seconds after which no further map is decomposed; nil for no bound.
  ///
  /// With a bound, each map is taken by itself in the order of shares, and what is found depends on the machine.
  public var maximumSeconds: Double?
  /// Singular triplets of each map, at least 1; the model's width where it is larger.
  public var rank = 3
  /// How singular vectors are found.
  public var method = ExplanationOptions.Method.auto
  /// The largest residual, relative to σ₁, of a triplet that counts as converged.
  public var tolerance = 1e-2
  /// What random starting vectors are drawn from.
  public var seed: UInt64 = 0
  /// Which factor of gated products stays linear.
  public var gate = GateRule.up
  /// The position at which the sites are read, negative ones counted from the end.
  public var position = -1
  /// What is followed from block to block; the prediction over its runner-up by default.
  public var target = ExplanationOptions.Target.prediction
  /// Next tokens that are listed, at most V.
  public var predictionCount = 10
  /// Tokens that are listed for each singular vector.
  public var decodedCount = 5
  /// Words that are looked for among the decoded tokens.
  public var concepts: [String] = []
  /// Bytes that the work may take beside the weights.
  public var memory = 4 << 30
  /// What the result's provenance says of the command line; nil where the library was called.
  public var commandLine: [String]?

  /// The defaults: the stream after every block, three triplets, residuals up to 0.01.
  public init() {}

  /// The same settings where they are those of an explanation.
  var explanation: ExplanationOptions {
    var options = ExplanationOptions()
    options.spectra = spectra
    options.maximumSeconds = maximumSeconds
    options.rank = rank
    options.method = method
    options.tolerance = tolerance
    options.seed = seed
    options.gate = gate
    options.position = position
    options.target = target
    options.predictionCount = predictionCount
    options.decodedCount = decodedCount
    options.memory = memory
    return options
  }
}
