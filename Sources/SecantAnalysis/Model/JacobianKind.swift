public import SecantCheckpoints
public import SecantDecoders
import SecantOperators

/// The two linear maps of a decoder at a prompt.
public enum JacobianKind: String, Hashable, Sendable, CaseIterable, Codable {
  /// The map through the origin and the output, with the nonlinear factors frozen.
  case detached
  /// The derivative.
  case ordinary
}

extension Decoder {
  /// The maps of one kind at some tokens: one forward pass.
  ///
  /// - Parameters:
  ///   - kind: Detached or ordinary.
  ///   - tokens: The ids.
  ///   - rule: Which factor of gated products stays linear in detached maps; ordinary ones have none.
  ///   - bytes: The memory for blocks, which are otherwise made anew; by default all are held.
  /// - Returns: A `Linearization` or a `Differential`.
  /// - Throws: That there is no token, that an id is out of range, or that the context is exceeded.
  public func maps(
    _ kind: JacobianKind, at tokens: [Int], gate rule: GateRule = .up, holding bytes: Int = .max
  ) throws(InputError) -> any SiteMaps<S> {
    switch kind {
    case .detached: try linearize(at: tokens, gate: rule, holding: bytes)
    case .ordinary: try differentiate(at: tokens, holding: bytes)
    }
  }
}

extension DecoderConfiguration {
  /// The number of weights that a product passes at one position: those on the linear path and, for
  /// ordinary maps, also the query, key and gate projections, which detached maps freeze.
  package func parameters(passedBy kind: JacobianKind) -> Int {
    guard kind == .ordinary else { return linearPathParameters }
    return blocks.reduce(linearPathParameters) {
      // Of the branch of per-layer inputs, its derivative also passes what gives those.
      $0 + width
        * (frozenProjectionWidth(of: $1) + activeFeedForwardWidth(of: $1) + (perLayerWidth ?? 0))
    }
  }
}
