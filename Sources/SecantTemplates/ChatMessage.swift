/// One turn of a conversation.
public struct ChatMessage: Hashable, Codable, Sendable {
  /// Who speaks, in the words of chat templates.
  public enum Role: String, Hashable, Codable, Sendable {
    /// What holds for the whole conversation.
    case system
    /// The person.
    case user
    /// The model.
    case assistant
  }

  /// Who speaks.
  public let role: Role
  /// What is said.
  public let content: String

  /// One turn.
  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }
}
