/// One turn of a conversation.
public struct ChatMessage: Hashable, Codable, Sendable {
  /// The speaker's role, as chat templates name it.
  public enum Role: String, Hashable, Codable, Sendable {
    /// Instructions for the whole conversation.
    case system
    /// The user's turn.
    case user
    /// The model's turn.
    case assistant
  }

  /// The speaker.
  public let role: Role
  /// The text of the turn.
  public let content: String

  /// One turn.
  public init(role: Role, content: String) {
    self.role = role
    self.content = content
  }
}
