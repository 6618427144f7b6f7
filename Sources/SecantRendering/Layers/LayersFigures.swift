public import SecantReports

extension LayersReport {
  /// The pictures of the layers: the target's course, words by token and block, singular values, stable ranks, cosines
  /// and paths.
  public var figures: [Figure] {
    [targetFigure, gridFigure].compactMap(\.self)
      + extents.flatMap { extent in
        let perSite = sites.compactMap { wordFigure(extent, $0) }
        return perSite
          + [
            valueFigure(extent), rankFigure(extent), pathFigure(extent), planeFigure(extent),
          ].compactMap(\.self)
      }
  }

  /// Columns of a picture of words; more are too narrow to read.
  private static let columnLimit = 12
  /// Triplets whose lines are drawn.
  private static let lineLimit = 3

  /// The sites' maps of an extent that the line plots show: the block outputs, where they were asked for.
  func main(_ extent: Extent) -> [LayerMap] {
    let site = sites.contains(.residual) ? .residual : sites.last
    return site.map { maps(extent, to: $0) } ?? []
  }

  private func wordFigure(_ extent: Extent, _ site: Site) -> Figure? {
    let maps = maps(extent, to: site)
    let shown = shownTokens(limit: Self.columnLimit)
    let (visible, marked) = (VisibleText.token(), markedTokens)
    if maps.isEmpty || shown.isEmpty { return nil }
    let rows = maps.map { map -> (name: String, cells: [WordGrid.Cell]) in
      let cells = shown.filter { $0 < map.tokens.count }.map { token -> WordGrid.Cell in
        let words = map.tokens[token].triplets.first?.left ?? []
        return .init(
          word: words.first.map { visible($0.text) } ?? "–",
          isMarked: words.first.map { marked.contains($0.id) } ?? false,
          title: summary(of: map, token: token))
      }
      return (site == .residual ? map.name : "block \(map.block)", cells)
    }
    let grid = WordGrid(
      columns: labels(of: shown), rows: rows,
      caption: "what u₁ of each token's map writes; marked: \(conceptText)")
    return Figure(
      name: "layers-words-\(extent.rawValue)-\(site.rawValue)".lowercased(),
      title: "What emerges, block after block: \(site.title), \(extent.title)",
      subject: subject.line,
      caption: """
        Each column is a token of the prompt, each row a block, counted from 0 as in the checkpoint's \
        tensor names. A cell holds the token of the vocabulary that the leading left singular vector \
        of that token's map, \(extent.title) to this place, writes. Read down to see where the \
        answer appears, and whether it stays. A word stands for one direction of a map that has many: it is \
        no thought, and says nothing of how much passes through it.
        """,
      table: NumberTable(
        columns: [
          "block", "position", "token", "writes", "score", "singular value", "stable rank",
        ],
        rows: maps.flatMap { map in
          map.tokens.map { jacobian in
            let word = jacobian.triplets.first?.left.first
            return [
              .integer(map.block), .integer(jacobian.position),
              .text(prompt.tokenText(at: jacobian.position)), .text(word?.text ?? ""),
              .number(word?.score ?? .nan), .number(jacobian.singularValues.first ?? .nan),
              .number(jacobian.stableRank.value),
            ]
          }
        }),
      size: (grid.width, grid.height), content: grid.markup)
  }

  private var conceptText: String {
    let words = concepts.map { VisibleText.prose()($0.word) }
    let answer = prediction.first.map { VisibleText.token()($0.text) }
    return (words + [answer].compactMap(\.self)).joined(separator: ", ")
  }

