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
  /// W_g of the branch of per-layer inputs.
  case perLayerGate = "per-layer gate"
  /// W_p of that branch.
  case perLayerOutput = "per-layer output"
  /// What per-layer inputs are made of: the tokens' vectors and W_m.
  case perLayerInputs = "per-layer inputs"
}

extension TokenMixer {
  /// The layer's matrices, each with what it does.
  var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    switch self {
    case .attention(let layer):
      // Keys and values that the layer takes are another block's.
      return [(.query, layer.query.weight)]
        + (source == nil ? [(.key, layer.key.weight)] : [])
        + (layer.gate.map { [(.headGate, $0.weight)] } ?? [])
        + (source == nil ? [(.value, layer.value.weight)] : [])
        + [(.output, layer.output.weight)]
    case .delta(let layer):
      return [
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
    let branch: [(kind: ProjectionKind, weight: Weight<S>)] =
      perLayer.map { [(.perLayerGate, $0.gate.weight), (.perLayerOutput, $0.output.weight)] } ?? []
    let weights = attention.weights + feedForward.weights + branch
    return Set(weights.filter { $0.weight.adaptation != nil }.map(\.kind))
  }
}

extension Decoder {
  /// Whether an adapter adds something to a matrix of a block or to the unembedding.
  public var isAdapted: Bool {
    unembedding.weight.adaptation != nil || perLayer?.isAdapted ?? false
      || blocks.contains { !$0.adapted.isEmpty }
  }
}

extension Unembedding {
  /// The unembedding without its adapter; itself if it has none.
  package var unadapted: Unembedding {
    weight.adaptation.map { Unembedding(weight: $0.base, softcap: softcap) } ?? self
  }
}
