public import Foundation

/// The small model that the package carries.
public enum DemoModel {
  /// The folder of the embedded checkpoint, in Hugging Face layout.
  ///
  /// - Throws: `CocoaError` where the resource bundle was separated from the program.
  public static func folder() throws -> URL {
    guard let url = Bundle.module.url(forResource: "demo", withExtension: nil) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return url
  }
}
