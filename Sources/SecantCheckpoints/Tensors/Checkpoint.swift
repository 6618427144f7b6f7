public import Foundation
import SecantDigests

/// A model on disk: its configuration and its tensors, unaltered.
///
/// Opening reads the configuration and the headers of the weight files; weights stay on disk until an
/// operation uses them. A checkpoint is a value: what its tensors are read from is behind ``StoredTensor``.
public struct Checkpoint: Sendable {
  /// The folder or GGUF file that was opened.
  public let url: URL
  /// The GGUF file that this was read from, whose metadata also holds a tokenizer; nil for a folder.
  public let gguf: GGUFFile?
  /// The root of config.json, or its equivalent for a GGUF file; without ``ignoredFields``.
  public private(set) var configuration: JSONField
  /// The fields of the configuration that the user passed over, as paths from its root.
  public private(set) var ignoredFields: [String] = []
  /// Notes on how the files were read, one sentence each.
  public private(set) var notes: [String]
  /// All tensors, in ascending order of the bytes of their names; a quantized weight is one, with its scales.
  public private(set) var tensors: [StoredTensor]
  /// By the names of tensors that no shard has, the shards that the index gives for them.
  private let absent: [String: String]
  private var positions: [String: Int]
  private let configurationBytes: [UInt8]

  /// Opens a Hugging Face folder or a GGUF file, whose path may begin with `~`.
  ///
  /// - Throws: As ``init(at:)-(URL)`` does.
  public init(at path: String) throws(InputError) {
    guard !path.isEmpty else {
      throw InputError(
        .invalid, subject: "model", expected: "the path of a folder or a GGUF file",
        found: "an empty text", remedy: "give the folder of a checkpoint, or a GGUF file")
    }
    try self.init(at: URL(filePath: NSString(string: path).expandingTildeInPath))
  }

