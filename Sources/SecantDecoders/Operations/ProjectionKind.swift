/// What a weight matrix of a block does, in the order in which data passes them.
public enum ProjectionKind: String, Hashable, Sendable, CaseIterable {
  /// W_Q, of attention or a delta network.
  case query
  /// W_K.
  case key
  /// W_G or W_z: the gates of the heads' outputs.
  case headGate = "head gate"
  /// W_a: the decays of a delta network.
  case decay
  /// W_b: the rates of a delta network.
  case rate
  /// W_V.
  case value
  /// W_O.
  case output
  /// What chooses and weighs the experts of a mixture.
  case router
  /// W_gate of a feed-forward layer.
  case gate
  /// W_up.
  case up
  /// W_down.
  case down
}

extension TokenMixer {
  /// The layer's matrices, each with what it does.
  var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    switch self {
    case .attention(let layer):
      [(.query, layer.query.weight), (.key, layer.key.weight)]
        + (layer.gate.map { [(.headGate, $0.weight)] } ?? [])
        + [(.value, layer.value.weight), (.output, layer.output.weight)]
    case .delta(let layer):
      [
        (.query, layer.query.weight), (.key, layer.key.weight), (.headGate, layer.gate.weight),
        (.decay, layer.decay.weight), (.rate, layer.rate.weight), (.value, layer.value.weight),
        (.output, layer.output.weight),
      ]
    }
  }
}

extension Block {
  /// The kinds of matrices to which an adapter adds something.
  var adapted: Set<ProjectionKind> {
    let weights = attention.weights + feedForward.weights
    return Set(weights.filter { $0.weight.adaptation != nil }.map(\.kind))
  }
}

extension Decoder {
  /// Whether an adapter adds something to a matrix of a block or to the unembedding.
  public var isAdapted: Bool {
    unembedding.weight.adaptation != nil || blocks.contains { !$0.adapted.isEmpty }
  }
}

extension Unembedding {
  /// The unembedding without its adapter; itself if it has none.
  package var unadapted: Unembedding {
    weight.adaptation.map { Unembedding(weight: $0.base, softcap: softcap) } ?? self
  }
}
