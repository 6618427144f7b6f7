import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

/// A file that must be refused, and the one line that says why.
struct Refusal: CustomTestStringConvertible {
  let testDescription: String
  let bytes: [UInt8]
  let message: String

  init(_ name: String, _ bytes: [UInt8], _ message: String) {
    testDescription = name
    self.bytes = bytes
    self.message = message
  }

  /// A file with a header in good form that says something wrong.
  init(_ name: String, header: String, data: Int = 0, _ message: String) {
    self.init(name, safetensors(header, data: data), message)
  }
}

struct SafetensorsRefusalTests {
  private static let again = "; download or write the file again"
  private static let truncated = "; the file is truncated: download or write it again"
  private static let incomplete = "; check that the file is complete and belongs to the model"

  static let refusals = [
    Refusal("empty", [], "header: expected at least 8 bytes, found 0" + truncated),
    Refusal(
      "seven bytes", [2, 0, 0, 0, 0, 0, 0], "header: expected at least 8 bytes, found 7" + truncated
    ),
    Refusal(
      "header beyond the file", [9, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8),
      "header: expected 9 bytes, found 2" + truncated),
    Refusal(
      "absurd length", [UInt8](repeating: 255, count: 16),
      "header: expected a length of at most 100000000 bytes, found 18446744073709551615; "
        + "this is not a safetensors file, or it is damaged: download or write it again"),
    Refusal(
      "empty header", [UInt8](repeating: 0, count: 8),
      "header: expected a JSON object, found other bytes" + again),
    Refusal(
      "leading space", header: " {}", "header: expected a JSON object, found other bytes" + again),
    Refusal(
      "no JSON", header: "{\"x\":",
      "line 1 (byte 5): expected a value, found the end of the file" + again),
    Refusal(
      "no UTF-8", safetensors("{\"?\":1}").map { $0 == UInt8(ascii: "?") ? 0xff : $0 },
      "line 1 (byte 2): expected UTF-8, found a string with other bytes" + again),
    Refusal(
      "repeated name", header: "{\"x\":1,\"x\":2}",
      "line 1 (byte 1): expected every key once in the object that begins here, "
        + "found a second \"x\"" + again),
    Refusal(
      "names equal to Unicode",
      header: "{\"\u{e9}\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
        + "\"e\u{301}\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
      "tensor e\u{301}: expected a name of its own, found two names that Unicode holds to be the same; "
        + "rename one of the tensors"),
    Refusal(
      "tensor no object", header: "{\"x\":[1]}",
      "field x.dtype: expected a string, found nothing" + incomplete),
    Refusal(
      "metadata no strings", header: "{\"__metadata__\":{\"a\":1}}",
      "field __metadata__.a: expected a string, found the number 1" + incomplete),
    Refusal(
      "unknown type", header: "{\"x\":{\"dtype\":\"Q4\",\"shape\":[0],\"data_offsets\":[0,0]}}",
      "field x.dtype: expected one of BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, BF16, I32, U32, "
        + "F32, F64, I64, U64, found the string \"Q4\"; convert the tensor to one of these types"),
    Refusal(
      "no shape", header: "{\"x\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}",
      "field x.shape: expected an array, found nothing" + incomplete),
    Refusal(
      "negative extent", header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,0]}}",
      "field x.shape[0]: expected a whole number of at most 63 bits, found the number -1"
        + incomplete),
    Refusal(
      "fractional extent",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", data: 1,
      "field x.shape[0]: expected a whole number of at most 63 bits, found the number 1.0"
        + incomplete),
    Refusal(
      "offset beyond 63 bits",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,9223372036854775808]}}",
      "field x.data_offsets[1]: expected a whole number of at most 63 bits, "
        + "found the number 9223372036854775808" + incomplete),
    Refusal(
      "three offsets",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", data: 2,
      "field x.data_offsets: expected at most 2 numbers, found an array of 3" + incomplete),
    Refusal(
      "one offset",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", data: 1,
      "field x.data_offsets: expected [begin, end], found an array of 1" + incomplete),
    Refusal(
      "too many dimensions",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":\([Int](repeating: 1, count: 65)),"
        + "\"data_offsets\":[0,1]}}", data: 1,
      "field x.shape: expected at most 64 numbers, found an array of 65" + incomplete),
    Refusal(
      "offsets reversed",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", data: 1,
      "tensor x: expected a begin at or before its end, found offsets [1, 0]" + again),
    Refusal(
      "size overflow",
      header:
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,2],\"data_offsets\":[0,0]}}",
      "tensor x: expected a size that fits in 63 bits, found shape [4611686018427387904, 2]" + again
    ),
    Refusal(
      "overflow behind a zero",
      header:
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[0,4611686018427387904,2],\"data_offsets\":[0,0]}}",
      "tensor x: expected a size that fits in 63 bits, found shape [0, 4611686018427387904, 2]"
        + again),
    Refusal(
      "shape and offsets differ",
      header: "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", data: 4,
      "tensor x: expected 8 bytes for F32 [2], found 4" + again),
    Refusal(
      "data cut short",
      header: "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", data: 7,
      "tensor x: expected bytes up to 8, found 7 in the file" + truncated),
    Refusal(
      "offsets that wrap",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],"
        + "\"data_offsets\":[9223372036854775806,9223372036854775807]}}", data: 1,
      "tensor x: expected bytes up to 9223372036854775807, found 1 in the file" + truncated),
    Refusal(
      "overlap",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},"
        + "\"y\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[3,7]}}", data: 7,
      "tensor y: expected to begin where tensor x ends, found an overlap of 1 bytes" + again),
    Refusal(
      "gap at the start",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]}}", data: 6,
      "tensor x: expected to begin where the header ends, found a gap of 2 bytes" + again),
    Refusal(
      "bytes at the end",
      header: "{\"x\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", data: 5,
      "file: expected 65 bytes, as its header says, found 66" + again),
    Refusal(
      "name that steers a terminal", header: "{\"\\u001b[2J\\n\\u202e\":{\"dtype\":\"\"}}",
      "field \\u{1B}[2J\\n\\u{202E}.dtype: expected one of BOOL, U8, I8, F8_E5M2, F8_E4M3, I16, U16, F16, "
        + "BF16, I32, U32, F32, F64, I64, U64, found the string \"\"; "
        + "convert the tensor to one of these types"),
  ]

  @Test(arguments: refusals)
  func badFilesAreRefusedInOneClearLine(_ refusal: Refusal) throws {
    let folder = try TemporaryFolder()
    let url = try folder.write(refusal.bytes, to: "file")
    let message = folder.message { () throws(InputError) in _ = try SafetensorsFile(at: url) }
    #expect(message == "file: " + refusal.message)
  }

  @Test func longNamesAreShortened() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "long", count: 100_000)
    let url = try folder.write(safetensors("{\"\(name)\":1}"), to: "file")
    let message = folder.message { () throws(InputError) in _ = try SafetensorsFile(at: url) }
    #expect(try #require(message).count < 1000)
  }
}
