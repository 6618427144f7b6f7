import ArgumentParser
import Foundation
import Secant

/// The figures that are written besides the printed report.
struct FigureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write the figures as SVG files, and their numbers as CSV, to this folder.",
      valueName: "folder"),
    completion: .directory)
  var figures: String?

  @Option(
    help: ArgumentHelp(
      """
      Also write the figures as pdf or png; may be repeated. Needs rsvg-convert, Inkscape or Chromium.
      """, valueName: "format"))
  var figureFormat: [FigureFormat] = []

  /// - Throws: That there are formats but no figures.
  func validate() throws {
    if figures == nil, let format = figureFormat.first {
      throw ValidationError(
        "--figure-format \(format.rawValue): expected --figures <folder> with it, found none; "
          + "name a folder")
    }
  }

  /// The folder, checked before the work starts; nil if no figures are requested.
  ///
  /// - Throws: `Failure` if figures cannot be written there.
  func prepared(in outputs: Outputs) throws -> FigureFolder? {
    try figures.map { try FigureFolder($0, formats: figureFormat, in: outputs) }
  }
}

/// The documents that are written besides the printed report.
struct DocumentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write the result as a self-contained web page.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @OptionGroup var figures: FigureOptions

  /// The places of the documents, checked before the work starts.
  ///
  /// - Throws: `Failure` if they cannot be written there.
  func prepared(in outputs: Outputs) throws -> Documents {
    Documents(
      page: try html.map { try outputs.file($0, option: "--html") },
      figures: try figures.prepared(in: outputs))
  }
}

/// The places of a report's documents.
struct Documents {
  fileprivate let page: OutputFile?
  fileprivate let figures: FigureFolder?

  /// Writes them.
  ///
  /// - Throws: `Failure` if one cannot be written.
  func write(_ report: some IllustratedReport) throws {
    try page?.write(report.htmlPage())
    try figures?.write(report.figures)
  }
}
