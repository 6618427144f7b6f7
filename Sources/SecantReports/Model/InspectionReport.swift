/// The result of `secant inspect`: the content of a checkpoint, and whether Secant supports it.
public struct InspectionReport: Report {
  /// Version 1 of "secant.inspection".
  public static let schema = ReportSchema(name: "secant.inspection", version: 1)

  /// The version of Secant.
  public let secantVersion: String
  /// The model.
  public let model: ModelIdentity
  /// The decoder's configuration as Secant read it, in reading order.
  public let configuration: [Setting]
  /// The tensors, grouped by their role, in reading order.
  public let tensorGroups: [TensorGroup]
  /// The memory that the commands need, in bytes.
  public let memory: [MemoryNeed]
  /// The unsupported parts, one sentence each; empty if the model is fully understood.
  public let notUnderstood: [String]
  /// Notes on ignored files, or on unexpected readings of files, one sentence each; nil
  /// if there are none.
  public let notes: [String]?

  /// Gathers the parts of an inspection.
  public init(
    secantVersion: String, model: ModelIdentity, configuration: [Setting],
    tensorGroups: [TensorGroup], memory: [MemoryNeed], notUnderstood: [String] = [],
    notes: [String]? = nil
  ) {
    self.secantVersion = secantVersion
    self.model = model
    self.configuration = configuration
    self.tensorGroups = tensorGroups
    self.memory = memory
    self.notUnderstood = notUnderstood
    self.notes = notes
  }
}

extension InspectionReport {
  /// One line of a configuration.
  public struct Setting: Codable, Hashable, Sendable {
    /// The setting's name, such as "blocks".
    public let name: String
    /// Its value for people, such as "16".
    public let value: String

    /// Describes one setting.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Tensors that play one role, such as those of one block.
  public struct TensorGroup: Codable, Hashable, Sendable {
    /// The role, such as "block 0" or "blocks 0–15, each".
    public let name: String
    /// The number of times that the group occurs; the tensors are those of one occurrence.
    public let count: Int
    /// The tensors of one occurrence.
    public let tensors: [Tensor]

    /// Gathers a group.
    public init(name: String, count: Int = 1, tensors: [Tensor]) {
      self.name = name
      self.count = count
      self.tensors = tensors
    }
  }

  /// One tensor as it is stored.
  public struct Tensor: Codable, Hashable, Sendable {
    /// The name in the checkpoint; "N" stands for the block's number in a group that repeats.
    public let name: String
    /// The stored element type, such as "bf16".
    public let elementType: String
    /// The shape, slowest dimension first.
    public let shape: [Int]
    /// The stored size in bytes.
    public let bytes: Int

    /// Describes one tensor.
    public init(name: String, elementType: String, shape: [Int], bytes: Int) {
      self.name = name
      self.elementType = elementType
      self.shape = shape
      self.bytes = bytes
    }
  }

  /// The memory that one use of the model needs.
  public struct MemoryNeed: Codable, Hashable, Sendable {
    /// The use, such as "weights, mapped from the file".
    public let name: String
    /// The estimate in bytes.
    public let bytes: Int

    /// Describes one need.
    public init(name: String, bytes: Int) {
      self.name = name
      self.bytes = bytes
    }
  }
}
