import Foundation
import Secant
import SecantCheckpoints
import SecantCorpus
import SecantOperators

/// Seconds of searches among the vectors of a file: of a direction, and of the space of four directions.
///
/// The first search may read the file from the disk. The others find it in the memory of the system, where it fits.
///
/// - Parameters:
///   - url: A file as `secant scan merge` writes it; made where there is none.
///   - vectors: The number of vectors of a file that is made.
///   - width: Their width.
///   - runs: Searches of each kind, of which the least time counts.
/// - Returns: Seconds by their names, as the benchmark prints them.
/// - Throws: Why the file cannot be read or written.
func searchTimes(
  in url: URL, _ vectors: Int, width: Int, runs: Int
) throws -> [String: Any] {
  if !FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) {
    try makeVectors(at: url, vectors, width: width)
  }
  let file = try VectorFile(at: url)
  let candidates = Array(0..<file.rows)
  let spans = (0..<file.rows / 4).map { RowSpan(start: 4 * $0, count: 4) }
  var directions: [Double] = []
  var spaces: [Double] = []
  var (found, processor) = (0, Double.infinity)
  for _ in 0..<max(1, runs) + 1 {
    let before = processorSeconds()
    let (near, time) = seconds { file.nearest(to: 0, among: candidates, count: 20) }
    directions.append(time)
    processor = min(processor, processorSeconds() - before)
    found = near.first?.row ?? -1
  }
  for _ in 0..<max(1, runs) {
    spaces.append(seconds { file.nearest(to: spans[0], among: spans, count: 20) }.1)
  }
  return [
    "vectors": file.rows, "width": file.width, "first_s": directions[0],
    "direction_s": directions.dropFirst().min() ?? 0, "space_s": spaces.min() ?? 0,
    "direction_cpu_s": processor, "nearest_to_itself": found == 0, "peak_bytes": peakMemory(),
  ]
}

/// Writes a file of numbers drawn from ±[0.125, 0.25).
private func makeVectors(at url: URL, _ vectors: Int, width: Int) throws {
  let file = try AtomicFile(at: url)
  try file.write(VectorFile.head(rows: vectors, width: width).span, at: 0)
  var generator = SplitMix64(seed: 1)
  var offset = VectorFile.headCount
  for start in stride(from: 0, to: vectors, by: 1024) {
    var bytes: [UInt8] = []
    let count = 2 * width * min(1024, vectors - start)
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      // Signs and fractions are random, exponents fixed.
      let bits = generator.next() & 0x83ff_83ff_83ff_83ff | 0x3000_3000_3000_3000
      for shift in stride(from: 0, to: 64, by: 8) {
        bytes.append(UInt8(truncatingIfNeeded: bits &>> UInt64(shift)))
      }
    }
    bytes.removeLast(bytes.count - count)
    try file.write(bytes.span, at: offset)
    offset += count
  }
  try file.commit()
}
