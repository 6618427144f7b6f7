import ArgumentParser
import Foundation
import Secant

/// What figures can be converted to.
enum FigureFormat: String, ExpressibleByArgument, CaseIterable {
  case pdf, png
}

/// A folder to which figures are written, for papers: dark on white; created when they are.
struct FigureFolder {
  private let folder: OutputPath
  private let formats: [FigureFormat]
  private let converter: FigureConverter?

  /// A folder that exists or can be created.
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
    guard isUsable else { throw notCreated }
  }

  /// Whether it, or the folder in which it will be created, takes files.
  private var isUsable: Bool {
    var place = folder.url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path(percentEncoded: false)),
      place.pathComponents.count > 1
    {
      place.deleteLastPathComponent()
    }
    let isFolder = (try? place.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
    return isFolder
      && FileManager.default.isWritableFile(atPath: place.path(percentEncoded: false))
  }

  private var notCreated: Failure {
    Failure(
      .cannotCreate,
      "\(folder.path): expected a folder that takes files, found none that could be created; "
        + "choose another place or change its permissions")
  }

  /// Writes the figures, each in every format, and their numbers; creates the folder.
  ///
  /// - Throws: `Failure` where one cannot be written or converted.
  func write(_ figures: [Figure]) throws {
    do {
      try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    } catch {
      throw notCreated
    }
    for figure in figures {
      let svg = figure.svg(.light)
      try file(figure.name + ".svg").write(svg)
      try file(figure.name + ".csv").write(figure.table.commaSeparated)
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