  private func valueFigure(_ extent: Extent) -> Figure? {
    let maps = main(extent)
    let count = min(
      Self.lineLimit, maps.compactMap { $0.joint?.singularValues.count }.max() ?? 0)
    if count == 0 { return nil }
    let named = ["σ₁", "σ₂", "σ₃"].prefix(count).enumerated().map { k, name in
      LinePlot.Series(
        name,
        maps.map {
          let values = $0.joint?.singularValues ?? []
          return (Double($0.block), k < values.count ? values[k] : .nan)
        })
    }
    let plot = LinePlot(
      named, context: tokenLines(maps) { $0.singularValues.first ?? .nan },
      x: IndexAxis(count: blockCount), y: { LogAxis($0) },
      names: ("block", "singular value, logarithmic"))
    return Figure(
      name: "layers-values-\(extent.rawValue)", title: "Singular values by block, \(extent.title)",
      subject: subject.line,
      caption: """
        The leading singular values of the map of all tokens together, \(extent.title) to each \
        block's output, read through the final norm; faint, σ₁ of each token's own map. A gap \
        between σ₁ and σ₂ that opens says that one direction takes the lead.
        """,
      table: blockTable(maps, named.map { ($0.name, $0.values.map(\.y)) }),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }

  private func rankFigure(_ extent: Extent) -> Figure? {
    let named = sites.map { site in
      LinePlot.Series(
        site.shortTitle,
        maps(extent, to: site).compactMap { map in
          map.joint.map { (Double(map.block), $0.stableRank.value) }
        })
    }.filter { !$0.values.isEmpty }
    if named.isEmpty { return nil }
    let plot = LinePlot(
      named, context: tokenLines(main(extent)) { $0.stableRank.value },
      x: IndexAxis(count: blockCount), y: { LinearAxis($0) },
      names: ("block", "stable rank ‖J‖²/σ₁²"))
    return Figure(
      name: "layers-ranks-\(extent.rawValue)", title: "Stable ranks by block, \(extent.title)",
      subject: subject.line,
      caption: """
        How many directions share the work of the map of all tokens together, for each place in a \
        block; faint, of each token's own map to the block's output. A rank that falls toward the \
        end says that the model has come to few directions. With frozen parts the rank belongs to \
        this prompt and gate rule alone.
        """,
      table: blockTable(main(extent), named.map { ($0.name, $0.values.map(\.y)) }),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }

  private func pathFigure(_ extent: Extent) -> Figure? {
    let maps = main(extent)
    let named = ["u₁", "u₂"].enumerated().map { k, name in
      LinePlot.Series(
        name,
        maps.compactMap { map in
          let cosines = map.jointOverlap?.cosines ?? []
          guard k < cosines.count, k < cosines[k].count else { return nil }
          return (Double(map.block), cosines[k][k])
        })
    }.filter { !$0.values.isEmpty }
    if named.isEmpty { return nil }
    let plot = LinePlot(
      named, x: IndexAxis(count: blockCount), y: { LinearAxis($0 + [1]) },
      names: ("block", "cosine with the same vector after the last block"))
    return Figure(
      name: "layers-path-\(extent.rawValue)",
      title: "The way to the last directions, \(extent.title)", subject: subject.line,
      caption: """
        How far the leading left singular vectors of the map of all tokens, after each block, already \
        point where those of the last block point: 1 for the same direction, 0 for none of it. The \
        sign is that of vectors which each point toward their own output. Two vectors may \
        change places where their singular values cross; the line then drops and comes back.
        """,
      table: blockTable(maps, named.map { ($0.name, $0.values.map(\.y)) }),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }

  /// The names of tokens, by their place among those whose maps were decomposed.
  func labels(of places: [Int]) -> [String] {
    places.map { subject.label(at: position(of: $0)) }
  }

  /// The position of a token, by its place among those whose maps were decomposed.
  func position(of place: Int) -> Int {
    let tokens = maps.first?.tokens ?? []
    return tokens.indices.contains(place) ? tokens[place].position : place
  }

  private func tokenLines(
    _ maps: [LayerMap], _ value: (ExplanationReport.TokenJacobian) -> Double
  ) -> [LinePlot.Series] {
    shownTokens(limit: 48).map { token in
      .init(
        "",
        maps.map {
          (Double($0.block), token < $0.tokens.count ? value($0.tokens[token]) : .nan)
        })
    }
  }

  private func blockTable(_ maps: [LayerMap], _ lines: [(name: String, values: [Double])])
    -> NumberTable
  {
    NumberTable(
      columns: ["block"] + lines.map(\.name),
      rows: maps.enumerated().map { index, map in
        [.integer(map.block)]
          + lines.map { .number(index < $0.values.count ? $0.values[index] : .nan) }
      })
  }
}
