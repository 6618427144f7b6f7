import Foundation

/// Memory of a process that is no file's, as Linux's /proc tells it.
enum AnonymousMemory {
  /// Whether this system tells it.
  static var isTold: Bool { FileManager.default.fileExists(atPath: "/proc/self/status") }

  /// `RssAnon` of a process, in bytes; nil where it is gone.
  static func bytes(of process: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let match = text.firstMatch(of: #/RssAnon:\s+(\d+) kB/#), let kilobytes = Int(match.1)
    else { return nil }
    return kilobytes << 10
  }

  /// The processes that a process began and that still run.
  static func children(of process: Int32) -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { id in
      let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
      return status?.firstMatch(of: #/PPid:\s+(\d+)/#).flatMap { Int32($0.1) } == process
    }
  }
}
