/// What a mark stands for: a token of the prompt, a block, a head, or a block at a token.
///
/// A page marks the chosen ones wherever they are shown.
struct PartLink {
  var token: Int?
  var block: Int?
  var head: Int?

  /// The attributes by which the page's script finds the mark; empty for a mark of nothing.
  ///
  /// A head is of a block, so that its one attribute names both.
  var attributes: Markup {
    let place: Markup = token.map { " data-t=\"\($0)\"" } ?? ""
    switch (block, head) {
    case (let block?, let head?): return "\(place) data-h=\"\(block).\(head)\""
    case (let block?, nil): return "\(place) data-b=\"\(block)\""
    case (nil, _): return place
    }
  }

  /// What a cell stands for, from its row and its column.
  func with(_ other: PartLink) -> PartLink {
    PartLink(
      token: token ?? other.token, block: block ?? other.block, head: head ?? other.head)
  }
}
