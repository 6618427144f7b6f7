import Foundation
public import SecantCheckpoints
public import SecantReports

extension InspectionReport {
  /// What a checkpoint holds and what of it is understood; reads headers only, no weight.
  ///
  /// - Parameters:
  ///   - checkpoint: The files, of any architecture.
  ///   - name: What results call the model; by default the folder's path.
  public init(of checkpoint: Checkpoint, name: String? = nil) {
    let name = name ?? checkpoint.url.path(percentEncoded: false)
    self.init(
      secantVersion: SecantVersion.current, model: ModelIdentity(of: checkpoint, name: name),
      configuration: [], tensorGroups: [], memory: [])
  }
}
