import SecantCheckpoints
import SecantDigests

/// The lines of a file, one after the other.
struct LineReader {
  /// The longest line that is read, in bytes: far more than any model's context.
  static let limit = 1 << 26

  private let file: CompressedFile
  private var buffer: [UInt8] = []
  private var place = 0
  private var isAtEnd = false
  private var line = 1
  /// The digest of all bytes that were read.
  private(set) var digest = Digest(.sha256)

  /// Begins at a file's first line; a byte order mark is passed over.
  init(_ file: CompressedFile) { self.file = file }

  /// The next line without its end, and its number from 1; nil at the end.
  ///
  /// - Parameter isQuoted: Whether a line end between quotation marks is part of the line, as in CSV.
  /// - Returns: Its bytes, and the line on which it begins.
  /// - Throws: `InputError` where reading fails, or a line or a quoted text does not end.
  mutating func next(isQuoted: Bool = false) throws(InputError) -> (bytes: [UInt8], line: Int)? {
    var scanned = place
    var isInside = false
    var ends = 0
    while true {
      while scanned < buffer.count {
        let byte = buffer[scanned]
        if isQuoted, byte == UInt8(ascii: "\"") { isInside.toggle() }
        if byte == UInt8(ascii: "\n") {
          ends += 1
          if !isInside {
            defer { place = scanned + 1 }
            return taken(upTo: scanned, ends)
          }
        }
        scanned += 1
      }
      guard scanned - place <= Self.limit else {
        throw DataReader.malformed(
          file.name, line, "at most \(Self.limit >> 20) MB in one item", "more")
      }
      if isAtEnd {
        guard !isInside else {
          throw DataReader.malformed(
            file.name, line, "a closing quotation mark", "the end of the file")
        }
        guard place < buffer.count else { return nil }
        defer { place = buffer.count }
        return taken(upTo: buffer.count, ends)
      }
      buffer.removeFirst(place)
      scanned -= place
      place = 0
      let isFirst = line == 1 && buffer.isEmpty
      let bytes = try file.read(upTo: 1 << 16)
      isAtEnd = bytes.isEmpty
      digest.update(bytes.span)
      buffer += isFirst && bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes.dropFirst(3) : bytes[...]
    }
  }

  private mutating func taken(upTo end: Int, _ ends: Int) -> (bytes: [UInt8], line: Int) {
    defer { line += ends }
    let isCarried = end > place && buffer[end - 1] == UInt8(ascii: "\r")
    return (Array(buffer[place..<(isCarried ? end - 1 : end)]), line)
  }
}

/// Records of comma-separated values.
///
/// Source: RFC 4180.
enum CSV {
  /// The fields of a record, quotation marks resolved.
  ///
  /// - Throws: `InputError` where a quotation mark is out of place, or a field is not UTF-8.
  static func fields(of record: [UInt8], file: String, line: Int) throws(InputError) -> [String] {
    var fields: [[UInt8]] = [[]]
    var place = 0
    let quote = UInt8(ascii: "\"")
    let comma = UInt8(ascii: ",")
    while place < record.count {
      if record[place] == comma {
        fields.append([])
        place += 1
        continue
      }
      guard record[place] == quote else {
        while place < record.count, record[place] != comma {
          guard record[place] != quote else {
            throw DataReader.malformed(
              file, line, "quotation marks around a whole field", "one inside a field")
          }
          fields[fields.count - 1].append(record[place])
          place += 1
        }
        continue
      }
      place += 1
      while place < record.count {
        if record[place] == quote {
          guard place + 1 < record.count, record[place + 1] == quote else { break }
          place += 1
        }
        fields[fields.count - 1].append(record[place])
        place += 1
      }
      place += 1
      guard place >= record.count || record[place] == comma else {
        throw DataReader.malformed(
          file, line, "a comma after a closing quotation mark", "more of the field")
      }
    }
    var texts: [String] = []
    for field in fields {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw DataReader.malformed(file, line, "UTF-8", "bytes that are not")
      }
      texts.append(text)
    }
    return texts
  }
}
