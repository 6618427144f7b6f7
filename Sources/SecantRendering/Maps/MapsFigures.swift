public import SecantReports

extension MapsReport {
  /// The figures of a report on maps: the tokens that contributed most to the output.
  ///
  /// They show the maps of the four tokens with the largest ‖J x‖ as images, how few units carry
  /// them, the joint map, and the generation, if there is one.
  public var figures: [Figure] {
    leading.map { jacobianFigure(jacobians[$0], index: $0) }
      + (jacobians.isEmpty ? [] : [concentrationFigure])
      + [joint.map(concatenatedFigure), generation.map(generationFigure)].compactMap(\.self)
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  /// The tokens that contributed most, as indices into the list, in the prompt's order.
  var leading: [Int] {
    func size(_ index: Int) -> Double { jacobians[index].singular.outputNorm }
    return jacobians.indices.filter { size($0).isFinite }.sorted { size($0) > size($1) }
      .prefix(LinePlot.limit).sorted()
  }

  /// One token's map as an image, its spectrum beside it (the paper's figure 2).
  private func jacobianFigure(_ map: Map, index: Int) -> Figure {
    let singular = map.singular
    let name = subject.label(at: singular.position)
    let picture = MapImage(map.picture)
    let points = zip(map.spectrum.x, map.spectrum.y).map { ($0, $1) }
    let plot = LinePlot(
      [.init("", points)], x: LogAxis(map.spectrum.x), y: { LogAxis($0) },
      names: ("k", "σₖ: singular values, both axes logarithmic"), width: 400)
    return Figure(
      name: "jacobian-\(index)",
      title: "The map of token \(singular.position), \(name)",
      subject: subject.line,
      caption: """
        The image is the matrix J that maps this token's vector to its part of the output: the entry in row r and \
        column c is the effect of component c of the token's vector on component r of the output. Blue is \
        positive, orange negative, on a square-root scale. Each cell shows its largest entry. To its right are the \
        matrix's singular values: if the curve falls early, few directions do the work. Its stable rank is \
        \(NumberText(usesUnicode: true).estimate(singular.stableRank)) of \
        \(map.picture.matrixColumns). Stripes are units that matter whatever the token held.
        """,
      table: NumberTable(
        columns: ["k", "singular value"], rows: points.map { [.number($0.0), .number($0.1)] }),
      size: (760, max(MapImage.height, plot.height)),
      content: "\(picture.markup)<g transform=\"translate(352 0)\">\(plot.markup)</g>")
  }

  private var concentrationFigure: Figure {
    func line(_ name: String, _ curve: Curve) -> LinePlot.Series {
      .init(name, zip(curve.x, curve.y).map { ($0, $1) })
    }
    let map = leading.map { jacobians[$0] }.max {
      $0.singular.outputNorm < $1.singular.outputNorm
    }
    let plot = LinePlot(
      map.map {
        [
          line("entries", $0.concentration.entries), line("rows", $0.concentration.rows),
          line("columns", $0.concentration.columns),
        ]
      } ?? [],
      context: jacobians.map { line("", $0.concentration.entries) },
      x: LinearAxis([0, 1]), y: { _ in LinearAxis([0, 1]) },
      names: (
        "fraction of the parts, largest first", "fraction of ‖J‖² (Frobenius) that they carry"
      ))
    let token = map.map { " of \(subject.label(at: $0.singular.position))" } ?? ""
    let rows = jacobians.flatMap { map in
      [
        ("entries", map.concentration.entries), ("rows", map.concentration.rows),
        ("columns", map.concentration.columns),
      ].flatMap { part, curve in
        zip(curve.x, curve.y).map { x, y in
          [
            NumberTable.Cell.integer(map.singular.position),
            .text(prompt.tokenText(at: map.singular.position)), .text(part), .number(x), .number(y),
          ]
        }
      }
    }
    return Figure(
      name: "sparsity", title: "How few parts carry the map\(token)", subject: subject.line,
      caption: """
        The fraction of the map's squared Frobenius norm in the largest tenth, half, … of its entries, rows or \
        columns. If all were equal, the curve would be a straight line; the earlier a curve rises, the fewer \
        matter. Faint: the entries of the other \
        tokens' maps.
        """,
      table: NumberTable(columns: ["position", "token", "part", "fraction", "share"], rows: rows),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }

  private func concatenatedFigure(_ joint: JointMap) -> Figure {
    let values = joint.singularValues
    let plot = LinePlot(
      [.init("", values.enumerated().map { (Double($0), $1) })],
      x: IndexAxis(count: values.count, first: 1), y: { LogAxis($0) },
      names: ("k", "σₖ: singular values, logarithmic"))
    let shown = joint.triplets.prefix(12)
    // In a long prompt, only the tokens that hold most of these vectors are drawn.
    let count = shown.map(\.weights.count).min() ?? 0
    let tokens = (0..<count).sorted { a, b in
      shown.reduce(0) { $0 + $1.weights[a] } > shown.reduce(0) { $0 + $1.weights[b] }
    }.prefix(16).sorted()
    let map = HeatMap(
      shown.enumerated().map { k, triplet in
        .init(
          name: "v\(k + 1)", isToken: false, values: tokens.map { 100 * triplet.weights[$0] },
          sum: 100 * tokens.reduce(0) { $0 + triplet.weights[$1] })
      },
      columns: tokens.map { subject.label(at: $0).truncated(to: 7, ellipsis: "…") },
      caption: "weight of vₖ by token, in per cent")
    let isEmpty = shown.isEmpty || tokens.isEmpty
    return Figure(
      name: "joint", title: "The joint map of all tokens", subject: subject.line,
      caption: """
        The joint map has all tokens' maps side by side and takes all vectors to the output. Above: its singular \
        values. Below: the weight of each right singular vector at each token; a row sums to \
        100 % over all tokens. One token in a row says that the direction reads that token alone.
        """,
      table: NumberTable(
        columns: ["k", "singular value"],
        rows: values.enumerated().map { [.integer($0 + 1), .number($1)] }),
      size: (
        max(LinePlot.width, isEmpty ? 0 : map.width), plot.height + (isEmpty ? 0 : map.height + 16)
      ),
      content: """
        \(plot.markup)\("<g transform=\"translate(0 \(plot.height + 16))\">\(map.markup)</g>", if: !isEmpty)
        """)
  }

  private func generationFigure(_ generation: Generation) -> Figure {
    let label = VisibleText.token()
    let steps = generation.steps.prefix(24)
    let read = generation.tokens.prefix(steps.count)
    let map = HeatMap(
      steps.map { step in
        .init(
          name: label(step.prediction.text), isToken: true,
          values: read.indices.map {
            $0 < step.shares.tokens.count ? step.shares.tokens[$0].value : .nan
          }, sum: step.shares.sum, apart: Set(step.shares.baseline))
      }, columns: read.map { label($0.text).truncated(to: 7, ellipsis: "…") },
      caption: "tokens read so far; shares in logits")
    return Figure(
      name: "generation", title: "A generation, divided step by step", subject: subject.line,
      caption: """
        Each row is a generated token, each column a token before it. A cell is that token's share of the \
        generated token's logit minus its runner-up's. Every row is exact for its own prompt. A cell \
        without colour is the baseline.
        """,
      table: NumberTable(
        columns: ["step", "token", "logit", "relative error"],
        rows: steps.enumerated().map { index, step in
          [
            .integer(index), .text(step.prediction.text), .number(step.prediction.logit),
            .number(step.reconstruction.relativeError),
          ]
        }), size: (map.width, map.height), content: map.markup)
  }
}

/// A matrix as an image, with the meaning of its sides and colours.
struct MapImage {
  static let height = 360
  private static let side = 300.0
  private let picture: MapsReport.Picture

  init(_ picture: MapsReport.Picture) { self.picture = picture }

  var markup: Markup {
    let (side, left, top) = (Self.side, 22.0, 26.0)
    let isWhole =
      picture.columns > 0 && picture.levels.count.isMultiple(of: picture.columns)
      && picture.levels.count / picture.columns == picture.rows && picture.rows > 0
    let image: Markup =
      isWhole
      ? """
      <image class="plot-image" x="\(at: left)" y="\(at: top)" width="\(at: side)" height="\(at: side)" \
      preserveAspectRatio="none" href="\(PixelImage(levels: picture.levels, columns: picture.columns).address)"/>
      """ : ""
    let largest = NumberText(usesUnicode: true).short(picture.largest)
    return """
      <text class="plot-soft" x="\(at: left)" y="14">input components 0–\(max(1, picture.matrixColumns) - 1) →</text>\
      <text class="plot-soft" transform="translate(15 \(at: top + side)) rotate(-90)">\
      ← output components 0–\(max(1, picture.matrixRows) - 1)</text>\
      \(image)<path class="plot-grid" d="M\(at: left) \(at: top)h\(at: side)v\(at: side)h-\(at: side)z"/>\
      <text class="plot-soft plot-small" x="\(at: left)" y="\(at: top + side + 20)">\
      full blue \(largest), full orange -\(largest), square-root scale</text>
      """
  }
}
