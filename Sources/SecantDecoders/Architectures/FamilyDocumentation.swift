/// The families that Secant knows, as the table of `Documentation/Families.md` has them.
package enum FamilyDocumentation {
  /// The heads of the columns.
  package static let header = [
    "`model_type`", "models", "norms", "positions", "feed-forward layer", "windows",
  ]

  /// One row for each family, in the order of the registry.
  package static var rows: [[String]] {
    Architecture.all.map { family in
      [
        "`\(family.modelType)`", family.models, family.norms, family.positions,
        (family.isGated ? "gated" : "plain") + (family.hasExperts ? ", mixtures" : ""),
        family.hasWindows ? "yes" : "no",
      ]
    }
  }
}

extension Architecture {
  fileprivate var norms: String {
    let place =
      switch normPlacement {
      case .before: "before"
      case .after: "after"
      case .both: "before and after"
      }
    let heads =
      switch queryKeyNorm {
      case .none: ""
      case .perHead: "; of each head"
      case .acrossHeads: "; of all heads"
      }
    return "\(normRemovesMean ? "layer" : "RMS") \(place)\(heads)"
  }

  fileprivate var positions: String {
    if learnsPositions { return "learned" }
    if fields.contains("position_embedding_type") { return "rotated, or not at all" }
    if fields.contains("no_rope_layers") { return "rotated, not in all blocks" }
    if hasDeltaNetworks { return "part of each head rotated; delta networks in some blocks" }
    return rotatesPartially ? "part of each head rotated" : "rotated"
  }

  fileprivate var hasWindows: Bool {
    if case .never = windows { return false }
    return true
  }
}
