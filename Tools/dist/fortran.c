// The one function of Fortran's library that LAPACK calls, in the words of the language: a text of a given length
// becomes two others, one after the other, and blanks.  With it, neither libgfortran nor libquadmath is needed.
//
// Its arguments are those of gfortran's calls: libgfortran/intrinsics/string_intrinsics_inc.c, concat_string.
#include <stddef.h>
#include <string.h>

void _gfortran_concat_string(size_t length, char *result, size_t first_length, const char *first,
                             size_t second_length, const char *second) {
  if (first_length > length) first_length = length;
  if (second_length > length - first_length) second_length = length - first_length;
  memcpy(result, first, first_length);
  memcpy(result + first_length, second, second_length);
  memset(result + first_length + second_length, ' ', length - first_length - second_length);
}
