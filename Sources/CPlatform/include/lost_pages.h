#pragma once

/// Lets the process end with `status`, after one line on standard error that names the file, when it touches a
/// page of a mapped file that is no longer there because another process has shortened it.  Any other bus error
/// ends the process as before.
void secant_end_on_lost_pages(int status);