  /// Opens a Hugging Face folder (config.json, and model.safetensors or an index with its shards), a
  /// GGUF file, of several parts any, or a folder without config.json that holds one GGUF model.
  ///
  /// A GGUF file is known by its first bytes, whatever its name.
  ///
  /// - Throws: `InputError` if the files, the configuration or the weights are absent, of another
  ///   format, damaged or contradictory.
  public init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    switch FileKind(at: path) {
    case .regular where try Self.isGGUF(url):
      try self.init(try GGUFFile(at: url))
    case .folder:
      let names = FolderNames(in: url)
      if !names.contains("config.json"), let file = try names.ggufFile() {
        try self.init(try GGUFFile(at: file))
      } else {
        try self.init(folder: url, names)
      }
    case let kind: throw Self.noCheckpoint(kind, at: url)
    }
  }

  private init(folder url: URL, _ names: FolderNames) throws(InputError) {
    let configuration = url.appending(path: "config.json")
    guard names.contains("config.json") else { throw names.noConfiguration }
    let bytes = try MappedFile.contents(of: configuration)
    let field = try Self.object(bytes, file: configuration.path(percentEncoded: false))
    let weights = try SafetensorsFolder(at: url)
    var tensors = weights.tensors
    // Weights of an unsupported kind stay as stored: an inspection shows them, a decoder refuses them.
    if let scheme = try? QuantizationScheme(field) { tensors = try scheme.joining(tensors) }
    let notes =
      names.contains(OtherWeights.adapter)
      ? [
        "\(OtherWeights.adapter): an adapter is beside the weights; it is not applied. To apply it, name "
          + "its folder as the adapter too."
      ] : []
    self.init(
      url: url, configuration: field, bytes, tensors: tensors, absent: weights.absent, notes: notes)
  }

  /// The model in a GGUF file, in Hugging Face's names.
  private init(_ file: GGUFFile) throws(InputError) {
    let translation = try GGUFTranslation(of: file)
    let bytes = Array(translation.configuration.utf8)
    let field = try Self.object(bytes, file: file.path)
    self.init(
      url: file.url, configuration: field, bytes, tensors: translation.tensors,
      notes: translation.notes, gguf: file)
  }

  private init(
    url: URL, configuration: JSONField, _ bytes: [UInt8], tensors: [StoredTensor],
    absent: [String: String] = [:], notes: [String] = [], gguf: GGUFFile? = nil
  ) {
    self.absent = absent
    self.notes = notes
    self.url = url
    self.gguf = gguf
    self.configuration = configuration
    configurationBytes = bytes
    self.tensors = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    positions = Self.positions(of: self.tensors)
  }

  private static func positions(of tensors: [StoredTensor]) -> [String: Int] {
    Dictionary(
      tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The checkpoint with other tensors, such as the same ones under other names.
  package func replacing(tensors: [StoredTensor]) -> Checkpoint {
    var result = self
    result.tensors = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    result.positions = Self.positions(of: result.tensors)
    return result
  }

  /// The checkpoint with one more note.
  func noting(_ note: String) -> Checkpoint {
    var result = self
    result.notes.append(note)
    return result
  }

  /// The checkpoint without some fields of its configuration, for a user who knows that they change nothing.
  ///
  /// That none of them is one that a decoder reads is checked when one is made. The fingerprint stays.
  ///
  /// - Parameter names: Paths as messages give them, such as `foo` or `text_config.foo`.
  /// - Returns: The same tensors, and the rest of the configuration.
  /// - Throws: A name that the configuration does not have.
  public func ignoringFields(_ names: [String]) throws(InputError) -> Checkpoint {
    var result = self
    for name in names where !result.ignoredFields.contains(name) {
      guard let rest = result.configuration.value?.removing(name) else {
        throw InputError(
          .invalid, file: configuration.file, subject: "field \(name)",
          expected: "a field of the configuration, to pass it over", found: "none of that name",
          remedy: "give the name that the message or secant inspect shows")
      }
      result.configuration = JSONField(file: configuration.file, value: rest)
      result.ignoredFields.append(name)
    }
    return result
  }

  private static func object(_ bytes: [UInt8], file: String) throws(InputError) -> JSONField {
    let field = try JSONField(parsing: bytes, file: file)
    _ = try field.object()
    return field
  }

  /// The names of all tensors, in ascending order of their bytes.
  public var tensorNames: [String] { tensors.map(\.name) }

  /// The bytes that all tensors take together.
  public var totalBytes: Int { tensors.reduce(0) { $0 + $1.byteCount } }

  /// The number of elements of all tensors together; one that two layers share is counted once.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { positions[name] != nil }

  /// The tensor of that name.
  ///
  /// - Throws: `InputError` of kind `missing` where there is none.
  public func tensor(named name: String) throws(InputError) -> StoredTensor {
    guard let position = positions[name] else { throw noTensor(name) }
    return tensors[position]
  }

  /// The error for a missing tensor, with the shard that the index gives or the similar names that exist.
  private func noTensor(_ name: String) -> InputError {
    if let shard = absent[name] {
      return InputError(
        .missing, file: url.appending(path: SafetensorsFolder.index).path(percentEncoded: false),
        subject: "tensor \(name)", expected: "it in \(shard)", found: "a shard without it",
        remedy: "the index and the shards do not belong together: download both again")
    }
    return InputError(
      .missing, file: url.path(percentEncoded: false), subject: "tensor \(name)",
      expected: "it among the weights",
      found: "\(tensors.count) tensors without it\(alike(name).map { ", but \($0)" } ?? "")",
      remedy: "check that the weights belong to config.json: download both again")
  }

  /// The tensor whose name ends most like a name that is missing, in at least three parts; nil if none does.
  private func alike(_ name: String) -> String? {
    func commonParts(_ other: String) -> Int {
      zip(name.split(separator: ".").reversed(), other.split(separator: ".").reversed())
        .prefix { $0 == $1 }.count
    }
    let needed = min(3, name.split(separator: ".").count - 1)
    let best = tensorNames.map { ($0, commonParts($0)) }.max { $0.1 < $1.1 }
    return best.flatMap { $0.1 >= max(2, needed) ? $0.0 : nil }
  }

  /// The tensor of that name, which must have that shape and a type that Secant computes with.
  ///
  /// - Throws: `InputError` of kind `missing`, `mismatched` or `unsupported` where it has not.
  public func tensor(named name: String, shape: [Int]) throws(InputError) -> StoredTensor {
    let tensor = try tensor(named: name)
    let file = (tensor.parts.first?.file.url ?? url).path(percentEncoded: false)
    guard tensor.shape == shape else {
      throw InputError(
        .mismatched, file: file, subject: "tensor \(name)", expected: "shape \(shape)",
        found: "\(tensor.shape)",
        remedy: "the file and config.json do not belong together: download both again")
    }
    guard tensor.isComputable else {
      throw InputError(
        .unsupported, file: file, subject: "tensor \(name)",
        expected: "F64, F32, F16, BF16 or a type of quantization that is read",
        found: tensor.format,
        remedy: "use a checkpoint of one of these types, or convert this one")
    }
    return tensor
  }

  /// The place of a file beside config.json, such as tokenizer.json; nil if there is none.
  public func fileURL(named name: String) -> URL? {
    let url = url.appending(path: name)
    return FileKind(at: url.path(percentEncoded: false)) == nil ? nil : url
  }

  /// Sixteen hexadecimal digits that tell this checkpoint from others, for a result's provenance.
  ///
  /// SHA-256 over these bytes, in hexadecimal digits:
  ///
  /// 1. config.json as it stands in its file, or the text that stands for it where a GGUF file was opened;
  /// 2. for each of ``tensors``, in their order: its name in UTF-8, a zero byte, its ``StoredTensor/format``
  ///    and its shape, such as `BF16[64, 32]`; then for each of its ``StoredTensor/parts``, in their order,
  ///    the first 64 bytes and the last 64 bytes as they are stored, or all of them twice where there are fewer.
  ///
  /// A plain tensor has one part; a quantized weight has its packed numbers and each tensor of scales,
  /// offsets or levels beside them. Where in which file a part lies does not matter: a sharded copy has the
  /// same fingerprint. It does not cover the tokenizer or the middle of a part: it tells one model or
  /// training run from another, and does not prove that all weights are equal. Reads at most four pages a part.
  public func fingerprint() -> String {
    var hash = Digest(.sha256)
    hash.update(configurationBytes.span)
    for tensor in tensors {
      hash.update("\(tensor.name)\0\(tensor.format)\(tensor.shape)")
      for part in tensor.parts {
        part.withBytes { bytes in
          hash.update(bytes.extracting(first: min(64, bytes.count)))
          hash.update(bytes.extracting(last: min(64, bytes.count)))
        }
      }
    }
    return hash.hexadecimal
  }

  /// Whether a file is a GGUF file by its first bytes, or is to be one by its name, so that what is wrong with it is said.
  private static func isGGUF(_ url: URL) throws(InputError) -> Bool {
    if url.pathExtension.lowercased() == "gguf" { return true }
    return try MappedFile(at: url).hasPrefix("GGUF")
  }

  /// The error for a path that is not a checkpoint; `kind` is nil if nothing exists there.
  private static func noCheckpoint(_ kind: FileKind?, at url: URL) -> InputError {
    let (errorKind, found, remedy): (InputError.Kind, String, String) =
      switch (kind, url.pathExtension.lowercased()) {
      case (nil, _):
        (.missing, "nothing at this path", "check the path")
      case (.regular, "safetensors"):
        (.invalid, "a safetensors file", "give the folder that holds it and config.json")
      case (let kind?, _):
        (.invalid, kind.rawValue, "give the folder that holds config.json and the weights")
      }
    return InputError(
      errorKind, file: url.path(percentEncoded: false), subject: "model",
      expected: "a Hugging Face folder or a GGUF file", found: found, remedy: remedy)
  }
}
