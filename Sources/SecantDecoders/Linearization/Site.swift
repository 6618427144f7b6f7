/// A place in a decoder from which, or to which, a map can be taken.
///
/// Blocks are counted from 0, as in the checkpoint's tensor names. A site inside a block is read
/// through the final norm, frozen at that site's own value; attention and feed-forward outputs are
/// read before they are added to the stream, and before the post-norm of some families.
public enum Site: Hashable, Sendable {
  /// The vector that enters block 0 at one token's position.
  case input(token: Int)
  /// A place inside block n.
  case block(Int, BlockSite)
  /// The output of the final norm.
  case output

  /// The places inside a block.
  public enum BlockSite: String, Hashable, Sendable, CaseIterable {
    /// The output of attention.
    case attention
    /// The output of the feed-forward layer.
    case feedForward
    /// The stream after the block.
    case residual

    /// The place's number in the order in which a block computes them.
    var order: Int {
      switch self {
      case .attention: 0
      case .feedForward: 1
      case .residual: 2
      }
    }
  }
}

extension Site: CustomStringConvertible {
  /// The site as the command line spells it: "output" or "block.3.attention".
  public var description: String {
    switch self {
    case .input(let token): "input.\(token)"
    case .block(let n, let place): "block.\(n).\(place.rawValue)"
    case .output: "output"
    }
  }

  /// A site from its spelling; nil if there is no such site.
  public init?(_ description: String) {
    let parts = description.split(separator: ".", omittingEmptySubsequences: false)
    if parts == ["output"] {
      self = .output
    } else if parts.count == 2, parts[0] == "input", let token = Int(parts[1]), token >= 0 {
      self = .input(token: token)
    } else if parts.count == 3, parts[0] == "block", let n = Int(parts[1]), n >= 0,
      let place = BlockSite(rawValue: String(parts[2]))
    {
      self = .block(n, place)
    } else {
      return nil
    }
  }
}
