import CFuzzer
import Foundation

// The reader is named by a variable, since all arguments are libFuzzer's.
let names = Reader.allCases.map(\.rawValue).joined(separator: ", ")
guard let name = ProcessInfo.processInfo.environment["SECANT_FUZZ"], Reader(rawValue: name) != nil
else {
  print("fuzz: expected one of \(names) in the variable SECANT_FUZZ")
  exit(64)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    // A C function holds no values: the name is asked for again.
    let name = ProcessInfo.processInfo.environment["SECANT_FUZZ"] ?? ""
    Reader(rawValue: name)?.read(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
  })
