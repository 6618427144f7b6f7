import CPlatform

/// Asks the C library to keep freed memory for the next request instead of returning it to the system.
///
/// Operator products allocate and free the same megabytes hundreds of times a second; returned to
/// the system each time, their pages are cleared anew, a tenth of the run time of small models. This
/// is a decision for a whole process, so programs call it when they start, and the library never does.
package func keepFreedMemory() { secant_keep_freed_memory() }
