#!/bin/sh
# Installs lmcp-hub (or, with --agent, lmcp-agent) as a systemd service. Asks nothing, starts nothing,
# and can be run again: a newer binary replaces the old one, and the configuration stays.
#
#   install.sh [--agent] [--prefix DIR] [--binary FILE]
#   install.sh [--agent] [--prefix DIR] --uninstall [--purge]
#
# With DESTDIR set, everything goes below it, no user is created, and systemd is not reloaded.
# --uninstall keeps the user, its keys and logs, and every configuration file that was changed after
# the installation (and says so); --purge removes them too.
set -eu

program=lmcp-hub
prefix=/usr/local
binary=
action=install
purge=no

fail() {
  echo "install.sh: $1" >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case $1 in
    --agent) program=lmcp-agent ;;
    --prefix | --binary)
      [ $# -gt 1 ] || fail "\"$1\" needs a value"
      if [ "$1" = --prefix ]; then prefix=$2; else binary=$2; fi
      shift
      ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    *) fail "unknown argument \"$1\"" ;;
  esac
  shift
done
case $prefix in
  /*) ;;
  *) fail "\"--prefix\" must be an absolute path, not \"$prefix\"" ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${DESTDIR:-}
etc=/etc/$program
units=/etc/systemd/system
doc=$prefix/share/doc/$program
# The checksums of configuration files as they were installed, one line of cksum per file.
record=$doc/installed

# put MODE TARGET: writes standard input and renames it, so that a running program is not disturbed.
put() {
  mkdir -p "$root$(dirname "$2")"
  cat >"$root$2.new"
  chmod "$1" "$root$2.new"
  mv "$root$2.new" "$root$2"
}

# configure MODE TARGET: writes standard input, unless the file exists.
configure() {
  [ ! -e "$root$2" ] || return 0
  mkdir -p "$root$etc"
  (umask 077 && cat >"$root$2")
  chmod "$1" "$root$2"
  printf '%s %s\n' "$(cksum <"$root$2")" "$2" >>"$root$record"
}

unit_names() {
  for unit in "$here/systemd/$program".* "$here/systemd/$program"-*.*; do
    if [ -e "$unit" ]; then basename "$unit"; fi
  done
}

is_live() {
  [ -z "$root" ] && [ -d /run/systemd/system ]
}

install_program() {
  [ -n "$binary" ] || binary=$here/../dist/$program
  [ -f "$binary" ] || fail "no binary at \"$binary\": run deno task compile, or name one with --binary"
  if [ -z "$root" ] && [ "$program" = lmcp-hub ] && ! id lmcp-hub >/dev/null 2>&1; then
    useradd --system --home-dir /var/lib/lmcp-hub --shell /usr/sbin/nologin lmcp-hub
  fi
  put 755 "$prefix/bin/$program" <"$binary"
  put 644 "$doc/operating.md" <"$here/../docs/operating.md"
  for unit in $(unit_names); do
    sed "s|/usr/local/|$prefix/|g" "$here/systemd/$unit" | put 644 "$units/$unit"
  done
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | configure 600 "$etc/token"
  if [ "$program" = lmcp-hub ]; then
    put 644 "$doc/hosts.toml.example" <"$here/../hosts.toml.example"
    configure 640 "$etc/hosts.toml" <"$here/../hosts.toml.example"
    if [ -z "$root" ]; then chgrp -R lmcp-hub "$etc" && chmod 750 "$etc"; fi
  fi
  if is_live; then systemctl daemon-reload; fi
  echo "$program is installed; configure it in $etc, then: systemctl enable --now $program"
}

# Removes configuration files that are unchanged, with --purge all of them.
remove_configuration() {
  [ -e "$root$record" ] || return 0
  while read -r sum size file; do
    [ -e "$root$file" ] || continue
    if [ "$purge" = yes ] || [ "$(cksum <"$root$file")" = "$sum $size" ]; then
      rm "$root$file"
    else
      echo "install.sh: kept $file, which was changed; --purge removes it" >&2
    fi
  done <"$root$record"
  rm "$root$record"
}

# prune DIR: removes a directory and its parents, as long as they are empty and below DESTDIR.
prune() {
  directory=$1
  while [ "$directory" != / ] && rmdir "$root$directory" 2>/dev/null; do
    directory=$(dirname "$directory")
  done
}

uninstall_program() {
  for unit in $(unit_names); do
    if is_live && [ -e "$units/$unit" ]; then systemctl disable --now --quiet "$unit" || true; fi
    rm -f "$root$units/$unit"
  done
  remove_configuration
  rm -f "$root$prefix/bin/$program" "$root$doc/operating.md" "$root$doc/hosts.toml.example"
  if [ "$purge" = yes ]; then
    rm -rf "$root$etc" "$root/var/lib/$program" "$root/var/log/$program"
    if [ -z "$root" ] && [ "$program" = lmcp-hub ] && id lmcp-hub >/dev/null 2>&1; then
      userdel lmcp-hub
    fi
  fi
  if is_live; then systemctl daemon-reload; fi
  # Keeps the system's own directories.
  if [ -n "$root" ]; then
    for directory in "$prefix/bin" "$doc" "$units" "$etc"; do prune "$directory"; done
  else
    rmdir "$doc" "$etc" 2>/dev/null || true
  fi
  echo "$program is uninstalled"
}

"${action}_program"
