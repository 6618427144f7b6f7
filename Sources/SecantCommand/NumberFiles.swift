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

  /// The files, of which it is certain that they can be created.
  ///
  /// - Throws: `Failure` where one cannot.
  func files() throws -> NumberFiles {
    let files = NumberFiles(
      table: try csv.map { try OutputPath($0, option: "--csv") },
      tensors: try output.map { try OutputPath($0, option: "--output") })
    try files.table?.checkWritable()
    try files.tensors?.checkWritable()
    return files
  }
}

/// Where a report's numbers go beside standard output.
struct NumberFiles {
  let table: OutputPath?
  let tensors: OutputPath?

  /// Writes the files that were asked for; each appears when it is complete.
  ///
  /// - Throws: `Failure` where one cannot be written.
  func write<R: TabularReport>(_ report: R) throws {
    if let table { try table.write(report.numbers.commaSeparated) }
    guard let tensors else { return }
    let arrays = report.arrays
    let writer = try tensors.begin {
      try SafetensorsWriter(
        arrays.map { .init(name: $0.name, elementType: .f64, shape: $0.shape) },
        metadata: ["schema": "\(R.schema.name) \(R.schema.version)"], to: tensors.url)
    }
    try tensors.write {
      for array in arrays { try writer.write(array.values.span, to: array.name, at: 0) }
      try writer.commit()
    }
  }
}
