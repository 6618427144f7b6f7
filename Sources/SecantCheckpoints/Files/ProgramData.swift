package import Foundation

/// The files that a program made with Secant carries: the embedded model, and published figures.
///
/// Nothing of the build's own paths is used: a program may be moved, with its files, to any place.
package enum ProgramData {
  /// A file or folder by its name, such as "demo".
  ///
  /// If the variable `SECANT_DATA` is set, it names the folder, and no other is looked at. Otherwise it is the first
  /// of these that has the file: `../share/secant`, seen from the program's own folder; the folder that the package
  /// manager makes of a module's files when it builds, beside the program. The program's folder is that of the
  /// program itself, not of a symbolic link to it.
  ///
  /// - Parameters:
  ///   - name: The file's name.
  ///   - module: The module whose `Resources` have it.
  /// - Returns: Where it lies.
  /// - Throws: `InputError` of kind `missing` that names the places.
  package static func url(of name: String, from module: String) throws(InputError) -> URL {
    let named = ProcessInfo.processInfo.environment["SECANT_DATA"].flatMap { $0.isEmpty ? nil : $0 }
    let places =
      named.map { [URL(filePath: $0, directoryHint: .isDirectory)] } ?? places(of: module)
    for place in places.map({ $0.appending(path: name) })
    where FileManager.default.fileExists(atPath: place.path(percentEncoded: false)) {
      return place
    }
    let texts = places.map { $0.standardizedFileURL.path(percentEncoded: false) }
    throw InputError(
      .missing, file: named == nil ? nil : "SECANT_DATA", subject: "the program's data",
      expected: "\(name) in \(texts.joined(separator: " or "))", found: "no such file",
      remedy: named == nil
        ? "keep the program together with its files, or let SECANT_DATA name their folder"
        : "correct the variable, or leave it out")
  }

  private static func places(of module: String) -> [URL] {
    let program = (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0]))
      .resolvingSymlinksInPath()
    let folder = program.deletingLastPathComponent()
    let shared = folder.appending(path: "../share/secant", directoryHint: .isDirectory)
    return [shared] + built(module, beside: folder)
  }

  #if canImport(Darwin)
    /// Within the application or the bundle of tests that has this code, or beside it.
    private static func built(_ module: String, beside folder: URL) -> [URL] {
      let own = Bundle(for: Marker.self)
      let around = [own.resourceURL, own.bundleURL, own.bundleURL.deletingLastPathComponent()]
      return (around.compactMap(\.self) + [folder]).flatMap { place in
        let bundle = place.appending(path: "Secant_\(module).bundle")
        return [bundle, bundle.appending(path: "Contents/Resources")]
      }
    }

    private final class Marker {}
  #else
    private static func built(_ module: String, beside folder: URL) -> [URL] {
      [folder.appending(path: "Secant_\(module).resources", directoryHint: .isDirectory)]
    }
  #endif
}
