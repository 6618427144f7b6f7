public import SecantReports

extension JacobiansReport {
  /// One picture for each precision: y as both kinds of Jacobian rebuild it (the paper's figure 3).
  public var figures: [Figure] {
    comparisons.enumerated().map { figure($1, index: $0) }
  }

  private func figure(_ comparison: Comparison, index: Int) -> Figure {
    let numbers = NumberText(usesUnicode: true)
    func cloud(_ name: String, _ rebuilt: Reconstruction) -> ScatterPlot.Cloud {
      .init(name: name, points: zip(comparison.output, rebuilt.values).map { ($0, $1) })
    }
    let plot = ScatterPlot(
      [cloud("detached", comparison.detached), cloud("ordinary", comparison.ordinary)],
      names: ("component of the output y", "the same component, rebuilt"))
    let precision = comparison.precision
    let weights = precision.weights == "stored" ? "" : ", weights in \(precision.weights)"
    let rows = comparison.output.indices.map { c in
      [
        NumberTable.Cell.integer(c), .number(comparison.output[c]),
        c < comparison.detached.values.count ? .number(comparison.detached.values[c]) : .text(""),
        c < comparison.ordinary.values.count ? .number(comparison.ordinary.values[c]) : .text(""),
      ]
    }
    return Figure(
      name: "jacobians-\(index + 1)-\(precision.arithmetic)-\(precision.weights)"
        .filteredToFileName,
      title: VisibleText.prose()(
        "The output as both Jacobians rebuild it, \(precision.arithmetic)\(weights)"),
      subject: Subject(model, prompt, comparison.prediction).line,
      reading: """
        Each dot is one of the output's components: across, as the model computed it; up, as the \
        Jacobians of all tokens rebuild it from the embeddings. On the line both agree. The detached \
        Jacobians lie on it, with a relative error of \
        \(numbers.scientific(comparison.detached.relativeError)) \
        (std(error)/std(y) \(numbers.scientific(comparison.detached.standardDeviationRatio))): they \
        are the map that the model was. The ordinary Jacobians are the tangent at the prompt; their \
        relative error of \(numbers.short(comparison.ordinary.relativeError)) (correlation \
        \(numbers.short(comparison.ordinary.correlation))) says how far the model is from linear \
        there, and is no mistake of theirs.
        """,
      table: NumberTable(columns: ["component", "output", "detached", "ordinary"], rows: rows),
      size: (ScatterPlot.width, ScatterPlot.height), content: plot.markup)
  }
}

extension String {
  /// The text with everything but ASCII letters, digits and hyphens replaced by hyphens.
  var filteredToFileName: String {
    String(
      unicodeScalars.map {
        $0.isASCII && $0.properties.isAlphabetic || "0"..."9" ~= $0 ? Character($0) : "-"
      })
  }
}
