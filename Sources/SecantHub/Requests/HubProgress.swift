/// The progress of a download.
public struct HubProgress: Hashable, Sendable {
  /// The current step.
  public enum Stage: String, Hashable, Sendable {
    /// The Hub is asked which files there are.
    case asking = "asking the Hub"
    /// Files come.
    case downloading = "downloading"
    /// Another process downloads the same file.
    case waiting = "waiting for another download of"
  }

  /// The current step.
  public let stage: Stage
  /// The model's name.
  public let model: String
  /// The bytes that this run has fetched.
  public let bytesDone: Int
  /// The bytes that this run has to fetch: what is missing of all files that are needed.
  public let bytesTotal: Int

  /// The finished fraction of the work, from 0 to 1.
  public var fraction: Double {
    bytesTotal == 0 ? 0 : min(1, Double(bytesDone) / Double(bytesTotal))
  }
}
