package import Foundation
package import SecantCheckpoints

/// How a file of prompts is divided into items.
package enum DataFormat: String, CaseIterable, Sendable {
  /// JSON Lines: a line is an object, or a string, which is the field `text`.
  case jsonl
  /// RFC 4180: the first record names the columns, and each other one is an item.
  case csv
  /// A line is the field `text`.
  case txt

  /// The format that a file's name says, before `.gz` or `.zst`; nil where it says none.
  package init?(name: String) {
    let ending = [".gz", ".zst"].first(where: name.hasSuffix) ?? ""
    let plain = name.dropLast(ending.count)
    guard let dot = plain.lastIndex(of: ".") else { return nil }
    self.init(rawValue: plain[plain.index(after: dot)...].lowercased())
  }
}

/// One file of prompts.
package struct DataFile: Hashable, Sendable {
  /// Where it is.
  package let url: URL
  /// How it is divided into items.
  package let format: DataFormat

  /// Its name, which items give as their source.
  package var name: String { url.lastPathComponent }

  /// The files that a path names: a file, or those of a folder in the order of their names' bytes.
  ///
  /// A folder's hidden files are passed over; anything else in it must be a file of prompts.
  ///
  /// - Parameters:
  ///   - url: A file or a folder.
  ///   - format: The format of all files; nil for what their names say.
  /// - Returns: At least one file.
  /// - Throws: `InputError` where nothing is there, or something that is no file of prompts.
  package static func files(
    at url: URL, as format: DataFormat? = nil
  ) throws(InputError) -> [DataFile] {
    let path = url.path(percentEncoded: false)
    let isFolder: Bool?
    do { isFolder = try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory } catch {
      throw InputError(
        .missing, file: path, subject: "data", expected: "a file or a folder of prompts",
        found: "none", remedy: "correct the path")
    }
    guard isFolder == true else { return [try DataFile(url, as: format)] }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
      throw InputError(
        .unreadable, file: path, subject: "data", expected: "a folder that can be read",
        found: "no permission", remedy: "change the folder's permissions")
    }
    let shown = names.filter { !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard !shown.isEmpty else {
      throw InputError(
        .missing, file: path, subject: "data", expected: "files of prompts", found: "none",
        remedy: "put .jsonl, .csv or .txt files there")
    }
    var files: [DataFile] = []
    for name in shown { files.append(try DataFile(url.appending(path: name), as: format)) }
    return files
  }

  /// A file whose name says its format, where that is not given.
  private init(_ url: URL, as format: DataFormat?) throws(InputError) {
    let name = url.lastPathComponent
    guard let format = format ?? DataFormat(name: name) else {
      throw InputError(
        .unsupported, file: name, subject: "data",
        expected: "a name that ends in .jsonl, .csv or .txt, with or without .gz or .zst",
        found: "another", remedy: "rename it, or say its format with --format")
    }
    (self.url, self.format) = (url, format)
  }

  /// A file in a format that is known.
  package init(url: URL, format: DataFormat) { (self.url, self.format) = (url, format) }
}
