import ArgumentParser
import Foundation
import Secant

/// What figures can be converted to.
enum FigureFormat: String, ExpressibleByArgument, CaseIterable {
  case pdf, png
}

/// A folder to which figures are written, for papers: dark on white.
struct FigureFolder {
  private let folder: OutputPath
  private let formats: [FigureFormat]
  private let converter: FigureConverter?

  /// A folder, which is created where it does not exist.
  ///
  /// - Throws: `Failure` where files cannot be created in it, or no program converts figures.
  init(_ path: String, formats: [FigureFormat]) throws {
    folder = try OutputPath(path, option: "--figures")
    self.formats = FigureFormat.allCases.filter(formats.contains)
    converter = formats.isEmpty ? nil : FigureConverter.installed()
    if let format = self.formats.first, converter == nil {
      throw Failure(
        .usage,
        "--figure-format \(format.rawValue): expected \(FigureConverter.names) in PATH, found none of "
          + "them; install librsvg2-bin, or leave the option out: SVG is written in any case")
    }
    do {
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .cannotCreate,
        "\(path): expected a folder that can be created, found that it cannot; "
          + "choose another place or change its permissions")
    }
    try file("figure.svg").checkWritable()
  }

  /// Writes the figures, each in every format, and their numbers.
  ///
  /// - Throws: `Failure` where one cannot be written or converted.
  func write(_ figures: [Figure]) throws {
    for figure in figures {
      let svg = figure.svg(.light)
      try file(figure.name + ".svg").write(svg)
      try file(figure.name + ".csv").write(figure.table.csv)
      guard let converter else { continue }
      for format in formats {
        let data = try converter.converted(
          svg, width: figure.width, height: figure.height, to: format)
        let target = file("\(figure.name).\(format.rawValue)")
        try target.write { try AtomicFile.write([UInt8](data).span, to: target.url) }
      }
    }
  }

  private func file(_ name: String) -> OutputPath {
    OutputPath(url: folder.url.appending(path: name), path: folder.path + "/" + name)
  }
}
