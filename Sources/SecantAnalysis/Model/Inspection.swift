import Foundation
public import SecantCheckpoints
import SecantDecoders
public import SecantReports
import SecantTokenizers

extension InspectionReport {
  /// The content of a checkpoint, and the parts that are understood.
  ///
  /// Reads headers, and weights only if there is an unembedding besides a tied embedding.
  ///
  /// - Parameters:
  ///   - checkpoint: The files, of any architecture.
  ///   - name: The model's name in results; by default the folder's path.
  public init(of checkpoint: Checkpoint, name: String? = nil) {
    let name = name ?? checkpoint.url.path(percentEncoded: false)
    let understanding = Understanding(of: checkpoint)
    self.init(
      secantVersion: SecantVersion.current, model: ModelIdentity(of: checkpoint, name: name),
      configuration: understanding.settings
        + (Tokenizer.isDefined(in: checkpoint)
          ? [] : [Setting(name: "tokenizer", value: "none: prompts are given as token ids")]),
      tensorGroups: Self.groups(of: checkpoint.tensors),
      memory: Self.memory(checkpoint, understanding.configuration),
      notUnderstood: understanding.failures,
      notes: understanding.notes.isEmpty ? nil : understanding.notes)
  }

  private static func memory(
    _ checkpoint: Checkpoint, _ configuration: DecoderConfiguration?
  ) -> [MemoryNeed] {
    var needs = [MemoryNeed(name: "weights, mapped from the file", bytes: checkpoint.totalBytes)]
    guard let configuration else { return needs }
    let tokens = min(8, configuration.contextLength)
    let scope = ExplanationScope(
      tokens: tokens, position: tokens - 1, lastBlock: configuration.blockCount - 1,
      rank: min(8, configuration.width), tolerance: 1e-3)
    let budget = ExplanationOptions().memory
    let costs = [
      ("f32", CostModel(configuration, scope, precision: Float.self, memory: budget)),
      ("f64", CostModel(configuration, scope, precision: Double.self, memory: budget)),
    ]
    for (precision, cost) in costs {
      for method in SettledMethod.measuring {
        needs.append(
          MemoryNeed(
            name: "explain \(tokens) tokens, \(method.rawValue), \(precision)",
            bytes: cost.explanation(
              method, tokens: Array(0..<tokens), decodedTriplets: 0
            ).peakBytes))
      }
    }
    let row = configuration.blocks.reduce(0) {
      let hasOwn = $1.delta == nil && $1.keyValueSource == nil
      return $0 + (hasOwn ? 2 * configuration.valueWidth(of: $1) : 0)
    }
    needs.append(
      MemoryNeed(
        name: "keys and values of \(configuration.contextLength) tokens, f32",
        bytes: row * configuration.contextLength * MemoryLayout<Float>.stride))
    let states = configuration.blocks.compactMap(\.delta).reduce(0) { $0 + $1.stateCount }
    if states > 0 {
      needs.append(
        MemoryNeed(
          name: "states of delta networks, f32", bytes: states * MemoryLayout<Float>.stride))
    }
    return needs
  }
}

// MARK: - Tensors

extension InspectionReport {
  /// The tensors grouped by block; successive similar blocks form one group.
  private static func groups(of tensors: [StoredTensor]) -> [TensorGroup] {
    var others: [Tensor] = []
    var blocks: [Int: [Tensor]] = [:]
    for tensor in tensors {
      let parts = tensor.name.split(separator: ".", omittingEmptySubsequences: false)
      let place = parts.firstIndex { Int($0) != nil }
      let number = place.flatMap { Int(parts[$0]) }
      let name = parts.enumerated().map { $0 == place ? "N" : $1 }.joined(separator: ".")
      let described = Tensor(
        name: name, elementType: tensor.format.lowercased(), shape: tensor.shape,
        bytes: tensor.byteCount)
      if let number {
        blocks[number, default: []].append(described)
      } else {
        others.append(described)
      }
    }
    var groups = others.isEmpty ? [] : [TensorGroup(name: "outside of blocks", tensors: others)]
    var first: Int?
    for number in blocks.keys.sorted() {
      guard let tensors = blocks[number] else { continue }
      if let start = first, let last = groups.last, last.tensors == tensors,
        start + last.count == number
      {
        groups[groups.count - 1] = TensorGroup(
          name: "blocks \(start)–\(number)", count: last.count + 1, tensors: tensors)
      } else {
        groups.append(TensorGroup(name: "block \(number)", tensors: tensors))
        first = number
      }
    }
    return groups
  }
}

// MARK: - The parts that are understood

/// The parts of a checkpoint that are understood, and those that are not.
private struct Understanding {
  /// The configuration; nil if it is not understood.
  let configuration: DecoderConfiguration?
  /// The configuration in words, or the unchanged fields.
  let settings: [InspectionReport.Setting]
  /// The parts that are not understood, one sentence each.
  let failures: [String]
  /// The parts that are ignored or treated in an unexpected way, one sentence each.
  let notes: [String]

