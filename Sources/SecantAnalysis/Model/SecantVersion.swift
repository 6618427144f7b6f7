/// The version of this package.
public enum SecantVersion {
  /// The version as results record it.
  public static let current = "0.1.0"
}
