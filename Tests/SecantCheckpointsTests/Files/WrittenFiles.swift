import Foundation
import SecantCheckpoints
import SecantTestSupport

extension TemporaryFolder {
  /// The message of the error that `body` throws, without this folder's own path; nil if it throws none.
  func message(of body: () throws(InputError) -> Void) -> String? {
    do {
      try body()
      return nil
    } catch {
      return error.description.replacing(url.path + "/", with: "")
        .replacing(url.path, with: "FOLDER")
    }
  }
}

/// The bytes of a safetensors file with that header, unpadded, and so many bytes of data.
func safetensors(_ header: String, data: Int = 0) -> [UInt8] {
  let text = Array(header.utf8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
    + (0..<data).map { UInt8(truncatingIfNeeded: $0) }
}

extension MappedFile {
  /// A copy of all bytes.
  var bytes: [UInt8] { withBytes { span in span.indices.map { span[$0] } } }
}
