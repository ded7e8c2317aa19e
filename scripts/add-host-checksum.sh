# shellcheck shell=sh
# Sourced by add-host.sh, and sent to the host in front of add-host-remote.sh.

# sha256 FILE: prints its checksum, by what there is: Linux and macOS have different programs.
sha256() {
  if command -v sha256sum >/dev/null; then
    sha256sum <"$1"
  elif command -v shasum >/dev/null; then
    shasum -a 256 <"$1"
  else
    openssl dgst -sha256 -r <"$1"
  fi | cut -d ' ' -f 1
}