  init(of checkpoint: Checkpoint) {
    var failures: [String] = []
    do {
      let configuration = try DecoderConfiguration(checkpoint)
      self.configuration = configuration
      settings = Self.settings(of: configuration)
      failures += Self.tensorFailures(of: checkpoint, configuration)
      notes = configuration.notes(on: checkpoint)
    } catch {
      configuration = nil
      notes = []
      settings = Self.fields(of: checkpoint)
      let unknown = (try? DecoderConfiguration.unknownFields(in: checkpoint)) ?? []
      failures +=
        unknown.isEmpty
        ? [error.description]
        : unknown.map { "field \($0.path) = \($0.value?.summary ?? "nothing") is not known" }
    }
    if Tokenizer.isDefined(in: checkpoint) {
      do { _ = try Tokenizer(checkpoint) } catch { failures.append(error.description) }
    }
    self.failures = failures
  }

  /// Tensors that are missing, have a wrong shape or type, or would change the answer.
  private static func tensorFailures(
    of checkpoint: Checkpoint, _ configuration: DecoderConfiguration
  ) -> [String] {
    do {
      let expected = try configuration.expectedTensors(in: checkpoint)
      let tensors = try DecoderConfiguration.namedTensors(of: checkpoint)
      var failures: [String] = []
      let missing = expected.count { !tensors.contains($0.name) }
      var told = 0
      for tensor in expected {
        // If the names differ from the expected ones, all tensors are missing; listing a few is
        // enough.
        if !tensors.contains(tensor.name) { told += 1 }
        if !tensors.contains(tensor.name), told > 4 { continue }
        do { _ = try tensors.tensor(named: tensor.name, shape: tensor.shape) } catch {
          failures.append(error.description)
        }
      }
      if missing > 4 { failures.append("\(missing - 4) more tensors are missing") }
      do { _ = try configuration.superfluousTensors(in: checkpoint) } catch {
        failures.append(error.description)
      }
      return failures
    } catch {
      return [error.description]
    }
  }

  private static func settings(of c: DecoderConfiguration) -> [InspectionReport.Setting] {
    let expertsHaveBiases = c.blocks.contains { $0.experts?.hasBiases == true }
    let biases =
      switch (c.attentionBias, c.feedForwardHasBias || expertsHaveBiases) {
      case (.none, false): "none"
      case (.queryKeyValue, false): "on query, key and value"
      case (.all, false): "in attention"
      case (.none, true): "in the feed-forward layer"
      case (.queryKeyValue, true): "on query, key and value, and in the feed-forward layer"
      case (.all, true): "in attention and the feed-forward layer"
      }
    let norms =
      switch c.normPlacement {
      case .before: "before each layer"
      case .after: "after each layer"
      case .both: "before and after each layer"
      }
    return
      ([
        ("architecture", c.architecture), ("vocabulary V", "\(c.vocabularySize)"),
        ("width d", "\(c.width)"), ("blocks L", "\(c.blockCount)"),
        ("query heads h", "\(c.queryHeads)"), ("value heads g", "\(c.keyValueHeads)"),
        ("head width w", "\(c.headWidth)"), ("feed-forward width f", "\(c.feedForwardWidth)"),
        ("activation", c.activation.rawValue),
        (
          "normalization",
          "\(c.normRemovesMean ? "layer norm" : "RMS") \(norms), ε = \(c.normEpsilon)"
        ),
      ] + variations(of: c) + rotations(of: c) + [
        ("biases", biases), ("embeddings", c.tiesEmbeddings ? "tied" : "separate"),
        ("context", "\(c.contextLength) tokens"),
        ("weights on the linear path P", "\(c.linearPathParameters)"),
      ]).map { InspectionReport.Setting(name: $0, value: $1) }
  }

