public import SecantReports

/// A report with figures and a page.
public protocol IllustratedReport: Report {
  /// The figures; each has a name of its own.
  var figures: [Figure] { get }

  /// The report as one self-contained HTML page.
  ///
  /// - Throws: The errors of `jsonData`.
  func htmlPage() throws(ReportError) -> String
}

extension ExplanationReport: IllustratedReport {}
extension LayersReport: IllustratedReport {}
extension SharesReport: IllustratedReport {}
extension TraceReport: IllustratedReport {}
extension MapsReport: IllustratedReport {}
extension ComparisonReport: IllustratedReport {}
extension JacobiansReport: IllustratedReport {}
extension GateRulesReport: IllustratedReport {}
extension FullReport: IllustratedReport {}
