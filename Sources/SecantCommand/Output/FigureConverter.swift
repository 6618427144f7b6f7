import Foundation
import Secant

/// An installed program that turns SVG into what papers and slides take.
struct FigureConverter {
  private let program: URL
  private let kind: Kind
  private let outputs: Outputs

  /// The programs, the one that converts best first.
  private enum Kind: CaseIterable {
    case librsvg, inkscape, chromium

    var names: [String] {
      switch self {
      case .librsvg: ["rsvg-convert"]
      case .inkscape: ["inkscape"]
      case .chromium: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
      }
    }
  }

  /// What is looked for.
  static let names = "rsvg-convert, inkscape or chromium"

  /// The first of the programs that `PATH` has; nil where it has none.
  static func installed(_ outputs: Outputs) -> FigureConverter? {
    let path = ProcessInfo.processInfo.environment["PATH", default: ""]
    let folders = path.split(separator: ":").map { URL(filePath: String($0)) }
    for kind in Kind.allCases {
      for name in kind.names {
        for program in folders.map({ $0.appending(path: name) })
        where FileManager.default.isExecutableFile(atPath: program.path(percentEncoded: false)) {
          return FigureConverter(program: program, kind: kind, outputs: outputs)
        }
      }
    }
    return nil
  }

  /// A picture in another format; PNG has twice the picture's size in pixels.
  ///
  /// - Throws: `Failure` where the program fails.
  func converted(_ svg: String, width: Int, height: Int, to format: FigureFormat) throws -> Data {
    do {
      let folder = try outputs.scratchFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let source = folder.appending(path: kind == .chromium ? "figure.html" : "figure.svg")
      let text = kind == .chromium ? Self.page(svg, width: width, height: height) : svg
      try Data(text.utf8).write(to: source)
      let target = folder.appending(path: "figure." + format.rawValue)
      try run(
        arguments(source, to: target, format, width: width, height: height, in: folder))
      return try Data(contentsOf: target)
    } catch {
      throw Failure(
        .inputOutput,
        "\(program.path(percentEncoded: false)): expected a \(format.rawValue) file of a figure, "
          + "found that it made none; try the SVG in another program")
    }
  }

  private func arguments(
    _ source: URL, to target: URL, _ format: FigureFormat, width: Int, height: Int, in folder: URL
  ) -> [String] {
    let (source, target) = (source.path(percentEncoded: false), target.path(percentEncoded: false))
    switch kind {
    case .librsvg:
      return ["--format", format.rawValue] + (format == .png ? ["--zoom", "2"] : [])
        + ["--output", target, source]
    case .inkscape:
      return [source, "--export-type=\(format.rawValue)", "--export-filename=\(target)"]
        + (format == .png ? ["--export-dpi=192"] : [])
    case .chromium:
      let profile = folder.appending(path: "profile").path(percentEncoded: false)
      let general = [
        "--headless", "--disable-gpu", "--no-first-run", "--user-data-dir=\(profile)",
        // The page is a picture that Secant drew: it has no script and loads nothing.
        "--no-sandbox",
      ]
      let specific =
        switch format {
        case .pdf: ["--no-pdf-header-footer", "--print-to-pdf=\(target)"]
        case .png:
          [
            "--window-size=\(width),\(height)", "--force-device-scale-factor=2",
            "--hide-scrollbars", "--screenshot=\(target)",
          ]
        }
      return general + specific + ["file://\(source)"]
    }
  }

  /// A page of the picture's size that holds nothing else.
  private static func page(_ svg: String, width: Int, height: Int) -> String {
    """
    <!DOCTYPE html><html><head><meta charset="utf-8"><style>
    @page{size:\(width)px \(height)px;margin:0}
    html,body{margin:0;background:#fff}svg{display:block}
    </style></head><body>\(svg)</body></html>
    """
  }

  private func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try outputs.run(process)
    guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
  }
}
