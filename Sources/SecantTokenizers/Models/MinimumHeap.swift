/// A binary heap of numbers, the smallest on top.
struct MinimumHeap {
  private var elements: [UInt64] = []

  mutating func push(_ element: UInt64) {
    var hole = elements.count
    elements.append(element)
    while hole > 0 {
      let parent = (hole - 1) / 2
      guard elements[parent] > element else { break }
      elements[hole] = elements[parent]
      hole = parent
    }
    elements[hole] = element
  }

  mutating func popMinimum() -> UInt64? {
    guard let last = elements.popLast() else { return nil }
    guard let minimum = elements.first else { return last }
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < elements.count else { break }
      if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
      guard elements[child] < last else { break }
      elements[hole] = elements[child]
      hole = child
    }
    elements[hole] = last
    return minimum
  }
}
