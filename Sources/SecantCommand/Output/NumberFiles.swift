import ArgumentParser
import Foundation
import Secant

/// Files that hold a report's numbers for other programs.
struct NumberFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write the numbers as a table of comma-separated values.", valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var csv: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Also write the numbers as safetensors.", valueName: "file"),
    completion: .file(extensions: ["safetensors"]))
  var output: String?

  /// Refuses a name that says that something else is expected in the file.
  func validate() throws {
    guard let output else { return }
    let name = URL(filePath: output).lastPathComponent
    let other: String? =
      switch URL(filePath: output).pathExtension.lowercased() {
      case "html", "htm": "write a page with --html"
      case "csv": "write a table with --csv"
      case "json": "print the report with --json"
      default: nil
      }
    guard let other else { return }
    throw ValidationError("--output: expected a file of safetensors, found \(name); \(other)")
  }

  /// The files, of which it is certain that they can be created.
  ///
  /// - Throws: `Failure` where one cannot.
  func prepared(in outputs: Outputs) throws -> NumberFiles {
    NumberFiles(
      table: try csv.map { try outputs.file($0, option: "--csv") },
      tensors: try output.map { try outputs.file($0, option: "--output") })
  }
}

/// Where a report's numbers go beside standard output.
struct NumberFiles {
  fileprivate let table: OutputFile?
  fileprivate let tensors: OutputFile?

  /// Writes the files that were asked for.
  ///
  /// - Throws: `Failure` where one cannot be written.
  func write<R: TabularReport>(_ report: R) throws {
    try table?.write(report.numbers.commaSeparated)
    try tensors?.write { place in
      let arrays = report.arrays
      let writer = try SafetensorsWriter(
        arrays.map { .init(name: $0.name, elementType: .f64, shape: $0.shape) },
        metadata: ["schema": "\(R.schema.name) \(R.schema.version)"], to: place)
      for array in arrays { try writer.write(array.values.span, to: array.name, at: 0) }
      try writer.commit()
    }
  }
}
