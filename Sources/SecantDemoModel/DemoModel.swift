public import Foundation
public import SecantCheckpoints

/// The small model that the package carries.
public enum DemoModel {
  /// The folder of the embedded checkpoint, in Hugging Face layout.
  ///
  /// - Throws: `InputError` of kind `missing` where the files were separated from the program.
  public static func folder() throws(InputError) -> URL {
    try ProgramData.url(of: "demo", from: "SecantDemoModel")
  }
}
