public import SecantDecoders

/// What an explanation should contain, and how it is computed.
public struct ExplanationOptions: Hashable, Sendable {
  /// How singular vectors are found.
  public enum Method: String, Hashable, Sendable, CaseIterable {
    /// Whichever of the others the cost model expects to be faster.
    case auto
    /// Every Jacobian formed, then decomposed whole.
    case dense
    /// The leading triplets by block Golub–Kahan, from products alone.
    case krylov
    /// First looks at all tokens' maps, by products that serve all: residuals are bounds of a stated confidence.
    case sketch

    /// The residual, relative to σ₁, that triplets usually shall reach: 1e-3, and 0.3 of a sketch's bounds.
    public var usualTolerance: Double { self == .sketch ? 0.3 : 1e-3 }
  }

  /// The tokens whose maps are decomposed.
  public var spectra = TokenSelection.auto
  /// The tokens by whose vectors `shares` divides each component; by default all of at most 64.
  public var sources = TokenSelection.auto
  /// Whether tokens are removed, to measure what they really do; by default not.
  public var check = Check.none
  /// The fraction of a difference whose circuit `compare` looks for, above 0 and at most 1; nil for none.
  public var circuit: Double?
  /// Singular triplets per token, the model's width where it is larger; 0 asks for no spectra.
  public var rank = 8
  /// How singular vectors are found.
  public var method = Method.auto
  /// The largest residual, relative to σ₁, of a triplet that counts as converged.
  public var tolerance = 1e-3
  /// What random starting vectors are drawn from.
  public var seed: UInt64 = 0
  /// Which factor of gated products stays linear.
  public var gate = GateRule.up
  /// The position whose output is explained, negative ones counted from the end; the last by default.
  public var position = -1
  /// The place that is explained: the output, or one inside a block.
  public var site = Site.output
  /// What is divided among the tokens; the prediction over its runner-up by default.
  public var target = Target.prediction
  /// Whether a first token to which much of the attention goes (an attention sink) is set apart as baseline.
  public var marksBaseline = true
  /// What tokens are counted together; each by itself by default.
  public var grouping = Grouping.token
  /// Next tokens that are listed, at most V.
  public var predictionCount = 10
  /// Tokens that are listed for each singular vector.
  public var decodedCount = 8
  /// Triplets whose vectors are decoded, at most `rank`.
  public var decodedTriplets = 8
  /// Seconds after which no further map is decomposed; nil for no bound.
  ///
  /// With a bound, each token is taken by itself in the order of shares, and what is found depends on the machine.
  public var maximumSeconds: Double?
  /// Bytes that the work may take beside the weights.
  public var memory = 4 << 30
  /// What the result's provenance says of the command line; nil where the library was called.
  public var commandLine: [String]?

  /// The defaults: rank 8, the last position's output, the likeliest token over the next, method by cost.
  public init() {}
}
