/**
 * Defines `digest`, which prints the SHA-256 of its standard input in hexadecimal digits, with what
 * the host has: GNU or busybox, macOS, OpenSSL. Prints nothing where it has none of them.
 */
export const DIGEST = `
digest() {
  local sum
  sum=$(sha256sum 2>/dev/null || shasum -a 256 2>/dev/null || openssl dgst -sha256 -r 2>/dev/null)
  printf '%s' "\${sum%% *}"
}
`;
