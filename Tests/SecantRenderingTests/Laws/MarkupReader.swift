import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements and texts of well-formed markup, or the error that it is not.
final class MarkupReader: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  /// All text outside of scripts and styles.
  private(set) var text = ""
  /// The text of data blocks.
  private(set) var data = ""
  private(set) var style = ""
  private(set) var error: (any Error)?
  private var open: [String] = []

  var attributeValues: [String] {
    elements.flatMap { $0.attributes.filter { $0.key != "aria-label" }.values }
  }

  init(_ markup: String) {
    super.init()
    let parser = XMLParser(data: Data(markup.utf8))
    parser.delegate = self
    if !parser.parse() { error = parser.parserError ?? CocoaError(.formatting) }
  }

  func parser(
    _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
    qualifiedName qName: String?, attributes attributeDict: [String: String]
  ) {
    elements.append(Element(name: elementName, attributes: attributeDict))
    open.append(elementName)
  }

  func parser(
    _ parser: XMLParser, didEndElement elementName: String, namespaceURI: String?,
    qualifiedName qName: String?
  ) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    switch open.last {
    case "script":
      // The page's own script has no type.
      if elements.last(where: { $0.name == "script" })?.attributes["type"] != nil { data += string }
    case "style": style += string
    default: text += string
    }
  }
}
