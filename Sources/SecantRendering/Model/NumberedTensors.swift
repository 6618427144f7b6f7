import SecantReports

/// A part of a block's tensors in reading order, in which experts that are alike are told once.
///
/// `experts.0.up_proj.weight`, `experts.1.up_proj.weight`, … are `experts.E.up_proj.weight` of the experts 0–n.
enum NumberedTensors {
  /// A tensor that stands for itself.
  case single(InspectionReport.Tensor)
  /// What is called by a name and successive numbers and is alike; in the tensors of one, E is the number.
  case alike(name: String, numbers: ClosedRange<Int>, tensors: [InspectionReport.Tensor])

  /// The parts of one block's tensors.
  static func parts(of tensors: [InspectionReport.Tensor]) -> [NumberedTensors] {
    var members: [Place.Family: [Int: [InspectionReport.Tensor]]] = [:]
    for tensor in tensors {
      guard let place = Place(in: tensor.name) else { continue }
      members[place.family, default: [:]][place.number, default: []].append(tensor)
    }
    var told: Set<Place.Family> = []
    return tensors.flatMap { tensor -> [NumberedTensors] in
      guard let family = Place(in: tensor.name)?.family else { return [.single(tensor)] }
      guard told.insert(family).inserted else { return [] }
      return runs(of: members[family, default: [:]], called: family.name)
    }
  }

  /// Successive members that are alike as one part, each other tensor by itself.
  private static func runs(
    of members: [Int: [InspectionReport.Tensor]], called name: String
  ) -> [NumberedTensors] {
    let patterns = members.mapValues { $0.map(\.withoutNumber) }
    let runs = members.keys.sorted().reduce(into: [ClosedRange<Int>]()) { runs, number in
      if let last = runs.last, last.upperBound == number - 1,
        patterns[last.upperBound] == patterns[number]
      {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.flatMap { run -> [NumberedTensors] in
      run.count == 1
        ? members[run.lowerBound, default: []].map { .single($0) }
        : [.alike(name: name, numbers: run, tensors: patterns[run.lowerBound, default: []])]
    }
  }
}

/// The first number in a tensor's name.
private struct Place {
  /// What is numbered: all before the number, and the last word of that.
  struct Family: Hashable {
    let path: String
    let name: String
  }

  let family: Family
  let number: Int
  /// The tensor's name with E for the number.
  let pattern: String

  /// Finds a number between dots, after what it counts; nil where there is none.
  init?(in name: String) {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    guard let place = parts.indices.dropFirst().first(where: { Int(parts[$0]) != nil }),
      let number = Int(parts[place]), number >= 0
    else { return nil }
    family = Family(path: parts[..<place].joined(separator: "."), name: parts[place - 1])
    self.number = number
    parts[place] = "E"
    pattern = parts.joined(separator: ".")
  }
}

extension InspectionReport.Tensor {
  fileprivate var withoutNumber: Self {
    Self(
      name: Place(in: name)?.pattern ?? name, elementType: elementType, shape: shape, bytes: bytes)
  }
}
