#pragma once

/// Unblocks the signals by which users and systems end a program, INT, TERM and HUP: a parent that starts programs
/// from a thread that blocks them would else have made this one deaf.
void secant_hear_ending_signals(void);

/// Takes the signals by which users and systems end a program, INT, TERM and HUP, instead of dying of
/// them; one that the program's parent wanted ignored stays ignored.
///
/// Returns a descriptor for `secant_next_signal`, or -1 where the system gives none: the signals then
/// end the program as they do by themselves.
int secant_take_ending_signals(void);

/// Waits for the next of these signals and returns its number.
int secant_next_signal(int descriptor);

/// Ends the program by a signal, so that its parent sees that it was one.
void secant_end_by_signal(int number);

/// Puts `secant session`, as it is when it begins, in the place of the program that runs: all threads end, and the
/// standard streams stay open.  Returns only where the system cannot run it.
void secant_begin_session_anew(void);

/// Makes sure that the three standard streams are open, so that no file takes the number of one that the program's
/// parent has closed; reading and writing there fail as they would on a closed one.
void secant_hold_standard_streams(void);

/// Lets a write fail that would else end the program: to a pipe that nobody reads, or beyond the size
/// that files may have.
void secant_let_writes_fail(void);
