public import SecantReports

/// A report that has pictures, and a page of its own.
public protocol IllustratedReport: Report {
  /// The pictures, each under a name of its own.
  var figures: [Figure] { get }

  /// The report as one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
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
