public import Foundation

/// A safetensors file, opened for reading.
///
/// Opening reads and checks the header alone; the tensors' bytes stay on disk until they are used.
public struct SafetensorsFile: Sendable {
  /// The file's memory.
  public let file: MappedFile
  /// The tensors, in the order of their bytes in the file.
  public let tensors: [StoredTensor]
  /// The free text that the file carries, such as "format": "pt".
  public let metadata: [String: String]
  private let positions: [String: Int]

  /// Opens the file at `url` and checks its header in full.
  ///
  /// - Throws: `InputError` if the file cannot be read or breaks any rule of the format.
  public init(at url: URL) throws(InputError) {
    let file = try MappedFile(at: url)
    let header = try SafetensorsHeader(of: file)
    var positions: [String: Int] = [:]
    for (position, entry) in header.entries.enumerated() {
      // The header's keys differ in their bytes; Swift's strings equate canonically equivalent ones.
      guard positions.updateValue(position, forKey: entry.name) == nil else {
        throw InputError(
          .malformed, file: url.path(percentEncoded: false), subject: "tensor \(entry.name)",
          expected: "a name of its own", found: "two names that Unicode holds to be the same",
          remedy: "rename one of the tensors")
      }
    }
    self.file = file
    self.metadata = header.metadata
    self.positions = positions
    tensors = header.entries.map {
      StoredTensor(
        name: $0.name, elementType: $0.elementType, shape: $0.shape, file: file,
        byteRange: $0.byteRange)
    }
  }

  /// The tensor of that name; nil if the file has none.
  public func tensor(named name: String) -> StoredTensor? {
    positions[name].map { tensors[$0] }
  }
}
