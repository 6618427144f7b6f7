import SecantReports

/// Groups of tensors in reading order, in which blocks that differ in nothing but how they are stored are one.
enum BlockKinds {
  /// A group that stands for itself.
  case single(InspectionReport.TensorGroup)
  /// Blocks whose tensors have the same names and shapes.
  case alike(BlockKind)

  /// The groups of an inspection; each kind stands where its first block does.
  static func parts(of groups: [InspectionReport.TensorGroup]) -> [BlockKinds] {
    var kinds: [[Pattern]: BlockKind] = [:]
    for group in groups {
      guard let blocks = ClosedRange(blocksOf: group) else { continue }
      kinds[Pattern.list(of: group), default: BlockKind()].members.append((blocks, group))
    }
    var told: Set<[Pattern]> = []
    return groups.compactMap { group in
      let pattern = Pattern.list(of: group)
      guard ClosedRange(blocksOf: group) != nil, let kind = kinds[pattern] else {
        return .single(group)
      }
      return told.insert(pattern).inserted ? .alike(kind) : nil
    }
  }

  /// A tensor without how it is stored.
  fileprivate struct Pattern: Hashable {
    let name: String
    let shape: [Int]

    static func list(of group: InspectionReport.TensorGroup) -> [Pattern] {
      group.tensors.map { Pattern(name: $0.name, shape: $0.shape) }
    }
  }
}

/// Blocks whose tensors have the same names and shapes.
struct BlockKind {
  /// The blocks, by how they are stored.
  fileprivate(set) var members: [(blocks: ClosedRange<Int>, group: InspectionReport.TensorGroup)] =
    []

  /// How a tensor is stored in some blocks.
  struct Storage: Hashable {
    let elementType: String
    let bytes: Int
    fileprivate(set) var blocks: [ClosedRange<Int>]

    /// A way of storing; `blocks` in ascending order.
    init(elementType: String, bytes: Int, blocks: [ClosedRange<Int>]) {
      self.elementType = elementType
      self.bytes = bytes
      self.blocks = blocks
    }

    /// The blocks in words, such as `0–2, 5`.
    var places: String { blocks.map(\.words).joined(separator: ", ") }
    fileprivate var count: Int { blocks.reduce(0) { $0 + $1.count } }
  }

  /// Number of blocks.
  var count: Int { members.reduce(0) { $0 + $1.blocks.count } }
  /// The blocks in words, such as `blocks 0–17`.
  var name: String {
    (count == 1 ? "block " : "blocks ")
      + joined(members.map(\.blocks)).map(\.words).joined(separator: ", ")
  }
  /// What the names of all tensors begin with, up to the block's number, such as `model.layers.N.`.
  var prefix: String {
    let names = members.first?.group.tensors.map(\.name) ?? []
    guard let end = names.first?.firstRange(of: ".N.")?.upperBound, let first = names.first else {
      return ""
    }
    let prefix = String(first[..<end])
    return names.allSatisfy { $0.hasPrefix(prefix) && $0.count > prefix.count } ? prefix : ""
  }
  /// The bytes of all tensors of all blocks.
  var bytes: Double {
    members.reduce(0) { sum, member in
      sum + Double(member.blocks.count) * member.group.tensors.reduce(0) { $0 + Double($1.bytes) }
    }
  }

  /// The tensors of one block, named without ``prefix``, and for each the ways in which it is stored, the most
  /// frequent first.
  var tensors: [(tensor: InspectionReport.Tensor, storages: [Storage])] {
    guard let first = members.first?.group.tensors else { return [] }
    let prefix = prefix
    return first.indices.map { index in
      var storages: [Storage] = []
      for (blocks, group) in members {
        let tensor = group.tensors[index]
        let known = storages.firstIndex {
          $0.elementType == tensor.elementType && $0.bytes == tensor.bytes
        }
        if let known {
          storages[known].blocks = joined(storages[known].blocks + [blocks])
        } else {
          storages.append(
            Storage(elementType: tensor.elementType, bytes: tensor.bytes, blocks: [blocks]))
        }
      }
      // The sort is stable: of two that are as frequent, that of the earlier block is first.
      let tensor = InspectionReport.Tensor(
        name: String(first[index].name.dropFirst(prefix.count)),
        elementType: first[index].elementType, shape: first[index].shape,
        bytes: first[index].bytes)
      return (tensor, storages.sorted { $0.count > $1.count })
    }
  }
}

/// Ranges in ascending order, those that follow one another as one.
private func joined(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
  ranges.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { result, range in
    if let last = result.last, last.upperBound + 1 == range.lowerBound {
      result[result.count - 1] = last.lowerBound...range.upperBound
    } else {
      result.append(range)
    }
  }
}

extension ClosedRange<Int> {
  /// The numbers of a group's blocks, which its name holds; nil where it is no group of blocks.
  fileprivate init?(blocksOf group: InspectionReport.TensorGroup) {
    let words = group.name.split(separator: " ")
    guard words.count == 2, words[0] == "block" || words[0] == "blocks" else { return nil }
    let numbers = words[1].split(separator: "–").map { Int($0) }
    guard (1...2).contains(numbers.count), let first = numbers[0],
      let last = numbers[numbers.count - 1], first >= 0, first <= last, last < 1 << 30,
      last - first + 1 == group.count
    else { return nil }
    self = first...last
  }

  fileprivate var words: String {
    lowerBound == upperBound ? "\(lowerBound)" : "\(lowerBound)–\(upperBound)"
  }
}
