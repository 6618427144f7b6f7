#ifdef __linux__
#define _DEFAULT_SOURCE
#endif
#include "certificates.h"

#include <stdlib.h>
#include <unistd.h>

void secant_name_trusted_certificates(void) {
#ifdef __linux__
  // The places are those of Go's crypto/x509 (root_linux.go): Debian, Fedora, openSUSE, OpenELEC, Red Hat, Alpine.
  static const char *const places[] = {
      "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
      "/etc/ssl/ca-bundle.pem",             "/etc/pki/tls/cacert.pem",
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
  };
  for (unsigned i = 0; i < sizeof places / sizeof *places; i++) {
    if (access(places[i], R_OK) != 0) continue;
    setenv("SSL_CERT_FILE", places[i], 0);
    return;
  }
#endif
}
