import Foundation
import Secant
import Testing

/// Runs the file of `Examples/StraightLine` that the README shows: it is compiled here through a link.
@Suite struct StraightLineTests {
  @Test(.enabled(if: Stories.folder != nil, "real data not at hand"))
  func runsOnARealModel() throws {
    let folder = try #require(Stories.folder)
    let words = try straightLine(folder.path, "Once upon a time, there was a little")
    #expect(words.count == 8)
    #expect(Set(words).count == 8)
  }

  @Test func readsVectorsAsRows() {
    let matrix = Matrix<Float>(rows: [[1, 2], [3, 4]])
    #expect(matrix[1] == [3, 4])
  }
}
