public import Foundation
public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

/// A description of the written Jacobians.
public struct JacobianFile: Hashable, Sendable {
  /// The kind of Jacobian.
  public let kind: JacobianKind
  /// `[T, d, d]`: the extents of the tensor `jacobian`.
  public let shape: [Int]
  /// The position at which the maps end.
  public let position: Int
  /// ‖Σ J_i x_i + b − y‖ / ‖y‖, with the J_i that were written.
  public let relativeError: Double
}

extension Model {
  /// Writes the Jacobians of all tokens to a safetensors file, which appears when it is complete.
  ///
  /// The file holds the vectors that enter block 0 (`input`, `[T, d]`), y (`output`, `[d]`), the
  /// maps (`jacobian`, `[T, d, d]`, by token, output and input; zero for tokens after the
  /// position), b (`offset`, `[d]`; for ordinary maps the rest of y), and the ids (`tokens`, `[T]`,
  /// int64). Rows of all maps are computed a block at a time, by products with Jᵀ, and written in
  /// place, so the maps are never in memory as a whole. Costs d adjoint sweeps.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - url: The file's place.
  ///   - kind: Detached or ordinary.
  ///   - options: Site, position, gate rule and memory; options for singular vectors have no
  ///     effect.
  ///   - progress: Called as the work goes on.
  /// - Returns: A description of the file.
  /// - Throws: Why the prompt or the options cannot be used, that numbers overflow, or why the file
  ///   cannot be written.
  public func writeJacobians(
    _ prompt: PromptInput, to url: URL, kind: JacobianKind = .detached,
    _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> JacobianFile {
    let input = try validated(prompt)
    let cost = try jacobianFileCost(tokens: input.tokens.count, kind, options)
    let meter = WorkMeter(cost.jacobianFile, report: progress)
    meter.begin(.linearization)
    let maps = try decoder.maps(
      kind, at: input.tokens, gate: options.gate, holding: cost.memory.heldBytes)
    meter.begin(.jacobians)
    let error = try write(
      maps, to: url, cost, options, metadata: try metadata(kind, cost, options, input), meter)
    meter.end()
    let (T, d) = (input.tokens.count, decoder.configuration.width)
    return JacobianFile(
      kind: kind, shape: [T, d, d], position: cost.scope.position, relativeError: error)
  }

  /// What `writeJacobians` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - kind: Detached or ordinary.
  ///   - options: As they would be given to it.
  /// - Returns: The cost, and a note of the file's size.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func planJacobianFile(
    _ prompt: PromptInput, kind: JacobianKind = .detached,
    _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let cost = try jacobianFileCost(tokens: tokens.count, kind, options)
    let (T, d) = (tokens.count, decoder.configuration.width)
    let bytes = MemoryLayout<S>.stride * (T * d * d + T * d + 2 * d) + 8 * T
    return plan(
      [(method: SettledMethod.dense.rawValue, steps: cost.jacobianFile)], tokens: T, rank: d,
      counted: ["The file will take \(bytes) bytes."])
  }

  private func jacobianFileCost(
    tokens: Int, _ kind: JacobianKind, _ options: ExplanationOptions
  ) throws(InputError) -> CostModel {
    let cost = cost(try scope(tokens: tokens, options), memory: options.memory)
      .within(kind: kind)
    try cost.require { $0.jacobianFile }
    return cost
  }

