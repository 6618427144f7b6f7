public import Foundation

/// A model as it lies on disk: its configuration and its tensors, untouched.
///
/// Opening reads the configuration and the headers of the weight files; weights stay on disk until an
/// operation uses them. A checkpoint is a value: what its tensors are read from is behind ``StoredTensor``.
public struct Checkpoint: Sendable {
  /// The folder that was opened.
  public let url: URL
  /// The root of config.json.
  public let configuration: JSONField
  /// All tensors, in ascending order of the bytes of their names.
  public let tensors: [StoredTensor]
  private let positions: [String: Int]
  private let configurationBytes: [UInt8]

  /// Opens a Hugging Face folder, whose path may begin with `~`.
  ///
  /// - Throws: As ``init(at:)-(URL)`` does.
  public init(at path: String) throws(InputError) {
    guard !path.isEmpty else {
      throw InputError(
        .invalid, subject: "model", expected: "the path of a folder", found: "an empty text",
        remedy: "give the folder of a checkpoint")
    }
    try self.init(at: URL(filePath: NSString(string: path).expandingTildeInPath))
  }

  /// Opens a Hugging Face folder: config.json, and model.safetensors or an index with its shards.
  ///
  /// - Throws: `InputError` where the folder, its configuration or its weights are absent, of another
  ///   format, damaged or contradictory.
  public init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    try Self.requireFolder(at: url, path: path)
    let configuration = url.appending(path: "config.json")
    guard FileKind(at: configuration.path(percentEncoded: false)) != nil else {
      throw InputError(
        .missing, file: path, subject: "config.json", expected: "the model's configuration",
        found: "no such file", remedy: "give the folder that holds config.json and the weights")
    }
    configurationBytes = try MappedFile.contents(of: configuration)
    self.configuration = try JSONField(
      parsing: configurationBytes, file: configuration.path(percentEncoded: false))
    _ = try self.configuration.object()
    tensors = try SafetensorsFolder(at: url).tensors.sorted {
      $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    positions = Dictionary(
      tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.url = url
  }

  /// The names of all tensors, in ascending order of their bytes.
  public var tensorNames: [String] { tensors.map(\.name) }

  /// The bytes that all tensors take together.
  public var totalBytes: Int { tensors.reduce(0) { $0 + $1.byteRange.count } }

  /// The number of elements of all tensors together; one that two layers share is counted once.
  public var parameterCount: Int { tensors.reduce(0) { $0 + $1.elementCount } }

  /// Whether there is a tensor of that name.
  public func contains(_ name: String) -> Bool { positions[name] != nil }

  /// The tensor of that name.
  ///
  /// - Throws: `InputError` of kind `missing` where there is none.
  public func tensor(named name: String) throws(InputError) -> StoredTensor {
    guard let position = positions[name] else {
      throw InputError(
        .missing, file: url.path(percentEncoded: false), subject: "tensor \(name)",
        expected: "it among the weights", found: "\(tensors.count) tensors without it",
        remedy: "check that the weights belong to config.json: download both again")
    }
    return tensors[position]
  }

  /// The tensor of that name, which must have that shape and a type that Secant computes with.
  ///
  /// - Throws: `InputError` of kind `missing`, `mismatched` or `unsupported` where it has not.
  public func tensor(named name: String, shape: [Int]) throws(InputError) -> StoredTensor {
    let tensor = try tensor(named: name)
    let file = tensor.file.url.path(percentEncoded: false)
    guard tensor.shape == shape else {
      throw InputError(
        .mismatched, file: file, subject: "tensor \(name)", expected: "shape \(shape)",
        found: "\(tensor.shape)",
        remedy: "the file and config.json do not belong together: download both again")
    }
    guard tensor.elementType.isComputable else {
      throw InputError(
        .unsupported, file: file, subject: "tensor \(name)", expected: "F64, F32, F16 or BF16",
        found: tensor.elementType.rawValue,
        remedy: "use a checkpoint that is not quantized, or convert this one")
    }
    return tensor
  }

  /// The place of a file beside config.json, such as tokenizer.json; nil where there is none.
  public func fileURL(named name: String) -> URL? {
    let url = url.appending(path: name)
    return FileKind(at: url.path(percentEncoded: false)) == nil ? nil : url
  }

  /// Sixteen hexadecimal digits that tell this checkpoint from others, for a result's provenance.
  ///
  /// FNV-1a of 64 bits over config.json and, in order of their names, each tensor's name, type, shape
  /// and first and last 64 bytes; how tensors are spread over files does not matter. It tells one
  /// model or training run from another, but is no cryptographic hash and does not see every weight: it
  /// proves nothing against someone who wants it to match. Reads two pages a tensor.
  public func fingerprint() -> String {
    var hash = FNV1a()
    hash.combine(configurationBytes)
    for tensor in tensors {
      hash.combine("\(tensor.name)\0\(tensor.elementType.rawValue)\(tensor.shape)".utf8)
      tensor.withBytes { bytes in
        for index in 0..<min(64, bytes.count) { hash.combine(bytes[index]) }
        for index in max(0, bytes.count - 64)..<bytes.count { hash.combine(bytes[index]) }
      }
    }
    return hash.hexadecimal
  }

  private static func requireFolder(at url: URL, path: String) throws(InputError) {
    let kind = FileKind(at: path)
    if kind == .folder { return }
    let (errorKind, found, remedy): (InputError.Kind, String, String) =
      switch (kind, url.pathExtension.lowercased()) {
      case (nil, _):
        (.missing, "nothing at this path", "check the path")
      case (.regular, "gguf"):
        (
          .unsupported, "a GGUF file",
          "GGUF is not read yet: give a Hugging Face folder with safetensors weights"
        )
      case (.regular, "safetensors"):
        (.invalid, "a safetensors file", "give the folder that holds it and config.json")
      case (let kind?, _):
        (.invalid, kind.rawValue, "give the folder that holds config.json and the weights")
      }
    throw InputError(
      errorKind, file: path, subject: "model", expected: "a Hugging Face folder", found: found,
      remedy: remedy)
  }
}

/// Fowler, Noll and Vo's hash of 64 bits, variant 1a (http://www.isthe.com/chongo/tech/comp/fnv).
private struct FNV1a {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func combine(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { combine(byte) }
  }

  var hexadecimal: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
