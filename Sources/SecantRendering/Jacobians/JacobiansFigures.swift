public import SecantReports

extension JacobiansReport {
  /// One figure for each precision: y rebuilt from both kinds of Jacobian (the paper's figure 3).
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
      names: ("component of the output y", "the rebuilt component"))
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
        "The output rebuilt from both Jacobians, \(precision.arithmetic)\(weights)"),
      subject: Subject(model, prompt, comparison.prediction).line,
      caption: """
        Each dot is one component of the output: horizontally the model's value, vertically the value that the \
        Jacobians of all tokens rebuild from the embeddings. On the line both are equal. The dots of the \
        detached Jacobians lie on it, with a relative error of \
        \(numbers.scientific(comparison.detached.relativeError)) \
        (std(error)/std(y) \(numbers.scientific(comparison.detached.standardDeviationRatio))): they \
        give the model's own output. The ordinary Jacobians are the tangent at the prompt; their \
        relative error of \(numbers.short(comparison.ordinary.relativeError)) (correlation \
        \(numbers.short(comparison.ordinary.correlation))) shows how far the model is from linear \
        there; it is not an error of computation.
        """,
      table: NumberTable(columns: ["component", "output", "detached", "ordinary"], rows: rows),
      size: (ScatterPlot.width, ScatterPlot.height), content: plot.markup)
  }
}

extension String {
  /// The text with every character replaced by a hyphen, except ASCII letters, digits and hyphens.
  var filteredToFileName: String {
    String(
      unicodeScalars.map {
        $0.isASCII && $0.properties.isAlphabetic || "0"..."9" ~= $0 ? Character($0) : "-"
      })
  }
}
