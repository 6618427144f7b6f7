import ArgumentParser
import Foundation
import Secant
import SecantOperators

/// Measures Secant on a checkpoint and prints one JSON object.
///
/// `compare.py` beside this runs it in alternation with the baseline; alone it serves profiling.
@main
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "secant-benchmark", abstract: "Measure Secant on a checkpoint.")

  enum Question: String, CaseIterable, ExpressibleByArgument {
    case dense, truncated, layers, products, load, convert
  }

  @Argument(help: "What to measure.") var question: Question
  @Argument(help: "A Hugging Face folder or a GGUF file.") var model: String
  @Option(help: "Number of tokens.") var tokens = 8
  @Option(help: "Singular triplets per token.") var rank = 8
  @Option(help: "Residual, in units of the token's largest singular value.") var tolerance = 1e-3

  func run() throws {
    keepFreedMemory()
    if question == .convert {
      let tensors =
        model.hasSuffix(".gguf")
        ? try GGUFFile(at: URL(filePath: model)).tensors : try Checkpoint(at: model).tensors
      try printJSON(conversionRates(of: tensors))
      return
    }
    let (decoder, loading) = try seconds { try Decoder<Float>(Checkpoint(at: model)) }
    let ids = (0..<tokens).map { ($0 * 37 + 11) % min(4096, decoder.configuration.vocabularySize) }
    let (frozen, linearizing) = try seconds { try decoder.linearize(at: ids) }
    var report: [String: Any] = [
      "tokens": ids, "load_s": loading, "linearize_s": linearizing,
    ]
    let family = frozen.jacobians()
    switch question {
    case .load, .convert: break
    case .products: report["products"] = products(decoder, family)
    case .layers:
      let sites = frozen.blocks.indices.map { Site.block($0, .residual) }
      let method = CascadeSVD(tolerance: tolerance, probes: 0)
      let (levels, time) = seconds {
        let maps = frozen.layers(to: sites).prepared(
          vectors: method.basisSize(
            rank: rank, inputWidth: decoder.configuration.width,
            outputWidth: decoder.configuration.width),
          vectorsPerSite: 2 * rank, memory: 1 << 30)
        return method.decompose(maps, rank: rank)
      }
      report["seconds"] = time
      report["cpu_s"] = processorSeconds()
      report["singular_values"] = levels.map { $0.map(\.singularValues) }
      report["residuals"] = levels.map { $0.map(\.residuals) }
      report["products_per_token"] = levels.map { $0.map(\.products) }
    case .dense, .truncated:
      let method: SVDMethod =
        question == .dense
        ? .dense(DenseSVD(rowBlock: decoder.configuration.width))
        : .krylov(KrylovSVD(tolerance: tolerance, probes: 0))
      let (triplets, time) = seconds { family.svd(rank: rank, using: method) }
      report["seconds"] = time
      report["singular_values"] = triplets.map(\.singularValues)
      report["residuals"] = triplets.map(\.residuals)
      report["products_per_token"] = triplets.map(\.products)
    }
    report["peak_bytes"] = peakMemory()
    try printJSON(report)
  }

  private func printJSON(_ value: Any) throws {
    let json = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    print(String(decoding: json, as: UTF8.self))
  }

  /// Rates of products at several widths, beside the machine's own.
  private func products(_ decoder: Decoder<Float>, _ family: TokenJacobians<Float>) -> [[String:
    Any]]
  {
    let configuration = decoder.configuration
    let peak = peakRate()
    return [1, 4, 16, 64, 256].map { k in
      let rows = Matrix<Float>(rows: k, columns: configuration.width) {
        Float(($0 * 7 + $1 * 3) % 11) - 5
      }
      let time = median(of: 3) { _ = family.applyAdjointToAll(rows) }
      // In the last block only one position takes part but for the value projection.
      let f =
        2 * configuration.feedForwardWidth + configuration.queryHeads * configuration.headWidth
      let skipped = Double((tokens - 1) * configuration.width * f)
      let work = 2 * Double(k) * (Double(tokens * configuration.linearPathParameters) - skipped)
      return ["k": k, "seconds": time, "fraction_of_peak": work / time / peak, "peak": peak]
    }
  }
}
