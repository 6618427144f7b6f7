import Foundation
public import SecantCheckpoints
import SecantDecoders
public import SecantReports

extension Model {
  /// How closely this model agrees with published figures for it.
  ///
  /// Runs `explain` once for each published prompt, with the published gate rule.
  ///
  /// - Parameters:
  ///   - figures: The published figures.
  ///   - options: The seed and the memory; a prompt in them is ignored.
  ///   - progress: Called as the work goes on.
  /// - Returns: Every published figure with its value here.
  /// - Throws: That no figures of this model were published, or why it cannot be run.
  public func compare(
    with figures: PaperFigures, _ options: VerificationOptions = VerificationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> PaperReport {
    let (entry, match) = try figures.entry(for: decoder.configuration, named: name)
    var runs: [PaperReport.Run] = []
    for run in entry.runs {
      guard let gate = GateRule(rawValue: run.gate) else {
        throw InputError(
          .malformed, subject: "published gate rule", expected: "up, gate or half",
          found: run.gate, remedy: "correct the file of figures")
      }
      var explanation = ExplanationOptions()
      explanation.rank = 1
      explanation.gate = gate
      explanation.spectra = .all
      explanation.seed = options.seed
      explanation.memory = options.memory
      let report = try explain(.text(run.prompt), explanation, progress: progress)
      runs.append(
        .init(
          prompt: run.prompt, gateRule: run.gate, arithmetic: run.arithmetic, source: run.source,
          caveats: run.caveats + run.quantizationCaveats, findings: run.findings(in: report)))
    }
    return PaperReport(
      secantVersion: SecantVersion.current, model: identity, publishedModel: entry.name,
      match: match, source: figures.source, runs: runs, caveats: figures.caveats)
  }
}

extension PaperFigures.Run {
  fileprivate var quantizationCaveats: [String] {
    isQuantized
      ? ["The published run quantized the weights to 4 bits: full weights give other figures."] : []
  }

  /// The allowed relative difference of a largest singular value from the published one.
  ///
  /// The paper's runs in bfloat16 and float32 differ by 1 %; half precision is allowed three times
  /// that, and 4-bit weights, whose rounding is 8 times coarser than bfloat16's, ten times.
  fileprivate var relativeBound: Double {
    if isQuantized { return 0.1 }
    return arithmetic == "float32" || arithmetic == "float64" ? 0.01 : 0.03
  }

  /// Every published figure, compared with an explanation of the same prompt.
  fileprivate func findings(in report: ExplanationReport) -> [PaperReport.Finding] {
    let count = singularValues.count
    let tokens = PaperReport.Finding(
      quantity: "tokens of the prompt", published: "\(count)",
      found: "\(report.shares.tokens.count)",
      agrees: report.shares.tokens.count == count)
    var findings = [tokens]
    if let predicted {
      let found = report.prediction.first?.text.trimmingCharacters(in: .whitespaces) ?? ""
      findings.append(
        .init(
          quantity: "next token", published: predicted, found: found, agrees: found == predicted))
    }
    if let reconstruction { findings.append(exactness(reconstruction, report)) }
    // Only corresponding tokens can be compared.
    guard tokens.agrees else { return findings }
    for jacobian in report.jacobians {
      findings.append(strength(jacobian.position, jacobian.singularValues.first ?? .nan))
    }
    for jacobian in report.jacobians {
      if let words = overlap(jacobian.position, jacobian.triplets.first?.left.map(\.text) ?? []) {
        findings.append(words)
      }
    }
    return findings
  }

  /// The error of the whole map.
  ///
  /// It is only rounding, so finer arithmetic may only reduce it.
  private func exactness(
    _ published: Double, _ report: ExplanationReport
  ) -> PaperReport.Finding {
    let found = report.reconstruction.standardDeviationRatio
    // The order of sums may change rounding by an order of magnitude.
    let bound = 10 * Swift.max(published, 1e-6)
    return .init(
      quantity: "std(error) / std(y)", published: "\(published)", found: "\(found)",
      difference: found, bound: bound, agrees: found <= bound)
  }

  private func strength(_ position: Int, _ found: Double) -> PaperReport.Finding {
    let published = singularValues[position]
    // Pixels of a figure resolve half a percent of its scale.
    let resolution = arePrinted ? 0 : 0.005 * (singularValues.max() ?? 0)
    let bound = relativeBound + resolution / published
    let difference = Swift.abs(found - published) / published
    return .init(
      quantity: "largest singular value", position: position, published: "\(published)",
      found: "\(found)", difference: difference, bound: bound, agrees: difference <= bound)
  }

  /// How many of the published words were found here; nil if none were published.
  private func overlap(_ position: Int, _ found: [String]) -> PaperReport.Finding? {
    let published = leftWords[position]
    guard !published.isEmpty else { return nil }
    let words = found.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    let missing = Double(published.count { !words.contains($0) }) / Double(published.count)
    // The order of the last of eight tokens depends on the last digits, so only half must be found.
    return .init(
      quantity: "words of the left singular vector", position: position,
      published: published.joined(separator: " "), found: words.joined(separator: " "),
      difference: missing, bound: 0.5, agrees: missing <= 0.5)
  }
}
