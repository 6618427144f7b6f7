import Foundation
import Secant
import SecantCheckpoints
import SecantCorpus
import SecantOperators
import SecantTestSupport
import Testing

/// Clusters and near spaces, of vectors that are known.
@Suite("Clusters and near spaces") struct NearnessTests {
  private func unit(_ row: [Float]) -> [Float] {
    let length = Float(Matrix(row: row).norm)
    return row.map { $0 / length }
  }

  /// Directions about three axes, each with a sign that is drawn.
  private func clouds(_ generator: inout SplitMix64) -> Matrix<Float> {
    let rows = (0..<90).map { index -> [Float] in
      let noise = Matrix<Float>.normal(rows: 1, columns: 24, using: &generator).elements
      let sign: Float = Bool.random(using: &generator) ? 1 : -1
      return unit(
        noise.enumerated().map { place, value in
          sign * ((place == index % 3 ? 1 : 0) + 0.05 * value)
        })
    }
    return Matrix(rows: rows)
  }

  @Test func clustersAreThoseOfTheAxesWhateverTheSigns() {
    var generator = SplitMix64(seed: 2)
    let rows = clouds(&generator)
    let found = SphericalClusters(of: rows, count: 3, seed: 0)
    for index in 0..<90 {
      #expect(found.assignments[index] == found.assignments[index % 3])
      #expect(abs(found.cosines[index]) > 0.9)
    }
    #expect(Set(found.assignments).count == 3 && found.cohesion > 0.9)
    let turned = Matrix(
      rows: (0..<90).map { index in
        index.isMultiple(of: 4) ? rows.row(index).map { -$0 } : rows.row(index)
      })
    let again = SphericalClusters(of: turned, count: 3, seed: 0)
    #expect(again.assignments == found.assignments)
    #expect(abs(again.cohesion - found.cohesion) < 1e-6)
  }

  @Test func moreClustersAreCloserAndOneOfEachIsItself() {
    var generator = SplitMix64(seed: 6)
    let rows = clouds(&generator)
    let cohesions = [1, 3, 8, 90].map {
      SphericalClusters(of: rows, count: $0, seed: 1).cohesion
    }
    #expect(cohesions == cohesions.sorted() && abs(cohesions[3] - 1) < 1e-6)
    #expect(cohesions[0] < 0.5)
  }

  @Test func spacesAreComparedByTheirPrincipalAngles() throws {
    let angle = Float.pi / 6
    let spaces: [[[Float]]] = [
      // The plane that is asked for, and the same plane by other vectors, of other signs.
      [[1, 0, 0, 0], [0, 1, 0, 0]], [[0.6, 0.8, 0, 0], [0.8, -0.6, 0, 0]],
      // One direction in common, the other one turned by 30 degrees; and nothing in common.
      [[1, 0, 0, 0], [0, cos(angle), sin(angle), 0]], [[0, 0, 1, 0], [0, 0, 0, -1]],
      // A line in the plane.
      [[0.6, 0.8, 0, 0]],
    ]
    var bytes = VectorFile.head(rows: 9, width: 4)
    for bits in spaces.joined().joined().map(binary16) {
      bytes += [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
    }
    let folder = try TemporaryFolder()
    let vectors = try VectorFile(at: try folder.write(bytes, to: "v.npy"))
    var spans: [RowSpan] = []
    for space in spaces {
      spans.append(RowSpan(start: spans.last?.range.upperBound ?? 0, count: space.count))
    }
    let found = vectors.nearest(to: spans[0], among: spans, count: 9)
    #expect(Set(found.prefix(3).map(\.span)) == [0, 1, 4])
    #expect(found.dropFirst(3).map(\.span) == [2, 3])
    #expect(found.prefix(3).allSatisfy { $0.overlap > 0.998 })
    #expect(abs(found[3].overlap - (1 + 0.75) / 2) < 1e-3 && found[4].overlap < 1e-6)
    #expect(abs((found[3].cosines.last ?? 0) - cos(Double(angle))) < 1e-3)
    #expect(found.first { $0.span == 4 }?.cosines.count == 1)
    #expect(
      vectors.nearest(to: spans[0], among: [spans[2], spans[3]], count: 1).map(\.span) == [0])
  }

