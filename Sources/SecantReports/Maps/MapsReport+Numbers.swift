extension MapsReport: TabularReport {
  /// One row for each triplet of each token's map; the joint map's token is "joint".
  public var numbers: NumberTable {
    NumberTable(
      columns: [
        "token", "token_text", "k", "singular_value", "residual", "stable_rank", "writes", "reads",
      ],
      rows: jacobians.flatMap { map in
        rows(
          .integer(map.singular.position), prompt.tokens[map.singular.position].text,
          map.singular.singularValues, map.singular.residuals, map.singular.stableRank.value,
          map.singular.triplets.map { ($0.left.first?.text ?? "", $0.right.first?.text ?? "") })
      }
        + (joint.map { joint in
          rows(
            .text("joint"), "", joint.singularValues, joint.residuals, joint.stableRank.value,
            joint.triplets.map {
              ($0.left.first?.text ?? "", $0.right.first?.tokens.first?.text ?? "")
            })
        } ?? []))
  }

  private func rows(
    _ token: NumberTable.Cell, _ text: String, _ values: [Double], _ residuals: [Double],
    _ stableRank: Double, _ words: [(String, String)]
  ) -> [[NumberTable.Cell]] {
    values.indices.map { k in
      [
        token, .text(text), .integer(k), .number(values[k]),
        .number(k < residuals.count ? residuals[k] : .nan), .number(stableRank),
        .text(k < words.count ? words[k].0 : ""), .text(k < words.count ? words[k].1 : ""),
      ]
    }
  }

  /// For the n tokens at `positions` `[n]`: `singular_values` `[n, r]`, `spectrum.x` and `spectrum.y` `[n, points]`, and `pictures`
  /// `[n, R, C]`, in the matrix's own units; of the joint map, `joint.singular_values` `[r]` and
  /// `joint.weights` `[r, n]`.
  public var arrays: [NumberArray] {
    let n = jacobians.count
    let (height, width) = (
      jacobians.first?.picture.rows ?? 0, jacobians.first?.picture.columns ?? 0
    )
    let own = [
      NumberArray("positions", jacobians.map { Double($0.singular.position) }),
      .init("singular_values", rows: jacobians.map(\.singular.singularValues)),
      .init("spectrum.x", rows: jacobians.map(\.spectrum.x)),
      .init("spectrum.y", rows: jacobians.map(\.spectrum.y)),
      NumberArray(
        name: "pictures", shape: [n, height, width], values: jacobians.flatMap(\.picture.values)),
    ]
    let together = joint.map { joint in
      [
        NumberArray("joint.singular_values", joint.singularValues),
        .init("joint.weights", rows: joint.triplets.map(\.weights)),
      ]
    }
    return (n == 0 ? [] : own) + (together ?? [])
  }
}

extension MapsReport.Picture {
  /// The values of the levels, in the matrix's own units `[R·C]`.
  var values: [Double] {
    levels.map { level in
      let part = Double(level) / 127
      return (level < 0 ? -1 : 1) * part * part * largest
    }
  }
}
