import Foundation

/// Round numbers along an axis.
struct PlotTick {
  let value: Double
  let label: String
}

/// The positions of values between the two ends of an axis, and its ticks at round values.
protocol PlotAxis {
  var ticks: [PlotTick] { get }
  /// The position of a value between both ends, from 0 to 1; nil if it has none.
  func place(_ value: Double) -> Double?
}

/// A logarithmic axis over positive values.
struct LogAxis: PlotAxis {
  /// The logarithms to base ten of both ends.
  let low: Double
  let high: Double
  let ticks: [PlotTick]

  /// An axis for every positive finite value, with a margin; from 0.1 to 10 if there is none.
  init(_ values: [Double]) {
    let logarithms = values.filter { $0.isFinite && $0 > 0 }.map { log10($0) }
    var low = (logarithms.min() ?? -1) - 0.08
    var high = (logarithms.max() ?? 1) + 0.08
    // Three quarters of a decade contain at least two of 1, 2 and 5. An axis with one tick would
    // show no scale.
    if high - low < 0.75 { (low, high) = ((low + high) / 2 - 0.375, (low + high) / 2 + 0.375) }
    self.low = low
    self.high = high
    let mantissas = high - low < 2 ? [1, 2, 5] : [1]
    let stride = max(1, Int(((high - low) / 6).rounded(.up)))
    let exponents = Int(low.rounded(.down))...Int(high.rounded(.up))
    ticks = exponents.filter { $0.isMultiple(of: stride) }.flatMap { exponent in
      mantissas.compactMap { mantissa in
        let position = log10(Double(mantissa)) + Double(exponent)
        guard low...high ~= position else { return nil }
        return PlotTick(value: pow(10, position), label: Self.label(mantissa, exponent))
      }
    }
  }

  /// The position of a value between both ends, from 0 to 1; nil if it has none.
  func place(_ value: Double) -> Double? {
    value.isFinite && value > 0 ? (log10(value) - low) / (high - low) : nil
  }

  private static func label(_ mantissa: Int, _ exponent: Int) -> String {
    switch exponent {
    case 0...4: String(mantissa) + String(repeating: "0", count: exponent)
    case -3..<0: "0." + String(repeating: "0", count: -exponent - 1) + String(mantissa)
    default: "\(mantissa)e\(exponent)"
    }
  }
}

/// An axis for counted things: blocks, tokens, triplets.
struct IndexAxis: PlotAxis {
  let count: Int
  let ticks: [PlotTick]

  /// An axis of `count` places, labelled from `first` on.
  init(count: Int, first: Int = 0, wantedTicks: Int = 11) {
    self.count = max(1, count)
    let step =
      (0..<18).lazy.flatMap { power in [1, 2, 5].map { $0 * Self.power(power) } }
      .first { count / $0 <= wantedTicks } ?? self.count
    // Ticks mark the first number and round numbers.
    let round = Array(
      stride(from: (first + step - 1) / step * step - first, to: self.count, by: step))
    ticks = (round.first == 0 ? round : [0] + round).map {
      PlotTick(value: Double($0), label: String($0 + first))
    }
  }

  /// Half a place stays free at both ends.
  func place(_ value: Double) -> Double? {
    value.isFinite ? (value + 0.5) / Double(count) : nil
  }

  private static func power(_ exponent: Int) -> Int { (0..<exponent).reduce(1) { p, _ in 10 * p } }
}

/// A linear axis that includes 0.
struct LinearAxis: PlotAxis {
  let low: Double
  let high: Double
  let ticks: [PlotTick]

  /// An axis for every finite value and 0; from 0 to 1 if all values are 0.
  init(_ values: [Double], wantedTicks: Int = 5) {
    let finite = values.filter(\.isFinite)
    low = min(0, finite.min() ?? 0)
    let highest = max(0, finite.max() ?? 0)
    high = low == 0 && highest == 0 ? 1 : highest
    let range = high - low
    guard range.isFinite, range > 1e-300 else {
      ticks = [PlotTick(value: 0, label: "0")]
      return
    }
    let raw = range / Double(wantedTicks)
    let power = log10(raw).rounded(.down)
    let step = ([1, 2, 5, 10].first { $0 * pow(10, power) >= raw } ?? 10) * pow(10, power)
    let numbers = NumberText(usesUnicode: true)
    let isPlain = -4...5 ~= power
    let (low, high) = (low, high)
    ticks = (-wantedTicks...wantedTicks).compactMap { index in
      let value = Double(index) * step
      guard low...high ~= value else { return nil }
      let label =
        isPlain
        ? numbers.fixed(value, decimals: max(0, -Int(log10(step).rounded(.down))))
        : numbers.scientific(value)
      return PlotTick(value: value, label: label)
    }
  }

  /// A value, clipped to the ends of the axis.
  func clamped(_ value: Double) -> Double { min(high, max(low, value)) }

  /// The position of a value between both ends, from 0 to 1; nil if it has none.
  func place(_ value: Double) -> Double? {
    // Halved first, because the difference of two huge values may be infinite.
    value.isFinite ? (value / 2 - low / 2) / (high / 2 - low / 2) : nil
  }
}
