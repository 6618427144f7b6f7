import CPlatform

/// Ends the process with a status, after one line that names the file, when it touches a page that
/// a mapped file lost because another process shortened it.
///
/// Only programs should call this, because it decides for the whole process. They cannot continue:
/// the numbers are gone.
package func endOnLostPages(status: Int32) { secant_end_on_lost_pages(status) }
