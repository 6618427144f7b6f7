public import Foundation

/// A low-rank adapter (LoRA) in a folder as PEFT writes it: adapter_config.json and
/// adapter_model.safetensors.
///
/// It adds `ΔW = s·B·A` to some matrices W of a model, with A `[r, input]` and B `[output, r]`. The
/// factor s is α/r, or α/√r for rank-stabilized adapters. Sources: Hu et al., "LoRA" (2021), and
/// Kalajdzievski, "A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA" (2023).
public struct LowRankAdapter: Sendable {
  /// The folder.
  public let url: URL
  /// s, the factor of each product.
  public let scale: Double
  /// A and B by the name of the matrix to which their product is added.
  let factors: [String: (a: StoredTensor, b: StoredTensor)]

  /// The names of A and B, after the name of their module.
  private static let names = (a: ".lora_A.weight", b: ".lora_B.weight")
  /// The words before a module's name, which PEFT's wrappers add.
  private static let prefix = "base_model.model."

  /// Opens an adapter; reads the whole of its weights.
  ///
  /// - Parameter url: The folder.
  /// - Throws: The file that is missing or damaged, the setting that is not understood, or that a
  ///   tensor belongs to another kind of adapter.
  public init(at url: URL) throws(InputError) {
    self.url = url
    let file = url.appending(path: OtherWeights.adapter)
    let configuration = try JSONField(
      parsing: MappedFile.contents(of: file), file: file.path(percentEncoded: false))
    try Self.refuseOtherKinds(configuration)
    let (rank, alpha) = (
      try configuration["r"].int(), try configuration["lora_alpha"].double()
    )
    guard rank >= 1, alpha.isFinite else {
      throw configuration["r"].mismatch("a rank of at least 1", remedy: Self.remedy)
    }
    let isStabilized = try configuration["use_rslora"].present?.bool() ?? false
    scale = alpha / (isStabilized ? Double(rank).squareRoot() : Double(rank))
    let weights = url.appending(path: "adapter_model.safetensors")
    factors = try Self.factors(
      in: try SafetensorsFile(at: weights).tensors, rank: rank, file: weights)
  }

  private static let remedy = "merge the adapter into the weights (merge_and_unload of PEFT)"

  /// The settings that PEFT has, at the only values that are supported.
  private static let neutral = """
    {"alora_invocation_tokens": null, "alpha_pattern": {}, "arrow_config": null, "bias": "none",
     "ensure_weight_tying": false, "layer_replication": null, "loftq_config": {},
     "lora_bias": false, "modules_to_save": null, "peft_type": "LORA", "rank_pattern": {},
     "target_parameters": null, "trainable_token_indices": null, "use_bdlora": null,
     "use_dora": false, "use_qalora": false}
    """

  /// Settings that do not change what a saved adapter computes.
  ///
  /// PEFT corrects `fan_in_fan_out` by the kind of each module when it opens an adapter.
  private static let inert: Set<String> = [
    "auto_mapping", "base_model_name_or_path", "corda_config", "eva_config", "exclude_modules",
    "fan_in_fan_out", "inference_mode", "layers_pattern", "layers_to_transform", "lora_alpha",
    "lora_dropout", "lora_ga_config", "megatron_config", "megatron_core", "peft_version",
    "qalora_group_size", "r", "revision", "runtime_config", "target_modules", "task_type",
    "use_rslora",
  ]

  /// Refuses what is not plain LoRA, or not understood.
  private static func refuseOtherKinds(_ configuration: JSONField) throws(InputError) {
    let neutral = try JSONField(parsing: Array(neutral.utf8), file: configuration.file)
    for key in try configuration.object().members.map(\.key) where !inert.contains(key) {
      let field = configuration[key]
      if field.present == nil { continue }
      if key == "init_lora_weights" {
        // Other ways to begin, such as PiSSA, also change the weights of the model itself.
        if (try? field.bool()) != nil || (try? field.string()) == "gaussian" { continue }
      } else if let value = neutral[key].present?.value, field.value?.summary == value.summary {
        continue
      }
      throw field.mismatch(
        neutral[key].present.map { "\($0.value?.summary ?? "null"), as in plain LoRA" }
          ?? "only settings of plain LoRA", kind: .unsupported, remedy: remedy)
    }
    guard configuration["peft_type"].present != nil else {
      throw configuration["peft_type"].mismatch("\"LORA\"", kind: .unsupported, remedy: remedy)
    }
  }

