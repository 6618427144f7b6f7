import SecantReports

extension LayersReport {
  /// The paths of the first singular vectors in the plane of the last block's first two.
  func planeFigure(_ extent: Extent) -> Figure? {
    let maps = main(extent)
    let left = planePoints(maps) { $0.cosines }
    let right = planePoints(maps) { $0.rightCosines }
    if left.isEmpty { return nil }
    let panels =
      [
        PlanePlot.Panel(
          names: ("along the last u₁", "u₁, which is written: along the last u₂"),
          points: left),
        PlanePlot.Panel(
          names: ("along the last v₁", "v₁, which is read: along the last v₂"),
          points: right),
      ].filter { !$0.points.isEmpty }
    let plot = PlanePlot(panels, blockCount: blockCount)
    func cells(_ points: [PlanePlot.Point], block: Int) -> [NumberTable.Cell] {
      let point = points.first { $0.block == block }
      return [.number(point?.x ?? .nan), .number(point?.y ?? .nan)]
    }
    return Figure(
      name: "layers-plane-\(extent.rawValue)",
      title: "The path to the last directions, \(extent.title)", subject: subject.line,
      caption: """
        Each mark is a block, numbered where there is room. The first picture shows where u₁ of the map \
        of all tokens, after that block, lies in the plane of u₁ and u₂ after the last block; the \
        second the same of v₁, which is read. Paths begin at the ring and end at (1, 0), the last \
        block's own vector. A vector that lies wholly in the plane is on the circle; one near \
        the middle points elsewhere, as nearly all directions of a wide stream do. Signs are those of \
        u₁ that each point toward their own output. A path that leaps is often no change of \
        what is computed: where two singular values cross, their vectors change places.
        """,
      table: NumberTable(
        columns: ["block", "u₁ along u₁", "u₁ along u₂", "v₁ along v₁", "v₁ along v₂"],
        rows: maps.map {
          [.integer($0.block)] + cells(left, block: $0.block) + cells(right, block: $0.block)
        }),
      size: (PlanePlot.width, plot.height), content: plot.markup)
  }

  private func planePoints(
    _ maps: [LayerMap], _ cosines: (Overlap) -> [[Double]]?
  ) -> [PlanePlot.Point] {
    maps.compactMap { map in
      guard let row = map.jointOverlap.flatMap(cosines)?.first, row.count >= 2 else { return nil }
      return PlanePlot.Point(block: map.block, x: row[0], y: row[1])
    }
  }
}
