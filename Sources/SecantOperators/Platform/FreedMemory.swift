import CPlatform

/// Asks the C library to keep freed memory for the next request instead of returning it to the system.
///
/// Operator products allocate and free the same megabytes hundreds of times a second. If each of
/// them went back to the system, clearing its pages again would take a tenth of the run time of
/// small models. The setting affects the whole process, so programs call this when they start, and
/// the library never does.
package func keepFreedMemory() { secant_keep_freed_memory() }

/// Reserves the memory in which the platform's linear algebra works, for a number of threads.
///
/// If there is none left, as under a limit on the address space, OpenBLAS asks for it again
/// forever. So programs reserve it before their first product. Until it is used, it takes only
/// addresses.
///
/// - Parameter threads: The number of threads that multiply matrices at the same time, at least 1.
/// - Returns: nil, or the number of bytes that the system refused.
package func reserveWorkMemory(threads: Int) -> Int? {
  let bytes = secant_reserve_work_memory(Int32(clamping: threads))
  return bytes == 0 ? nil : bytes
}
