import ArgumentParser
import Foundation
import Secant

/// In which pictures a report is written beside what is printed.
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

  /// - Throws: That formats are asked for without figures.
  func validate() throws {
    if figures == nil, let format = figureFormat.first {
      throw ValidationError(
        "--figure-format \(format.rawValue): expected --figures <folder> with it, found none; "
          + "name a folder")
    }
  }

  /// The folder, tried before the work starts; nil where no figures are asked for.
  ///
  /// - Throws: `Failure` where figures could not be written there.
  func prepared(in outputs: Outputs) throws -> FigureFolder? {
    try figures.map { try FigureFolder($0, formats: figureFormat, in: outputs) }
  }
}

/// In which documents a report is written beside what is printed.
struct DocumentOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Also write the result as a self-contained web page.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @OptionGroup var figures: FigureOptions

  /// Where the documents are to appear, tried before the work starts.
  ///
  /// - Throws: `Failure` where they could not be written there.
  func prepared(in outputs: Outputs) throws -> Documents {
    Documents(
      page: try html.map { try outputs.file($0, option: "--html") },
      figures: try figures.prepared(in: outputs))
  }
}

/// Where the documents of a report are to appear.
struct Documents {
  fileprivate let page: OutputFile?
  fileprivate let figures: FigureFolder?

  /// Writes them.
  ///
  /// - Throws: `Failure` where one cannot be written.
  func write(_ report: some IllustratedReport) throws {
    try page?.write(report.htmlPage())
    try figures?.write(report.figures)
  }
}