  @Test func searchesFindTheTokensOfNearSpaces() throws {
    let model = try Model<Float>(Checkpoint(named: "demo"), name: "demo")
    let folder = try TemporaryFolder()
    var options = ScanOptions()
    options.questions = [.explain, .spectra]
    options.spectra = .top(2)
    options.rank = 3
    let prompts = [
      "The bridge out of Marin is the", "The capital of France is",
      "The bridge out of Marin is the", "The cat sat on the",
    ]
    let run = try Corpus.merged(prompts, by: model, options, in: folder)
    let search = try CorpusSearch(of: run, name: "RUN")
    // The first item's tokens with directions are those of its largest shares.
    let position = try #require(
      (0..<8).first { position in
        let name = CorpusQuery.TokenName("0:\(position)")
        return name.map { (try? search.answer(.subspace($0, .left), top: 1)) != nil } ?? false
      })
    let name = try #require(CorpusQuery.TokenName("0:\(position)"))
    let near = try search.answer(.subspace(name, .left), top: 9)
    #expect(near.count == 7 && near.matches.count == 7)
    let nearest = try #require(near.matches.first)
    let space = try #require(nearest.subspace)
    // The same prompt twice: the same space.
    #expect(nearest.item == 2 && space.position == position && space.overlap > 0.998)
    #expect(space.angles.count == 3 && space.angles == space.angles.sorted())
    #expect((space.angles.last ?? 90) < 3 && space.randomOverlap > 0)
    let overlaps = near.matches.compactMap { $0.subspace?.overlap }
    #expect(
      overlaps == overlaps.sorted(by: >)
        && !near.matches.contains { $0.item == 0 && $0.subspace?.position == position })
    #expect(throws: InputError.self) {
      try search.answer(.subspace(try #require(CorpusQuery.TokenName("99:0")), .left), top: 9)
    }
  }

  @Test func statisticsHaveClustersAndStableRanksByBlock() throws {
    let model = try Model<Float>(Checkpoint(named: "demo"), name: "demo")
    let folder = try TemporaryFolder()
    var options = ScanOptions()
    options.questions = [.explain, .spectra, .layerSpectra]
    options.spectra = .top(3)
    options.rank = 2
    let prompts = (0..<6).map { "The capital of France is \($0)" }
    let run = try Corpus.merged(prompts, by: model, options, in: folder)
    let report = try CorpusStatistics(of: run, name: "RUN").report(by: "text", permutations: 9)
    let ranks = report.measures.filter { $0.kind == "block-stable-rank" }
    #expect(ranks.count == model.decoder.configuration.blockCount)
    var layers = LayersOptions()
    layers.spectra = .top(3)
    layers.rank = 1
    let expected = try prompts.map { prompt -> Double in
      let maps = try model.layers(.text(prompt), layers).maps.first { $0.block == 1 }
      let values = try #require(maps).tokens.map(\.stableRank.value)
      return values.reduce(0, +) / Double(values.count)
    }
    let mean = expected.reduce(0, +) / 6
    let second = try #require(ranks.first { $0.name == "1" })
    #expect(abs(second.mean.value - mean) < 1e-6 * mean && second.items == 6)
    let clusters = try #require(report.clusters)
    #expect(clusters.directionCount == 18 && clusters.clusteredCount == 18)
    #expect(clusters.clusters.map(\.count).reduce(0, +) == 18)
    #expect(
      clusters.clusters.allSatisfy { ($0.groups ?? []).map(\.count).reduce(0, +) == $0.count })
    #expect(clusters.cohesion > clusters.randomCohesion)
    #expect(report.notes.first?.contains("ledger") == true)
    #expect(try CorpusStatistics(of: run, name: "RUN").report(clusters: 0).clusters == nil)
  }
}
