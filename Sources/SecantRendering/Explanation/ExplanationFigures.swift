public import SecantReports

extension ExplanationReport {
  /// The pictures of an explanation: the tokens' shares, and the spectra of their maps.
  public var figures: [Figure] {
    [shareFigure, effectFigure].compactMap(\.self) + (jacobians.isEmpty ? [] : [spectraFigure])
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  var shareFigure: Figure {
    let chart = ShareChart(prompt, shares)
    let rows = shares.tokens.enumerated().map { position, share in
      [
        NumberTable.Cell.integer(position), .text(prompt.tokenText(at: position)),
        .number(share.value), .number(share.fraction), .integer(share.isBaseline ? 1 : 0),
      ] + effectCells(at: position)
    }
    return Figure(
      name: "shares", title: "What each token gave to \(target.name(.token()))",
      subject: subject.line,
      caption: """
        Each bar is one token's share, or one span's, in the order of the prompt, from a common zero: \
        blue speaks for the target, orange against it. With the baseline or the bias they sum to the target. \
        The baseline, hatched, is a first token to which much of the attention goes whatever the prompt says; \
        it has no part in the scale. Of a long \
        prompt the 40 largest have bars of their own; one bar holds the sum of the others. A share is \
        not the effect of removing the token: without it, the model would be another linear map.
        """,
      table: NumberTable(
        columns: ["position", "token", "share", "fraction", "baseline"] + effectColumns, rows: rows),
      size: (ShareChart.width, chart.height), content: chart.content)
  }

  var spectraFigure: Figure {
    let leading = jacobiansByShare.prefix(LinePlot.limit)
    func series(_ jacobian: TokenJacobian) -> LinePlot.Series {
      let values = jacobian.singularValues
      // A curve of hundreds of values keeps its shape at a hundred points.
      let step = max(1, values.count / 100)
      return .init(
        subject.label(at: jacobian.position),
        stride(from: 0, to: values.count, by: step).map { (Double($0), values[$0]) })
    }
    let count = jacobians.map(\.singularValues.count).max() ?? 1
    let plot = LinePlot(
      leading.map(series),
      context: jacobiansByShare.dropFirst(LinePlot.limit).prefix(48).map(series),
      x: IndexAxis(count: count, first: 1), y: { LogAxis($0) },
      names: ("k", "σₖ: singular values, logarithmic"))
    let rows = jacobians.flatMap { jacobian in
      jacobian.singularValues.enumerated().map { k, value in
        [
          NumberTable.Cell.integer(jacobian.position),
          .text(prompt.tokenText(at: jacobian.position)), .integer(k + 1), .number(value),
          k < jacobian.residuals.count ? .number(jacobian.residuals[k]) : .text(""),
        ]
      }
    }
    return Figure(
      name: "spectra", title: "Singular values of each token's map", subject: subject.line,
      caption: """
        A token's map Jᵢ is a sum of triplets σₖuₖvₖᵀ: a part of the token's vector along vₖ is read, \
        multiplied by σₖ and written along uₖ. Named are the four tokens with the largest shares; the \
        others are faint. A steep curve says that few directions do the work. A large σ does not say \
        that the token mattered: that depends on how much of its vector lies along vₖ.
        """,
      table: NumberTable(
        columns: ["position", "token", "k", "singular value", "residual"], rows: rows),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }
}
