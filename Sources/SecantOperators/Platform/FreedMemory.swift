import CPlatform

/// Asks the C library to keep freed memory for the next request instead of returning it to the system.
///
/// Operator products allocate and free the same megabytes hundreds of times a second; returned to
/// the system each time, their pages are cleared anew, a tenth of the run time of small models. This
/// is a decision for a whole process, so programs call it when they start, and the library never does.
package func keepFreedMemory() { secant_keep_freed_memory() }

/// Takes the memory that the platform's linear algebra works in, for so many threads at the same time.
///
/// Where there is none left, as under a limit of the address space, OpenBLAS asks for it again for ever; programs
/// ask first, before their first product. The memory is addresses alone until it is used.
///
/// - Parameter threads: How many threads multiply matrices at the same time, at least 1.
/// - Returns: nil, or the bytes that the system does not give.
package func reserveWorkMemory(threads: Int) -> Int? {
  let bytes = secant_reserve_work_memory(Int32(clamping: threads))
  return bytes == 0 ? nil : bytes
}
