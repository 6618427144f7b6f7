extension LayersReport: TabularReport {
  /// One row for each triplet of each map; the joint map's token is "joint".
  public var numbers: NumberTable {
    NumberTable(
      columns: [
        "extent", "site", "block", "token", "token_text", "k", "singular_value", "residual",
        "stable_rank", "converged", "cosine_with_last_block", "writes", "reads",
      ],
      rows: maps.flatMap { map in
        let own = map.tokens.enumerated().flatMap { index, token in
          rows(
            map, name: .integer(token.position), text: prompt.tokens[token.position].text,
            values: token.singularValues, residuals: token.residuals,
            stableRank: token.stableRank.value, isConverged: token.isConverged,
            overlap: map.tokenOverlaps[index],
            words: token.triplets.map { ($0.left.first?.text ?? "", $0.right.first?.text ?? "") })
        }
        return own
          + rows(
            map, name: .text("joint"), text: "", values: map.joint.singularValues,
            residuals: map.joint.residuals, stableRank: map.joint.stableRank.value,
            isConverged: map.joint.isConverged, overlap: map.jointOverlap,
            words: map.joint.triplets.map { ($0.left.first?.text ?? "", "") })
      })
  }

  private func rows(
    _ map: LayerMap, name: NumberTable.Cell, text: String, values: [Double], residuals: [Double],
    stableRank: Double, isConverged: Bool, overlap: Overlap, words: [(String, String)]
  ) -> [[NumberTable.Cell]] {
    values.indices.map { k in
      let cosines = k < overlap.cosines.count ? overlap.cosines[k] : []
      return [
        .text(map.extent.rawValue), .text(map.site.rawValue), .integer(map.block), name,
        .text(text), .integer(k), .number(values[k]),
        .number(k < residuals.count ? residuals[k] : .nan), .number(stableRank),
        .text(isConverged ? "true" : "false"), .number(k < cosines.count ? cosines[k] : .nan),
        .text(k < words.count ? words[k].0 : ""), .text(k < words.count ? words[k].1 : ""),
      ]
    }
  }

  /// For each extent and site: singular values, residuals `[L, n, r]` and stable ranks `[L, n]` of
  /// tokens' maps, the same of the joint maps without n, and the overlaps of their left and of their right
  /// vectors with the last block's `[L, r, r]`.
  public var arrays: [NumberArray] {
    extents.flatMap { extent in
      sites.flatMap { site in arrays(of: maps(extent, to: site), "\(extent).\(site)") }
    }
  }

  private func arrays(of maps: [LayerMap], _ prefix: String) -> [NumberArray] {
    let rank = maps.flatMap { $0.tokens.map(\.singularValues.count) }.max() ?? 0
    let joint = maps.map(\.joint.singularValues.count).max() ?? 0
    let (L, n) = (maps.count, maps.first?.tokens.count ?? 0)
    func filled(_ values: [Double], to count: Int) -> [Double] {
      values.prefix(count) + [Double](repeating: .nan, count: max(0, count - values.count))
    }
    func square(_ cosines: [[Double]]) -> [Double] {
      filled(cosines.flatMap { filled($0, to: joint) }, to: joint * joint)
    }
    func array(_ name: String, _ shape: [Int], _ values: [[Double]]) -> NumberArray {
      NumberArray(name: "\(prefix).\(name)", shape: shape, values: Array(values.joined()))
    }
    let tokens = maps.flatMap(\.tokens)
    return [
      array(
        "singular_values", [L, n, rank], tokens.map { filled($0.singularValues, to: rank) }),
      array("residuals", [L, n, rank], tokens.map { filled($0.residuals, to: rank) }),
      array("stable_rank", [L, n], tokens.map { [$0.stableRank.value] }),
      array(
        "joint.singular_values", [L, joint],
        maps.map { filled($0.joint.singularValues, to: joint) }),
      array("joint.residuals", [L, joint], maps.map { filled($0.joint.residuals, to: joint) }),
      array("joint.stable_rank", [L], maps.map { [$0.joint.stableRank.value] }),
      array("joint.overlap", [L, joint, joint], maps.map { square($0.jointOverlap.cosines) }),
      array(
        "joint.right_overlap", [L, joint, joint],
        maps.map { square($0.jointOverlap.rightCosines ?? []) }),
    ]
  }
}
