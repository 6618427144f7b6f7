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
        let together = map.joint.map { joint in
          rows(
            map, name: .text("joint"), text: "", values: joint.singularValues,
            residuals: joint.residuals, stableRank: joint.stableRank.value,
            isConverged: joint.isConverged, overlap: map.jointOverlap,
            words: joint.triplets.map { ($0.left.first?.text ?? "", "") })
        }
        return own + (together ?? [])
      })
  }

  private func rows(
    _ map: LayerMap, name: NumberTable.Cell, text: String, values: [Double], residuals: [Double],
    stableRank: Double, isConverged: Bool, overlap: Overlap?, words: [(String, String)]
  ) -> [[NumberTable.Cell]] {
    values.indices.map { k in
      let all = overlap?.cosines ?? []
      let cosines = k < all.count ? all[k] : []
      return [
        .text(map.extent.rawValue), .text(map.site.rawValue), .integer(map.block), name,
        .text(text), .integer(k), .number(values[k]),
        .number(k < residuals.count ? residuals[k] : .nan), .number(stableRank),
        .text(isConverged ? "true" : "false"), .number(k < cosines.count ? cosines[k] : .nan),
        .text(k < words.count ? words[k].0 : ""), .text(k < words.count ? words[k].1 : ""),
      ]
    }
  }

  /// The numbers of every block, in f64: `shares` and, for each extent and site, the lens and the maps.
  ///
  /// - `shares` `[L, 3]`: the contributions of attention, the feed-forward layer and the biases.
  /// - `grid` `[L, n]`, where it was requested: the target's probability after every block at every position.
  /// - `EXTENT.SITE.lens.…` `[L]`: the target's logit, probability and rank, and the entropy of all tokens.
  /// - `EXTENT.SITE.…`, for the n decomposed tokens: `positions` `[n]`, `singular_values` and `residuals`
  ///   `[L, n, r]`, and `stable_rank` `[L, n]`.
  /// - `EXTENT.SITE.joint.…`: the same for the joint maps, without n, and the overlaps of their left and
  ///   right vectors with those of the last block `[L, r, r]`. Absent without joint maps.
  public var arrays: [NumberArray] {
    let given = shares.map { shares in
      NumberArray(
        name: "shares", shape: [shares.blocks.count, 3],
        values: shares.blocks.flatMap { [$0.attention, $0.feedForward, $0.bias] })
    }
    return extents.flatMap { extent in
      sites.flatMap { site in arrays(of: maps(extent, to: site), "\(extent).\(site)") }
    } + [given, grid.map { .init("grid", rows: $0.probabilities) }].compactMap(\.self)
  }

  private func arrays(of maps: [LayerMap], _ prefix: String) -> [NumberArray] {
    let rank = maps.flatMap { $0.tokens.map(\.singularValues.count) }.max() ?? 0
    let joints = maps.compactMap(\.joint)
    let joint = joints.map(\.singularValues.count).max() ?? 0
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
    func lens(_ name: String, _ value: (Lens) -> Double) -> NumberArray {
      array("lens.\(name)", [L], maps.map { [$0.lens.map(value) ?? .nan] })
    }
    let tokens = maps.flatMap(\.tokens)
    let seen = [
      lens("logit", \.logit), lens("probability", \.probability),
      lens("rank") { Double($0.rank) }, lens("entropy", \.entropy),
    ]
    var arrays = seen
    if n > 0 {
      arrays += [
        array("positions", [n], [(maps.first?.tokens ?? []).map { Double($0.position) }]),
        array(
          "singular_values", [L, n, rank], tokens.map { filled($0.singularValues, to: rank) }),
        array("residuals", [L, n, rank], tokens.map { filled($0.residuals, to: rank) }),
        array("stable_rank", [L, n], tokens.map { [$0.stableRank.value] }),
      ]
    }
    if !joints.isEmpty, joints.count == L {
      arrays += [
        array(
          "joint.singular_values", [L, joint], joints.map { filled($0.singularValues, to: joint) }),
        array("joint.residuals", [L, joint], joints.map { filled($0.residuals, to: joint) }),
        array("joint.stable_rank", [L], joints.map { [$0.stableRank.value] }),
        array(
          "joint.overlap", [L, joint, joint], maps.map { square($0.jointOverlap?.cosines ?? []) }),
        array(
          "joint.right_overlap", [L, joint, joint],
          maps.map { square($0.jointOverlap?.rightCosines ?? []) }),
      ]
    }
    return arrays
  }
}
