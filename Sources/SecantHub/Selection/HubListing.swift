package import SecantCheckpoints

/// The Hub's description of a model at one revision.
package struct HubListing: Hashable, Sendable {
  /// The commit: 40 hexadecimal digits.
  package let commit: String
  /// The paths of all files, each checked to stay within the model's folder.
  package let files: [String]

  /// Reads the untrusted answer of `/api/models/…/revision/…`.
  ///
  /// - Throws: `InputError` if the answer is malformed or names an unsafe path.
  package init(parsing bytes: [UInt8], file: String) throws(InputError) {
    let root = try JSONField(parsing: bytes, file: file)
    let commit = try root["sha"].string()
    guard commit.isHexadecimal(count: 40) else {
      throw root["sha"].mismatch(
        "a commit of 40 hexadecimal digits", remedy: "check HF_ENDPOINT, or try again later")
    }
    var files: [String] = []
    for sibling in try root["siblings"].array() {
      let name = try sibling["rfilename"].string()
      guard Self.isSafe(name) else {
        throw sibling["rfilename"].mismatch(
          "a path within the model's folder", remedy: "do not trust this source of models")
      }
      files.append(name)
    }
    self.commit = commit
    self.files = files
  }

  /// Whether a name can only mean a file in the folder that it is appended to.
  package static func isSafe(_ name: String) -> Bool {
    1...512 ~= name.utf8.count
      && !name.unicodeScalars.contains {
        $0.properties.generalCategory == .control || $0 == "\\"
      }
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
        !part.isEmpty && part != "." && part != ".." && part.utf8.count <= 255
      }
  }
}
