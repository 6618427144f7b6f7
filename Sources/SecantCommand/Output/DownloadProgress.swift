import Foundation
import Secant

/// What a progress line says of a download: of which model, how far, how fast.
struct DownloadProgress {
  private let line: ProgressLine
  /// When the files that come now were begun, and their length.
  private var batch: (start: ContinuousClock.Instant, bytes: Int)?

  init(_ line: ProgressLine) { self.line = line }

  /// Shows how far the download has come.
  mutating func show(_ progress: HubProgress) {
    guard progress.stage == .downloading else {
      line.begin("\(progress.stage.rawValue) \(progress.model)")
      batch = nil
      return
    }
    if batch?.bytes != progress.bytesTotal {
      batch = (.now, progress.bytesTotal)
      line.begin("downloading \(progress.model)")
    }
    let seconds = (batch?.start.duration(to: .now) ?? .zero) / .seconds(1)
    var label = "downloading \(progress.model), \(Self.text(Double(progress.bytesTotal)))B"
    if seconds >= 1 { label += " at \(Self.text(Double(progress.bytesDone) / seconds))B/s" }
    line.update(label, fraction: progress.fraction)
  }

  /// A number with its power of a thousand, such as "12.3 M".
  private static func text(_ value: Double) -> String {
    let (scaled, unit) =
      switch value {
      case ..<1e6: (value / 1e3, "k")
      case ..<1e9: (value / 1e6, "M")
      default: (value / 1e9, "G")
      }
    return String(format: "%.1f ", scaled) + unit
  }
}
