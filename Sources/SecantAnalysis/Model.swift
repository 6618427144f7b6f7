import Foundation
public import SecantCheckpoints
public import SecantDecoders
public import SecantOperators
public import SecantReports

/// A model that questions can be put to: its checkpoint, its decoder and its tokenizer.
///
/// Immutable; what the questions return is a value that depends on their arguments alone.
public struct Model<S: Scalar>: Sendable {
  /// What a result calls the model: "demo", or the folder as the user named it.
  public let name: String
  /// The files.
  public let checkpoint: Checkpoint
  /// The configuration and the weights.
  public let decoder: Decoder<S>
  /// What a result says about which model it is.
  public let identity: ModelIdentity

  /// The model that a checkpoint holds; reads every weight once, to validate it.
  ///
  /// - Parameters:
  ///   - checkpoint: The files.
  ///   - name: What results call the model; by default the folder's path.
  /// - Throws: What in the configuration, the weights or the tokenizer is missing, contradictory or
  ///   not understood.
  public init(_ checkpoint: Checkpoint, name: String? = nil) throws(InputError) {
    self.checkpoint = checkpoint
    self.name = name ?? checkpoint.url.path(percentEncoded: false)
    decoder = try Decoder<S>(checkpoint)
    identity = ModelIdentity(of: checkpoint, name: self.name)
  }
}

extension ModelIdentity {
  /// What tells a checkpoint from others.
  ///
  /// - Parameters:
  ///   - checkpoint: The files, of any architecture.
  ///   - name: What results call the model.
  public init(of checkpoint: Checkpoint, name: String) {
    let types = Set(checkpoint.tensors.map { $0.elementType.rawValue.lowercased() })
    let architecture =
      checkpoint.configuration["architectures"].present.flatMap { try? $0.array().first?.string() }
      ?? (try? checkpoint.configuration["model_type"].string()) ?? "unknown"
    self.init(
      name: name, fingerprint: "fnv1a64:" + checkpoint.fingerprint(), architecture: architecture,
      parameterCount: checkpoint.parameterCount, elementTypes: types.sorted())
  }
}
