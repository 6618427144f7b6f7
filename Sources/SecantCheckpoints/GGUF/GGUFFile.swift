public import Foundation

/// A GGUF model, opened for reading: one file, or several that were split from one.
///
/// Opening reads and checks metadata and the tensors' directory; the tensors' bytes and long arrays of
/// metadata stay on disk until they are used.
public struct GGUFFile: Sendable {
  /// The file that was opened, or the first of those that belong together.
  public let url: URL
  /// The version of the format: 2 or 3.
  public let version: Int
  /// The keys of the metadata, in the order of the file.
  public let keys: [String]
  /// All tensors, in the order of the files and under the names that these give them.
  public let tensors: [StoredTensor]
  private let values: [String: GGUFValue]

  /// Opens the file at `url`, and if it is one of several (`…-00001-of-00003.gguf`), also the others.
  ///
  /// - Throws: `InputError` if a file is absent, cannot be read or breaks a rule of the format.
  public init(at url: URL) throws(InputError) {
    var parts = [try GGUFPart(at: url)]
    if parts[0].splitCount > 1 {
      parts = try GGUFPart.all(of: parts[0])
    }
    self.url = parts[0].file.url
    version = parts[0].header.version
    keys = parts[0].header.members.map(\.key)
    values = parts[0].values
    tensors = parts.flatMap { part in
      part.header.entries.map { StoredTensor($0, in: part.file) }
    }
    var names: Set<String> = []
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw InputError(
        .malformed, file: url.path(percentEncoded: false), subject: "tensor \(tensor.name)",
        expected: "a name of its own", found: "two tensors of that name",
        remedy: "the file is damaged: download it again")
    }
  }

  /// The place of a key in the metadata, whether or not the file has it.
  public subscript(key: String) -> GGUFField {
    GGUFField(file: url.path(percentEncoded: false), key: key, value: values[key])
  }
}

extension StoredTensor {
  /// The tensor that an entry of a GGUF file's directory describes.
  fileprivate init(_ entry: GGUFHeader.Entry, in file: MappedFile) {
    if let type = entry.type.elementType {
      self.init(
        name: entry.name, elementType: type, shape: entry.shape, file: file,
        byteRange: entry.byteRange)
    } else {
      self.init(
        name: entry.name, shape: entry.shape,
        storage: QuantizedBlocks(
          type: entry.type, rowLength: entry.shape.dropFirst().reduce(1, *),
          part: FilePart(file, entry.byteRange)))
    }
  }
}

/// One of the files of a GGUF model.
private struct GGUFPart {
  let file: MappedFile
  let header: GGUFHeader
  let values: [String: GGUFValue]
  /// The number of files that belong together.
  let splitCount: Int

  init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    file = try MappedFile(at: url)
    header = try GGUFHeader(of: file)
    var values: [String: GGUFValue] = [:]
    for (key, value) in header.members {
      guard values.updateValue(value, forKey: key) == nil else {
        throw InputError(
          .malformed, file: path, subject: "key \(key)", expected: "it once", found: "it twice",
          remedy: "the file is damaged: download it again")
      }
    }
    self.values = values
    splitCount =
      try GGUFField(file: path, key: "split.count", value: values["split.count"]).present?.int()
      ?? 1
  }

  /// All files that belong with one of them, in order.
  ///
  /// - Throws: `InputError` if names, part numbers or files contradict each other.
  static func all(of part: GGUFPart) throws(InputError) -> [GGUFPart] {
    let path = part.file.path
    let count = part.splitCount
    guard count <= 99_999,
      let match = part.file.url.lastPathComponent.wholeMatch(
        of: /(?<stem>.*)-\d{5}-of-(?<count>\d{5})\.gguf/),
      Int(match.count) == count
    else {
      throw InputError(
        .mismatched, file: path, subject: "file",
        expected: "a name that ends as in -00001-of-\(digits(count)).gguf, as key split.count says",
        found: part.file.url.lastPathComponent, remedy: "give the file its original name")
    }
    var parts: [GGUFPart] = []
    for number in 1...count {
      let name = "\(match.stem)-\(digits(number))-of-\(match.count).gguf"
      let url = part.file.url.deletingLastPathComponent().appending(path: name)
      guard FileKind(at: url.path(percentEncoded: false)) != nil else {
        throw InputError(
          .missing, file: path, subject: "file \(name)", expected: "it beside this one",
          found: "no such file", remedy: "download the missing file")
      }
      let next = try GGUFPart(at: url)
      let field = GGUFField(
        file: url.path(percentEncoded: false), key: "split.no", value: next.values["split.no"])
      guard try field.int() == number - 1, next.splitCount == count else {
        throw field.mismatch(
          "\(number - 1), of \(count) files", kind: .mismatched,
          remedy: "the files do not belong together: download them again")
      }
      parts.append(next)
    }
    let total = GGUFField(
      file: path, key: "split.tensors.count", value: parts[0].values["split.tensors.count"])
    let found = parts.reduce(0) { $0 + $1.header.entries.count }
    if let total = total.present, try total.int() != found {
      throw total.mismatch(
        "\(found), the number of tensors in all files", kind: .mismatched,
        remedy: "the files do not belong together: download them again")
    }
    return parts
  }

  private static func digits(_ number: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
