package import SecantAnalysis
package import SecantDecoders

/// One of the questions that a scan puts to every item.
package enum ScanQuestion: String, CaseIterable, Sendable {
  /// Predictions, and each token's share of the target.
  case explain
  /// The leading singular triplets of some tokens' maps, with their vectors; it includes `explain`.
  case spectra
  /// The logit lens and the blocks' shares of the target.
  case layers
  /// `layers`, and the stable ranks of some tokens' maps to the stream after each block.
  case layerSpectra = "layer-spectra"
  /// What changed the target from the other text of the item to its text.
  case ledger
}

/// What a scan asks about every item.
package struct ScanOptions: Sendable {
  /// The questions, at least one.
  package var questions: Set<ScanQuestion> = [.explain]
  /// The field with the prompt.
  package var field = "text"
  /// The field with the prompt that `ledger` compares with; nil for none.
  package var pairField: String?
  /// The field with the target, spelled as `--target` takes it; nil for the likeliest token over the runner-up.
  package var targetField: String?
  /// The number of items that are taken, from the first on; nil for all.
  package var limit: Int?
  /// The tokens whose maps `spectra` and `layer-spectra` decompose.
  package var spectra = TokenSelection.top(3)
  /// The number of singular triplets of each map.
  package var rank = 4
  /// The largest residual, relative to σ₁, of a triplet that counts as converged.
  package var tolerance = 1e-2
  /// The seed of random starting vectors.
  package var seed: UInt64 = 0
  /// The factor of gated products that stays linear.
  package var gate = GateRule.up
  /// The entries of a ledger that are kept, the largest.
  package var entries = 32

  /// The defaults: `explain` for the field `text` of all items.
  package init() {}

  /// Whether the questions are about blocks.
  var asksLayers: Bool { !questions.isDisjoint(with: [.layers, .layerSpectra]) }

  /// An explanation's options.
  ///
  /// - Parameter target: The item's target.
  /// - Returns: Those that the questions need.
  package func explanation(_ target: ExplanationOptions.Target) -> ExplanationOptions {
    var options = ExplanationOptions()
    options.target = target
    options.spectra = questions.contains(.spectra) ? spectra : .none
    options.rank = questions.contains(.spectra) ? rank : 0
    options.decodedTriplets = rank
    options.tolerance = tolerance
    options.seed = seed
    options.gate = gate
    options.listedEntries = entries
    return options
  }

  /// The options of the blocks' question.
  ///
  /// - Parameter target: The item's target.
  /// - Returns: Those without spectra, but for `layer-spectra`: then with the first triplet of each map, which
  ///   its stable rank needs.
  func layers(_ target: ExplanationOptions.Target) -> LayersOptions {
    var options = LayersOptions()
    options.target = target
    options.spectra = questions.contains(.layerSpectra) ? spectra : .none
    options.rank = 1
    options.tolerance = tolerance
    options.seed = seed
    options.gate = gate
    return options
  }
}