  private static func factors(
    in tensors: [StoredTensor], rank: Int, file: URL
  ) throws(InputError) -> [String: (a: StoredTensor, b: StoredTensor)] {
    func refusal(_ name: String, _ expected: String, _ found: String) -> InputError {
      InputError(
        .unsupported, file: file.path(percentEncoded: false), subject: "tensor \(name)",
        expected: expected, found: found, remedy: remedy)
    }
    let byName = Dictionary(tensors.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
    var result: [String: (a: StoredTensor, b: StoredTensor)] = [:]
    for tensor in tensors where !tensor.name.hasSuffix(names.b) {
      guard tensor.name.hasSuffix(names.a) else {
        throw refusal(tensor.name, "factors A and B of matrices", "another tensor")
      }
      let module = String(tensor.name.dropLast(names.a.count))
      guard let other = byName[module + names.b] else {
        throw refusal(tensor.name, "a factor B beside each A", "none")
      }
      for factor in [tensor, other] {
        guard factor.isComputable, factor.firstNonFiniteIndex() == nil else {
          throw refusal(factor.name, "finite numbers of a supported type", factor.format)
        }
      }
      guard tensor.shape.count == 2, other.shape.count == 2, tensor.shape[0] == rank,
        other.shape[1] == rank
      else {
        throw refusal(
          tensor.name, "factors of rank \(rank)", "shapes \(tensor.shape) and \(other.shape)")
      }
      let target = module.hasPrefix(prefix) ? String(module.dropFirst(prefix.count)) : module
      result[target + ".weight"] = (tensor, other)
    }
    guard !result.isEmpty, tensors.count == 2 * result.count else {
      throw refusal("…" + names.a, "pairs of factors", "\(tensors.count) tensors")
    }
    return result
  }
}

extension Checkpoint {
  /// The checkpoint with an adapter's products added to its matrices.
  ///
  /// - Parameters:
  ///   - adapter: The adapter.
  ///   - place: The name under which the checkpoint has a tensor that the adapter names, and whether it
  ///     is stored as `[input, output]`.
  /// - Returns: The same configuration, with adapted matrices.
  /// - Throws: That the adapter belongs to another model: a matrix is missing or of another shape.
  package func adapted(
    by adapter: LowRankAdapter, place: (String) -> (name: String, isTransposed: Bool)
  ) throws(InputError) -> Checkpoint {
    func refusal(_ name: String, _ expected: String, _ found: String) -> InputError {
      InputError(
        .mismatched, file: adapter.url.path(percentEncoded: false), subject: "tensor \(name)",
        expected: expected, found: found, remedy: "give the model that the adapter was trained on")
    }
    var changes: [String: LowRankElements] = [:]
    for (module, (a, b)) in adapter.factors.sorted(by: { $0.key < $1.key }) {
      let (name, isTransposed) = place(module)
      guard contains(name) else {
        throw refusal(module, "a matrix of the model", "none of that name")
      }
      let product = LowRankElements(a: a, b: b, scale: adapter.scale)
      guard let change = isTransposed ? product.transposed : product else {
        throw refusal(module, "factors of plain numbers", "\(a.format) and \(b.format)")
      }
      let shape = try tensor(named: name).shape
      guard shape == change.shape else {
        throw refusal(module, "shape \(change.shape), as the adapter has it", "\(shape)")
      }
      guard changes.updateValue(change, forKey: name) == nil else {
        throw refusal(module, "one product for each matrix", "two for \(name)")
      }
    }
    let adapted = tensors.map { tensor in
      changes[tensor.name].map {
        StoredTensor(
          name: tensor.name, shape: tensor.shape,
          storage: AdaptedElements(base: tensor.storage, change: $0))
      } ?? tensor
    }
    return replacing(tensors: adapted).noting(
      "The adapter \(adapter.url.path(percentEncoded: false)) is applied to "
        + "\(adapter.factors.count) matrices.")
  }
}

/// A matrix plus a low-rank product, `W + s·B·A`.
private struct AdaptedElements: TensorStorage {
  /// W.
  let base: any TensorStorage
  /// s·B·A.
  let change: LowRankElements

  var format: String { "\(base.format)+\(change.format)" }
  var parts: [FilePart] { base.parts + change.parts }
  var isComputable: Bool { base.isComputable }
  var adaptation: (base: any TensorStorage, change: any TensorStorage)? { (base, change) }

  func transposed(rowCount: Int) -> (any TensorStorage)? {
    guard let base = base.transposed(rowCount: rowCount), let change = change.transposed else {
      return nil
    }
    return AdaptedElements(base: base, change: change)
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    base.convert(rows: rows, into: &target)
    change.add(rows: rows, to: &target)
  }

  /// That of W: the factors were checked when the adapter was opened.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    base.firstNonFiniteIndex(inRows: rows)
  }
}

/// A low-rank product alone, `s·B·A`.
private struct LowRankElements: TensorStorage {
  /// A `[rank, columns]`.
  let a: StoredTensor
  /// B `[rows, rank]`.
  let b: StoredTensor
  /// s.
  let scale: Double

  private var rank: Int { a.shape[0] }
  private var rowLength: Int { a.shape[1] }
  var shape: [Int] { [b.shape[0], rowLength] }

  var format: String { "LoRA(\(rank), \(scale))" }
  var parts: [FilePart] { a.storage.parts + b.storage.parts }
  /// The factors were checked when the adapter was opened.
  var isComputable: Bool { true }

  /// `s·Aᵀ·Bᵀ`; nil if the factors' numbers are encoded.
  var transposed: LowRankElements? {
    guard let left = a.transposed, let right = b.transposed else { return nil }
    return LowRankElements(a: right, b: left, scale: scale)
  }

  func transposed(rowCount: Int) -> (any TensorStorage)? { transposed }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    for index in target.indices { target[index] = 0 }
    add(rows: rows, to: &target)
  }

  /// Adds rows of the product to `target`, which holds exactly these.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func add<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, to target: inout MutableSpan<Scalar>
  ) {
    var left = [Scalar](repeating: 0, count: rows.count * rank)
    var right = [Scalar](repeating: 0, count: rank * rowLength)
    var span = left.mutableSpan
    b.storage.convert(rows: rows, into: &span)
    var other = right.mutableSpan
    a.storage.convert(rows: 0..<rank, into: &other)
    let factor = Scalar(scale)
    for row in 0..<rows.count {
      for k in 0..<rank {
        let coefficient = factor * span[row * rank + k]
        for column in 0..<rowLength {
          target[row * rowLength + column] += coefficient * other[k * rowLength + column]
        }
      }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? { nil }
}

extension StoredTensor {
  /// The matrix without its adapter, and what the adapter adds to it; nil if it has none.
  package var adaptation: (base: StoredTensor, change: StoredTensor)? {
    storage.adaptation.map { base, change in
      (
        StoredTensor(name: name, shape: shape, storage: base),
        StoredTensor(name: name, shape: shape, storage: change)
      )
    }
  }
}
