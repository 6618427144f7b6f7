import CPlatform

/// Lets the process end with a status, after one line that names the file, when it misses a page of a mapped file
/// that another process has shortened.
///
/// For programs, whose process is theirs: there is no other way to go on, as what was to be computed is gone.
package func endOnLostPages(status: Int32) { secant_end_on_lost_pages(status) }
