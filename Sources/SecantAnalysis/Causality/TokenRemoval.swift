import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// How a token is removed from a prompt while the other tokens keep their positions.
public enum TokenRemoval: Hashable, Sendable {
  /// The mean of all tokens' vectors replaces its vector.
  case mean
  /// No later position attends to it.
  case mask
  /// Another token replaces it.
  case replace(ExplanationOptions.Target.TokenName)

  /// A removal from its spelling: `mean`, `mask` or `replace:TEXT`, where the text is one token or an id
  /// such as `#312`.
  public init?(_ spelling: String) {
    switch spelling {
    case "mean": self = .mean
    case "mask": self = .mask
    default:
      let mark = "replace:"
      guard spelling.hasPrefix(mark), spelling.count > mark.count else { return nil }
      self = .replace(.init(String(spelling.dropFirst(mark.count))))
    }
  }

  /// Its name in reports.
  var name: String {
    switch self {
    case .mean: "mean"
    case .mask: "mask"
    case .replace: "replace"
    }
  }
}

extension ExplanationOptions {
  /// Whether an explanation removes its tokens, to measure their effects.
  public enum Check: Hashable, Sendable {
    /// By the mean vector, if that takes a few seconds at most.
    case auto
    /// No removal.
    case none
    /// By this removal, whatever it costs.
    case removing(TokenRemoval)

    /// A check from its spelling: `auto`, `none`, or that of a removal.
    public init?(_ spelling: String) {
      switch spelling {
      case "auto": self = .auto
      case "none": self = .none
      default:
        guard let removal = TokenRemoval(spelling) else { return nil }
        self = .removing(removal)
      }
    }
  }
}

/// A removal with its vector.
struct SettledRemoval<S: Scalar>: Sendable {
  /// The requested removal.
  let removal: TokenRemoval
  /// The vector `[d]` that replaces a token's vector, without its position's; nil if tokens are
  /// masked.
  let vector: [S]?
  /// The decoder's embedding, which adds the positions' learned vectors.
  let embedding: TokenEmbedding<S>
  /// The token that replaces it; nil if no token does.
  let token: Int?

  /// The change that removes some tokens.
  func change(removing positions: some Sequence<Int>) -> RunChange<S> {
    guard let vector else { return RunChange(hidden: Set(positions)) }
    return RunChange(
      vectors: Dictionary(
        uniqueKeysWithValues: positions.map {
          ($0, embedding.placed(Matrix(row: vector), at: [$0]).elements)
        }),
      // A vector that is no token's leaves nothing of the token to per-layer inputs.
      tokenParts: Dictionary(
        uniqueKeysWithValues: positions.map {
          ($0, token.map { TokenPart($0) } ?? TokenPart(0, times: 0))
        }))
  }

  /// Whether removing the token at a position can change the output at position p.
  ///
  /// Masking the token at p changes nothing, and neither does replacing a token with itself.
  func changes(_ position: Int, of tokens: [Int], at p: Int) -> Bool {
    vector == nil ? position < p : tokens[position] != token
  }

  /// The decoder frozen at the prompt without one token.
  func linearization(
    of decoder: Decoder<S>, without position: Int, _ run: Linearization<S>, holding bytes: Int
  ) throws(InputError) -> Linearization<S> {
    let change = change(removing: [position])
    guard let placed = change.vectors[position] else {
      return try decoder.hiding([position])
        .linearize(at: run.tokens, gate: run.rule, holding: bytes)
    }
    var input = run.input
    Kernels.copy(
      placed, from: 0, count: placed.count, to: &input.elements, at: position * input.columns)
    return try decoder.linearize(
      at: run.tokens, entering: input, gate: run.rule, holding: bytes,
      tokenParts: change.tokenParts)
  }
}

extension DecoderConfiguration {
  /// Refuses the removal `mask` where positions cannot be hidden from later ones.
  ///
  /// - Parameter others: The removals that are possible.
  /// - Throws: That the model has delta networks.
  func requireHiding(or others: String) throws(InputError) {
    guard hasDeltaNetworks else { return }
    throw InputError(
      .unsupported, subject: "the removal mask",
      expected: "a model whose blocks all have attention",
      found: "delta networks, whose states carry every token on",
      remedy: "use the removal \(others)")
  }
}

extension Model {
  /// A removal with its vector.
  ///
  /// - Throws: That the replacement is not a token.
  func settled(_ removal: TokenRemoval) throws(InputError) -> SettledRemoval<S> {
    switch removal {
    case .mean:
      return .init(
        removal: removal, vector: decoder.embedding.mean(), embedding: decoder.embedding,
        token: nil)
    case .mask:
      try decoder.configuration.requireHiding(or: "mean or replace:TEXT")
      return .init(removal: removal, vector: nil, embedding: decoder.embedding, token: nil)
    case .replace(let name):
      let token: Int
      do throws(InputError) {
        // There are no logits to rank the spellings of a word, so the first one counts.
        let flat = [S](repeating: 0, count: decoder.configuration.vocabularySize)
        var resolution = TargetResolution(self, logits: flat)
        token = try resolution.resolve(.logits(of: .tokens([name]), over: .nothing)).tokens[0]
      } catch {
        throw InputError(
          error.kind, file: error.file, subject: "the replacement, as a " + error.subject,
          expected: error.expected, found: error.found, remedy: error.remedy)
      }
      return .init(
        removal: removal, vector: decoder.embedding.tokenVectors(of: [token]).row(0),
        embedding: decoder.embedding, token: token)
    }
  }
}
