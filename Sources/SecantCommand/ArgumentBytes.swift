import Foundation

// Unsafe code: the arguments' bytes, which live as long as the program, are read as C strings.
// Swift's own strings of the arguments replace bytes that are not text.

/// The arguments as the system gave them.
enum ArgumentBytes {
  /// Makes sure that every argument is text.
  ///
  /// - Throws: `Failure` with the first argument that is not UTF-8.
  static func requireText() throws {
    for index in 1..<max(1, Int(CommandLine.argc)) {
      guard let argument = unsafe CommandLine.unsafeArgv[index] else { return }
      if unsafe String(validatingCString: argument) == nil {
        throw Failure(
          .usage,
          "argument \(index): expected UTF-8, found bytes that are not, in "
            + "\"\(unsafe String(cString: argument))\"; convert the text, or give token ids with --tokens"
        )
      }
    }
  }
}