  /// Variations that only some families have.
  private static func variations(of c: DecoderConfiguration) -> [(String, String)] {
    var result: [(String, String)] = []
    if c.learnsPositions { result.append(("positions", "learned vectors")) }
    if c.walk == .parallel {
      result.append(("attention and feed-forward layer", "side by side"))
    }
    if !c.isGated { result.append(("feed-forward layers", "without a gate")) }
    switch c.queryKeyNorm {
    case .none: break
    case .perHead: result.append(("norm of queries and keys", "each head by itself"))
    case .acrossHeads: result.append(("norm of queries and keys", "all heads together"))
    }
    if let limit = c.scoreSoftcap { result.append(("softcap of scores", "\(limit)")) }
    if c.hasAttentionSinks { result.append(("sinks", "a learned logit for each head")) }
    if let limit = c.gateLimit { result.append(("gated products clamped at", "\(limit)")) }
    if let limit = c.logitSoftcap { result.append(("softcap of logits", "\(limit)")) }
    if c.embeddingScale != 1 { result.append(("embeddings times", "\(c.embeddingScale)")) }
    if c.normalizesValues { result.append(("norm of values", "each head by itself")) }
    if c.hasStreamFactors { result.append(("stream after each block times", "a number")) }
    for heads in Set(c.blocks.compactMap(\.ownHeads)).sorted(by: { $0.width < $1.width }) {
      let own = c.blocks.filter { $0.ownHeads == heads }
      let values = own.allSatisfy(\.keysServeAsValues) ? ", keys as values" : ""
      result.append(
        (
          "heads of their own",
          "\(heads.width) wide, \(heads.keyValueHeads) of values, in \(own.count) blocks\(values)"
        ))
    }
    if c.sharesKeyValues { result.append(("keys and values of others", sharing(of: c))) }
    for width in Set(c.blocks.compactMap(\.ownFeedForwardWidth)).sorted() {
      let count = c.blocks.count { $0.ownFeedForwardWidth == width }
      result.append(("feed-forward width of their own", "\(width) in \(blocks(count))"))
    }
    if let width = c.perLayerWidth {
      result.append(("per-layer inputs", "\(width) wide, in every block"))
    }
    if c.branchScale != 1 { result.append(("layers' outputs times", "\(c.branchScale)")) }
    if c.logitScale != 1 { result.append(("logits times", "\(c.logitScale)")) }
    if c.attentionHasGate { result.append(("gates of heads' outputs", "in attention")) }
    if let delta = c.blocks.lazy.compactMap(\.delta).first {
      let count = c.blocks.count { $0.delta != nil }
      result.append(
        (
          "delta networks",
          "in \(count) blocks: \(delta.heads) heads, values \(delta.valueWidth) wide, "
            + "\(delta.keyHeads) heads of keys \(delta.keyWidth) wide, convolution of "
            + "\(delta.convolutionLength) positions"
        ))
    }
    for window in Set(c.blocks.compactMap(\.slidingWindow)).sorted() {
      let count = c.blocks.count { $0.slidingWindow == window }
      result.append(("sliding window", "\(window) positions in \(count) blocks"))
    }
    if let experts = c.blocks.lazy.compactMap(\.experts).first {
      let count = c.blocks.count { $0.experts != nil }
      result.append(
        (
          "experts",
          "\(experts.expertsPerToken) of \(experts.count), \(experts.width) wide, in \(count) blocks"
            + (experts.sharedWidth.map { "; one for all positions, \($0) wide" } ?? "")
        ))
    }
    return result
  }

  /// Which blocks take keys and values, and whose.
  private static func sharing(of c: DecoderConfiguration) -> String {
    let sources = c.blocks.compactMap(\.keyValueSource)
    let parts = Set(sources).sorted().map { source in
      "those of block \(source) in \(sources.count { $0 == source })"
    }
    return "in \(blocks(sources.count)): \(parts.joined(separator: ", "))"
  }

  private static func blocks(_ count: Int) -> String { "\(count) block\(count == 1 ? "" : "s")" }

  /// How queries and keys are rotated, once for all blocks or once for each kind of block.
  private static func rotations(of c: DecoderConfiguration) -> [(String, String)] {
    var seen: Set<RotaryEmbedding> = []
    let rotating = c.blocks.filter { $0.delta == nil }
    return rotating.filter { seen.insert($0.rotary).inserted }.flatMap { block in
      if block.rotary.rotatedWidth == 0 { return [("rotation", "none")] }
      let (rotary, place) = (
        block.rotary, block.slidingWindow == nil ? "" : " (with a sliding window)"
      )
      let part =
        rotary.rotatedWidth == rotary.headWidth
        ? "" : ", \(rotary.rotatedWidth) of \(rotary.headWidth) components"
      return [
        ("rotary base" + place, "\(rotary.base)" + part),
        ("rotary scaling" + place, description(of: rotary)),
      ]
    }
  }

  private static func description(of rotary: RotaryEmbedding) -> String {
    let scaling =
      switch rotary.scaling {
      case .none: "none"
      case .linear(let factor): "linear, factor \(factor)"
      case .dynamic(let factor, let length): "dynamic, factor \(factor), trained on \(length)"
      case .llama3(let factor, let low, let high, let length):
        "llama3, factor \(factor), low \(low), high \(high), original context \(length)"
      case .yarn(let factor, let fast, let slow, let length, _):
        "yarn, factor \(factor), turns \(slow) to \(fast), original context \(length)"
      case .longRoPE(_, _, let length): "longrope, original context \(length)"
      case .proportional(let pairs, let factor):
        "proportional, the first \(pairs) of \(rotary.pairCount) pairs, factor \(factor)"
      }
    return rotary.amplitude == 1 ? scaling : "\(scaling), amplitude \(rotary.amplitude)"
  }

  /// The unchanged members of config.json.
  private static func fields(of checkpoint: Checkpoint) -> [InspectionReport.Setting] {
    let object = try? checkpoint.configuration.object()
    return object?.members.map { .init(name: $0.key, value: $0.value.summary) } ?? []
  }
}
