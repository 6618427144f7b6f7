#pragma once

/// Lets the variable SSL_CERT_FILE name the system's list of trusted certificates, unless it is set: a program that
/// carries its own OpenSSL does not know where the system that it runs on keeps them.  To be called before there are
/// other threads.
void secant_name_trusted_certificates(void);
