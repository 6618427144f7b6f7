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
  ///   - figures: What was published.
  ///   - options: The seed and the memory; a prompt in them has no influence.
  ///   - progress: Called as the work goes on.
  /// - Returns: Every figure beside what was found here.
  /// - Throws: That nothing was published about this model, or why it cannot be run.
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

  /// How far a largest singular value may lie from the published one, relative to that.
  ///
  /// The paper's runs in bfloat16 and float32 differ by 1 %; half-precision gets three times that, and
  /// weights of 4 bits, whose rounding is 8 times coarser than bfloat16's, ten times.
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
    // Tokens that do not correspond have no figures in common.
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

  /// The error of the map as a whole: rounding alone, which finer arithmetic may only lessen.
  private func exactness(
    _ published: Double, _ report: ExplanationReport
  ) -> PaperReport.Finding {
    let found = report.reconstruction.standardDeviationRatio
    // An order of magnitude is what the order of sums may make of rounding.
    let bound = 10 * Swift.max(published, 1e-6)
    return .init(
      quantity: "std(error) / std(y)", published: "\(published)", found: "\(found)",
      difference: found, bound: bound, agrees: found <= bound)
  }

  private func strength(_ position: Int, _ found: Double) -> PaperReport.Finding {
    let published = singularValues[position]
    // A figure's pixels resolve half a percent of its scale.
    let resolution = arePrinted ? 0 : 0.005 * (singularValues.max() ?? 0)
    let bound = relativeBound + resolution / published
    let difference = Swift.abs(found - published) / published
    return .init(
      quantity: "largest singular value", position: position, published: "\(published)",
      found: "\(found)", difference: difference, bound: bound, agrees: difference <= bound)
  }

  /// How many of the published words are among those found here; nil where none was published.
  private func overlap(_ position: Int, _ found: [String]) -> PaperReport.Finding? {
    let published = leftWords[position]
    guard !published.isEmpty else { return nil }
    let words = found.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
    let missing = Double(published.count { !words.contains($0) }) / Double(published.count)
    // The order of the last of eight tokens hangs on the last digits: half must be there.
    return .init(
      quantity: "words of the left singular vector", position: position,
      published: published.joined(separator: " "), found: words.joined(separator: " "),
      difference: missing, bound: 0.5, agrees: missing <= 0.5)
  }
}
