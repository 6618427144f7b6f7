import ArgumentParser
import Foundation
import Secant

/// What figures can be converted to.
enum FigureFormat: String, ExpressibleByArgument, CaseIterable {
  case pdf, png
}

/// A folder to which figures are written, for papers: dark on white; created when they are.
struct FigureFolder {
  private let folder: OutputFolder
  private let formats: [FigureFormat]
  private let converter: FigureConverter?

  /// A folder that exists or can be created.
  ///
  /// - Throws: `Failure` where files cannot be created in it, or no program converts figures.
  init(_ path: String, formats: [FigureFormat], in outputs: Outputs) throws {
    self.formats = FigureFormat.allCases.filter(formats.contains)
    converter = formats.isEmpty ? nil : FigureConverter.installed(outputs)
    if let format = self.formats.first, converter == nil {
      throw Failure(
        .usage,
        "--figure-format \(format.rawValue): expected \(FigureConverter.names) in PATH, found none of "
          + "them; install librsvg2-bin, or leave the option out: SVG is written in any case")
    }
    folder = try outputs.folder(path, option: "--figures")
  }

  /// Writes the figures, each in every format, and their numbers.
  ///
  /// - Throws: `Failure` where one cannot be written or converted.
  func write(_ figures: [Figure]) throws {
    try folder.write { write in
      for figure in figures {
        let svg = figure.svg(.light)
        try write(figure.name + ".svg", Array(svg.utf8))
        try write(figure.name + ".csv", Array(figure.table.commaSeparated.utf8))
        guard let converter else { continue }
        for format in formats {
          let data = try converter.converted(
            svg, width: figure.width, height: figure.height, to: format)
          try write("\(figure.name).\(format.rawValue)", Array(data))
        }
      }
    }
  }
}
