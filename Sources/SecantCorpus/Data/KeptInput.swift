package import Foundation
package import SecantCheckpoints
import SecantDigests

extension DataFile {
  /// Data that can be read only once, kept in a file.
  ///
  /// - Parameters:
  ///   - handle: What is read to its end.
  ///   - format: How it is divided into items.
  ///   - folder: Where the file lies, `standard-input.jsonl`; a file that is there must have the same content.
  /// - Returns: The file.
  /// - Throws: `InputError` where reading or writing fails, or another start read other data.
  package static func kept(
    from handle: FileHandle, as format: DataFormat, in folder: URL
  ) throws(InputError) -> DataFile {
    try RunFolder.make(folder)
    let url = folder.appending(path: "standard-input.\(format.rawValue)")
    let file = try AtomicFile(at: url)
    var digest = Digest(.sha256)
    var offset = 0
    while let part = try read(handle) {
      digest.update(part.span)
      try file.write(part.span, at: offset)
      offset += part.count
    }
    guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) else {
      try file.commit()
      return DataFile(url: url, format: format)
    }
    var earlier = Digest(.sha256)
    try MappedFile(at: url).withBytes { earlier.update($0) }
    guard earlier.bytes == digest.bytes else {
      throw InputError(
        .mismatched, file: url.path(percentEncoded: false), subject: "standard input",
        expected: "the data that the run was begun with", found: "other data",
        remedy: "give the same data, or another folder with -o")
    }
    return DataFile(url: url, format: format)
  }

  private static func read(_ handle: FileHandle) throws(InputError) -> [UInt8]? {
    do {
      guard let part = try handle.read(upToCount: 1 << 20), !part.isEmpty else { return nil }
      return Array(part)
    } catch {
      throw InputError(
        .unreadable, subject: "standard input", expected: "data", found: "that reading fails",
        remedy: "write the data to a file, and give that")
    }
  }
}
