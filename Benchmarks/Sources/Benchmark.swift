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
    case dense, truncated, sketch, layers, products, sweeps, passes, trace, load, convert, search
  }

  @Argument(help: "What to measure.") var question: Question
  @Argument(
    help:
      "A Hugging Face folder or a GGUF file; of a search, a file of vectors, which is made where there is none."
  )
  var model: String
  @Option(help: "Of a search that makes its file: the number of vectors.") var vectors = 1_000_000
  @Option(help: "Of a search that makes its file: the width of a vector.") var width = 2048
  @Option(help: "Number of tokens: the first of the text, or as many made up where there is none.")
  var tokens = 8
  @Option(help: "A text whose first tokens are the prompt.") var text: String?
  @Option(help: "Singular triplets per token.") var rank = 8
  @Option(help: "Residual, in units of the token's largest singular value.") var tolerance = 1e-3
  @Option(help: "Vectors of a token in a round; by default what their price says.") var block: Int?
  @Option(help: "Of the tokens, those of an answer at the end.") var answer = 60
  @Option(help: "Tokens of a span that is removed.") var span = 25
  @Flag(help: "Of a trace, measure the account of all answer tokens alone.") var ledgerOnly = false
  @Option(help: "MiB that frozen blocks may hold; all by default.") var hold: Int?
  @Option(help: "How often passes are measured; the least time counts.") var runs = 1

  func run() throws {
    keepFreedMemory()
    if question == .convert {
      let tensors =
        model.hasSuffix(".gguf")
        ? try GGUFFile(at: URL(filePath: model)).tensors : try Checkpoint(at: model).tensors
      try printJSON(conversionRates(of: tensors))
      return
    }
    if question == .search {
      try printJSON(try searchTimes(in: URL(filePath: model), vectors, width: width, runs: runs))
      return
    }
    let checkpoint = try Checkpoint(at: model)
    let (decoder, loading) = try seconds { try Decoder<Float>(checkpoint) }
    let vocabulary = min(4096, decoder.configuration.vocabularySize)
    let made = (0..<tokens).map { ($0 * 37 + 11) % vocabulary }
    let ids =
      try text.map { Array(try Tokenizer(checkpoint).encode($0).tokens.prefix(tokens)) } ?? made
    let (frozen, linearizing) = try seconds {
      try decoder.linearize(at: ids, holding: hold.map { $0 << 20 } ?? .max)
    }
    var report: [String: Any] = [
      "tokens": ids, "load_s": loading, "linearize_s": linearizing,
    ]
    let family = frozen.jacobians()
    switch question {
    case .load, .convert, .search: break
    case .products: report["products"] = products(decoder, family)
    case .sweeps: report["sweeps"] = sweeps(decoder, family)
    case .passes: report["passes"] = try passes(decoder, frozen)
    case .trace: report["trace"] = trace(decoder, frozen)
    case .layers:
      let sites = frozen.blocks.indices.map { Site.block($0, .residual) }
      let method = CascadeSVD(tolerance: tolerance, probes: 0)
      let before = processorSeconds()
      let (levels, time) = seconds {
        let maps = frozen.jacobians(to: sites).prepared(
          vectors: method.basisSize(
            rank: rank, inputWidth: decoder.configuration.width,
            outputWidth: decoder.configuration.width),
          vectorsPerSite: 2 * rank, memory: 1 << 30)
        return method.decompose(maps, rank: rank)
      }
      report["seconds"] = time
      report["cpu_s"] = processorSeconds() - before
      report["singular_values"] = levels.map { $0.map(\.singularValues) }
      report["residuals"] = levels.map { $0.map(\.residuals) }
      report["products_per_token"] = levels.map { $0.map(\.products) }
    case .dense, .truncated, .sketch:
      let method: SVDMethod =
        switch question {
        case .dense: .dense(DenseSVD(rowBlock: decoder.configuration.width))
        case .sketch: .sketch()
        default: .krylov(KrylovSVD(tolerance: tolerance, block: block))
        }
      let before = processorSeconds()
      let (triplets, time) = seconds { family.svd(rank: rank, using: method) }
      report["seconds"] = time
      report["cpu_s"] = processorSeconds() - before
      report["singular_values"] = triplets.map(\.singularValues)
      report["residuals"] = triplets.map(\.residuals)
      report["products_per_token"] = triplets.map(\.products)
      if question != .truncated { report["left"] = triplets.map { $0.left.row(0) } }
    }
    report["peak_bytes"] = peakMemory()
    try printJSON(report)
  }

  private func printJSON(_ value: Any) throws {
    let json = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys])
    print(String(decoding: json, as: UTF8.self))
  }

  /// Seconds of what accounts for one target, beside one pass of the frozen maps over the same tokens.
  ///
  /// `shares` is the adjoint pass that gives every token's share, `ledger` the one that reads components too; the
  /// forward pass that freezes, `linearize_s`, comes before either. `difference` is the account of what changed from
  /// a prompt with another second token, in one order and in both, beside freezing that prompt, `other`.
  private func passes(
    _ decoder: Decoder<Float>, _ frozen: Linearization<Float>
  ) throws -> [String: Any] {
    let position = frozen.tokens.count - 1
    let products = decoder.unembedding.products(Matrix(row: frozen.output())).elements
    let likeliest = products.indices.max { products[$0] < products[$1] } ?? 0
    let direction = decoder.unembedding.direction(of: likeliest)
    let pass = timed { frozen.affineImages(of: frozen.input, at: [.output]) }.1
    let freezing = timed { try? decoder.linearize(at: frozen.tokens) }.1
    let (asked, shares) = timed {
      frozen.jacobians().applyAdjointToAll(Matrix(row: direction))
    }
    let sum = asked.enumerated().reduce(0.0) { sum, part in
      sum
        + zip(part.element.elements, frozen.input.row(part.offset)).reduce(0) {
          $0 + Double($1.0) * Double($1.1)
        }
    }
    let (ledger, accounting) = timed {
      frozen.ledger(of: Readout(direction, at: position))
    }
    var others = frozen.tokens
    others[min(1, others.count - 1)] += 1
    let (other, otherFreezing) = try seconds { try decoder.linearize(at: others) }
    let readout = Readout(direction, at: position)
    let (account, difference) = seconds { frozen.difference(from: other, of: readout) }
    let (both, differences) = seconds { frozen.differences(with: other, of: readout) }
    return [
      "other_s": otherFreezing, "difference_s": difference, "differences_s": differences,
      "difference": account.real, "sum_of_difference": both.forward.sum,
      "pass_s": pass, "shares_s": shares, "ledger_s": accounting,
      "shares_passes": (freezing + shares) / pass, "ledger_passes": (freezing + accounting) / pass,
      "logit": Double(products[likeliest]), "sum_of_shares": sum, "sum_of_ledger": ledger.sum,
    ]
  }

  /// Seconds of what accounts for an answer of many tokens, beside the pass that freezes the same tokens.
  ///
  /// `ledger_s` is the account of all answer tokens together; `rows_s` divides each by itself; `without_s` removes every
  /// span of the prompt in turn.
  private func trace(_ decoder: Decoder<Float>, _ frozen: Linearization<Float>) -> [String: Any] {
    let count = frozen.tokens.count
    let positions = count - answer - 1..<count - 1
    let directions = decoder.unembedding.weight.rows(positions.map { frozen.tokens[$0 + 1] })
    let readout = Readout(directions, at: positions)
    let (ledger, accounting) = seconds { frozen.ledger(of: readout) }
    if ledgerOnly { return ["ledger_s": accounting, "sum_of_ledger": ledger.sum] }
    let (rows, dividing) = seconds { frozen.rows(of: directions, at: Array(positions)) }
    let spans = stride(from: 0, to: positions.lowerBound + 1, by: span).map {
      RunChange<Float>(hidden: Set($0..<min($0 + span, positions.lowerBound + 1)))
    }
    let runs = ChangedRuns(of: decoder, at: frozen, position: positions.upperBound - 1)
    let (effects, removing) = seconds {
      runs.values(of: readout, after: spans, rows: 4 * max(1024, count))
    }
    return [
      "ledger_s": accounting, "rows_s": dividing, "without_s": removing, "spans": spans.count,
      "sum_of_ledger": ledger.sum, "sum_of_rows": rows.sums.reduce(0, +),
      "target": effects.unchanged,
      "shares": spans.map { $0.hidden.reduce(0.0) { $0 + ledger.tokens[$1] } },
      "effects": effects.changed.map { effects.unchanged - $0 },
    ]
  }

  /// A result and the least of the seconds that it took, over the requested number of runs.
  ///
  /// Other programs can only slow a run down, so the least time depends least on them.
  private func timed<T>(_ body: () -> T) -> (T, Double) {
    let (result, first) = seconds(body)
    return (result, (1..<max(1, runs)).reduce(first) { least, _ in min(least, seconds(body).1) })
  }

  /// Processor seconds of products with each token's own map, by rows: a batch, and what each row adds.
  private func sweeps(_ decoder: Decoder<Float>, _ family: Jacobians<Float>) -> [[String: Any]] {
    [1, 2, 3, 4, 6, 8].map { k in
      let rows = Matrix<Float>(rows: k, columns: decoder.configuration.width) {
        Float(($0 * 7 + $1 * 3) % 11) - 5
      }
      let batch = [Matrix<Float>](repeating: rows, count: family.count)
      var times: [(wall: Double, processor: Double)] = []
      for _ in 0..<9 {
        let before = processorSeconds()
        let wall = seconds {
          _ = family.apply(batch)
          _ = family.applyAdjoint(batch)
        }
        times.append((wall.1, processorSeconds() - before))
      }
      let rowCount = Double(k) * family.costs.members.reduce(0, +)
      return [
        "rows": rowCount, "seconds": times.map(\.wall).min() ?? 0,
        "processor": times.map(\.processor).min() ?? 0,
      ]
    }
  }

  /// Rates of products at several widths, beside the machine's own.
  private func products(_ decoder: Decoder<Float>, _ family: Jacobians<Float>) -> [[String:
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