  /// Writes the maps, one block of rows at a time.
  ///
  /// - Returns: The relative error of the rebuilt output.
  private func write(
    _ maps: any SiteMaps<S>, to url: URL, _ cost: CostModel, _ options: ExplanationOptions,
    metadata: [String: String], _ meter: WorkMeter
  ) throws(InputError) -> Double {
    let (position, width) = (cost.scope.position, maps.input.columns)
    let writer = try SafetensorsWriter(
      tensors(count: maps.tokens.count, width: width), metadata: metadata, to: url)
    func put<Element: BitwiseCopyable>(
      _ elements: [Element], as name: String, at start: Int = 0
    ) throws(InputError) {
      try writer.write(elements.span, to: name, at: start)
    }
    let y = maps.output(at: options.site, position: position)
    let offset = maps.offset(to: options.site, position: position)
    try put(maps.input.elements, as: "input")
    try put(y, as: "output")
    try put(offset, as: "offset")
    try put(maps.tokens.map(Int64.init), as: "tokens")
    let family = maps.jacobians(to: options.site, position: position)
      .observed { meter.add($0 * cost.row) }
    let inputs = maps.tokens.indices.map { maps.input.row($0) }
    var error = zip(offset, y).map { Double($0) - Double($1) }
    let rowsPerBlock = cost.rowsPerBlock
    for start in stride(from: 0, to: width, by: rowsPerBlock) {
      let rows = start..<min(start + rowsPerBlock, width)
      // The products of Jᵀ with rows of the identity are the rows of J.
      let unit = Matrix<S>(rows: rows.count, columns: width) { $1 == rows.lowerBound + $0 ? 1 : 0 }
      let block = family.applyAdjointToAll(unit)
      for (token, part) in block.enumerated() {
        try put(part.elements, as: "jacobian", at: (token * width + start) * width)
        let given = part.times(Matrix(rows: width, columns: 1, elements: inputs[token]))
        for (row, value) in given.elements.enumerated() { error[start + row] += Double(value) }
      }
      let zeros = [S](repeating: 0, count: rows.count * width)
      for token in block.count..<maps.tokens.count {
        try put(zeros, as: "jacobian", at: (token * width + start) * width)
      }
    }
    let (size, difference) = (norm(y.map(Double.init)), norm(error))
    guard size.isFinite, difference.isFinite else { throw notFinite }
    try writer.commit()
    return difference == 0 ? 0 : difference / size
  }

  /// The tensors, in the precision of the computation.
  private func tensors(count T: Int, width d: Int) -> [SafetensorsWriter.Tensor] {
    guard let type = ElementType(of: S.self) else {
      preconditionFailure("no type stores \(S.self)")
    }
    return [
      .init(name: "input", elementType: type, shape: [T, d]),
      .init(name: "output", elementType: type, shape: [d]),
      .init(name: "jacobian", elementType: type, shape: [T, d, d]),
      .init(name: "offset", elementType: type, shape: [d]),
      .init(name: "tokens", elementType: .i64, shape: [T]),
    ]
  }

  /// The file's metadata.
  private func metadata(
    _ kind: JacobianKind, _ cost: CostModel, _ options: ExplanationOptions, _ input: EncodedPrompt
  ) throws(InputError) -> [String: String] {
    let provenance = JacobianProvenance(
      secantVersion: SecantVersion.current, model: identity, commandLine: options.commandLine,
      chat: input.chat)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let json = try? encoder.encode(provenance) else {
      preconditionFailure("strings are encoded")
    }
    return [
      "kind": kind.rawValue, "site": "\(options.site)",
      "gate": kind == .ordinary ? "none" : options.gate.rawValue,
      "precision": S.precisionName, "position": "\(cost.scope.position)",
      "provenance": String(decoding: json, as: UTF8.self),
    ]
  }
}

/// The origin of a file, besides its other metadata.
private struct JacobianProvenance: Encodable {
  let secantVersion: String
  let model: ModelIdentity
  let commandLine: [String]?
  let chat: Provenance.Chat?
}

extension CostModel {
  /// Every token's map, row by row, in adjoint sweeps of several rows.
  fileprivate var jacobianFile: Steps {
    let rows = rowsPerBlock
    var products = sweep(
      rows: configuration.width * positions, in: (d / Double(rows)).rounded(.up), .jacobians)
    products.products = configuration.width * positions
    products.peakBytes = memory.heldFrozenBytes + memory.sweepBytes(rows: rows * positions)
    return Steps([forward, products])
  }

  /// The number of rows computed together: as many as fit, but few enough to show progress.
  fileprivate var rowsPerBlock: Int {
    // A block of 10¹¹ operations takes a second or two. The weights are read once per block, which
    // costs little from a few hundred vectors on.
    let visible = Int(min(1e11 / (Double(positions) * row), d))
    let efficient = (256 + positions - 1) / positions
    return min(
      configuration.width, max(visible, efficient),
      max(1, memory.rows(within: memory.available) / positions))
  }
}
