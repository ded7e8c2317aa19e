#!/bin/sh
# Makes a machine that ssh reaches a host of lmcp-hub: puts lmcp-agent there, starts it, adds it to the
# registry, and waits until the hub sees it. Run again, it changes nothing. If anything fails, or on
# Ctrl-C, both sides are left as they were.
#
#   add-host.sh [USER@]HOST [--name NAME] [--tags A,B] [--listen ADDR] [--port N] [--user]
#               [--registry FILE] [--hub-user NAME] [--hub FILE] [--binary FILE] [--dry-run]
#   add-host.sh [USER@]HOST --remove [--name NAME] [--user] [--registry FILE] …
#   add-host.sh --help
#
# HOST is what ssh takes, also an alias of its configuration (of the file that LMCP_HUB_SSH_CONFIG
# names, if it is set), where keys, ports and jump hosts belong. NAME is HOST if it is omitted.
#
#   --listen ADDR    the hub connects to the agent at this address of the host, over plain HTTP: only on
#                    a network that you trust. Otherwise the agent listens on loopback, and the hub
#                    reaches it through ssh.
#   --port N         the agent's port, 8080 by default
#   --user           install for the ssh user, even if it is root or may use sudo without a password
#   --registry FILE  else LMCP_HUB_BACKENDS, else /etc/lmcp-hub/hosts.toml
#   --hub-user NAME  whom the hub runs as; else lmcp-hub, if it has /etc/lmcp-hub/hosts.toml, or else
#                    the owner of the registry
#   --hub FILE, --binary FILE   the programs, if they are neither beside this script nor in ../dist
#   --remove         remove it from the registry, and the agent with its state from the host
#   --dry-run        only say what would be done
#
# Exit status: 0, or 1 if it failed, or 2 for a mistake on the command line.

set -eu
umask 077

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
destination='' name='' tags='' listen='' port=8080 registry='' hub='' hub_user='' binary=''
level=auto action=add dry_run=no

fail_usage() {
  echo "add-host.sh: $1 (see --help)" >&2
  exit 2
}

print_help() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
  exit 0
}

# --- The command line ---

while [ $# -gt 0 ]; do
  case $1 in
    --name | --tags | --listen | --port | --registry | --hub | --hub-user | --binary)
      if [ $# -lt 2 ] || [ -z "$2" ]; then fail_usage "\"$1\" needs a value"; fi
      case $1 in
        --name) name=$2 ;;
        --tags) tags=$2 ;;
        --listen) listen=$2 ;;
        --port) port=$2 ;;
        --registry) registry=$2 ;;
        --hub) hub=$2 ;;
        --hub-user) hub_user=$2 ;;
        --binary) binary=$2 ;;
      esac
      shift
      ;;
    --user) level=user ;;
    --remove) action=remove ;;
    --dry-run) dry_run=yes ;;
    --help | -h) print_help ;;
    -*) fail_usage "unknown argument \"$1\"" ;;
    *)
      [ -z "$destination" ] || fail_usage "one host at a time: \"$destination\" and \"$1\""
      destination=$1
      ;;
  esac
  shift
done

# matches TEXT PATTERN: whether all of a text, one line, matches an extended regular expression.
matches() {
  case $1 in *"
"*) return 1 ;; esac
  printf '%s\n' "$1" | LC_ALL=C grep -Eq "^($2)\$"
}

check_arguments() {
  [ -n "$destination" ] || fail_usage "which host?"
  matches "$destination" '([A-Za-z0-9._+-]+@)?[A-Za-z0-9._:%-]+' ||
    fail_usage "\"$destination\" is not [USER@]HOST"
  host=${destination##*@}
  case $destination in -* | *@-*) fail_usage "\"$destination\" starts with \"-\"" ;; esac
  case $host in
    *:*:*) ;;
    *:*) fail_usage "\"$host\" has a port: ssh's port belongs in ssh's configuration" ;;
  esac
  name=${name:-$host}
  matches "$name" '[A-Za-z0-9_][A-Za-z0-9._-]*' || fail_usage "\"$name\" cannot be a name: \
it holds letters, digits, \".\", \"_\" and \"-\", and starts with none of \".\" and \"-\"; use --name"
  [ -z "$tags" ] || matches "$tags" '[A-Za-z0-9_.-]+(,[A-Za-z0-9_.-]+)*' ||
    fail_usage "\"--tags\" must be like lab,gpu: letters, digits, \".\", \"_\" and \"-\""
  { matches "$port" '[1-9][0-9]{0,4}' && [ "$port" -le 65535 ]; } ||
    fail_usage "\"--port\" must be a number from 1 to 65535, not \"$port\""
  case $listen in
    '') address=127.0.0.1 ;;
    0.0.0.0 | :: | 127.* | ::1)
      fail_usage "\"--listen\" must be the address by which the hub reaches the host"
      ;;
    *) address=$listen ;;
  esac
  [ -z "$hub_user" ] || matches "$hub_user" '[A-Za-z0-9_][A-Za-z0-9._-]*' ||
    fail_usage "\"--hub-user\" must be the name of a user"
  matches "$address" '[0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*' ||
    fail_usage "\"--listen\" must be an IP address, not \"$listen\""
}
check_arguments
case ${LMCP_HUB_SSH_CONFIG:-/} in
  /*) ;;
  *) export LMCP_HUB_SSH_CONFIG="$PWD/$LMCP_HUB_SSH_CONFIG" ;;
esac

# --- Beginning and end ---

tmp='' ssh_pid='' is_connected=no is_keeping=no undone=no lock=''
made_control='' made_tokens='' token_changed=no new_registry='' registry_changed=no

step() { printf '%s: %s\n' "$name" "$*"; }

# fail TEXT: ends this, and undoes what was done.
fail() {
  printf 'add-host.sh: %s\n' "$*" >&2
  exit 1
}

# printable TEXT: what a host has said, without control characters, and no more than a screen of it.
printable() { printf '%s' "$1" | LC_ALL=C tr -d '\000-\037\177' | cut -c 1-1000; }

# finish STATUS: ends this. What was done here is undone, the last step first; the host undoes its own
# part when it hears no more. A signal that comes at the same time as a failure begins this once more.
finish() {
  trap '' HUP INT TERM
  trap - EXIT
  status=$1
  set +e
  if [ "$status" -ne 0 ]; then undo_here; fi
  if [ -n "$new_registry" ]; then rm -f "$new_registry"; fi
  hang_up
  if [ -n "$made_control" ]; then rm -rf "$made_control"; fi
  if [ -n "$lock" ] && [ "$(readlink "$lock")" = "process-$$" ]; then rm -f "$lock"; fi
  if [ -n "$tmp" ]; then rm -rf "$tmp"; fi
  exit "$status"
}

undo_here() {
  if [ "$registry_changed" = yes ] && ! cmp -s "$registry" "$tmp/registry"; then
    if ! cmp -s "$registry" "$tmp/candidate"; then
      echo "add-host.sh: $registry was changed meanwhile: look at [hosts.$name] there" >&2
    elif [ "$registry_was" = missing ]; then
      rm -f "$registry"
    else
      cp -p "$registry" "$new_registry" && cat "$tmp/registry" >"$new_registry" &&
        mv "$new_registry" "$registry"
    fi
  fi
  if [ "$token_changed" = yes ]; then
    rm -f "$token_file" "$new_token"
    if [ -e "$tmp/token" ]; then cp -p "$tmp/token" "$token_file"; fi
  fi
  if [ -n "$made_tokens" ]; then rmdir "$made_tokens" 2>/dev/null; fi
}
# never_run: a bash that is interrupted while it reads a $(…) reads this as the end of that.
never_run='
)'
trap 'finish "$?"' EXIT
# shellcheck disable=SC2064 # it is the same later
trap "finish 130$never_run" INT
# shellcheck disable=SC2064
trap "finish 143$never_run" TERM HUP
trap : PIPE
tmp=$(mktemp -d /tmp/lmcp-add-host.XXXXXX)

# --- The host, over one ssh session ---

# ssh_to ARG...: ssh as the hub calls it.
ssh_to() {
  set -- -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=3 \
    -o LogLevel=ERROR -o RemoteCommand=none -o PermitLocalCommand=no -o ClearAllForwardings=yes \
    -o ForwardAgent=no -o ForwardX11=no -T "$@"
  if [ -n "${LMCP_HUB_SSH_CONFIG:-}" ]; then set -- -F "$LMCP_HUB_SSH_CONFIG" "$@"; fi
  ssh "$@"
}

# connect: starts add-host-remote.sh on the host, and has its answers on 4 and its ears on 3.
connect() {
  cat "$here/add-host-checksum.sh" "$here/add-host-service.sh" "$here/add-host-remote.sh" >"$tmp/remote"
  length=$(($(wc -c <"$tmp/remote")))
  # shellcheck disable=SC2016 # for the host's shell
  start='umask 077; d=$(mktemp -d /var/tmp/lmcp-add-host.XXXXXX || mktemp -d) && '
  start="$start head -c $length >\"\$d/add-host-remote.sh\" && "
  start="$start exec /bin/sh \"\$d/add-host-remote.sh\" \"\$d\" $level"
  mkfifo "$tmp/to" "$tmp/from"
  # Ctrl-C goes to all processes, but what is undone is said over this connection. A host that does not
  # stop talking is cut off after a megabyte.
  (
    trap '' HUP INT
    ulimit -f 2048
    ssh_to -- "$destination" "/bin/sh -c '$start'" <"$tmp/to" 2>"$tmp/errors" |
      dd bs=4096 count=256 2>/dev/null >"$tmp/from"
  ) &
  ssh_pid=$!
  exec 3>"$tmp/to" 4<"$tmp/from"
  cat "$tmp/remote" >&3 2>/dev/null || lost
  answer
  is_connected=yes
}

lost() {
  why=$(printable "$(tail -n 3 "$tmp/errors" | tr '\n' ' ')")
  if [ "$is_connected" = no ] && [ "$action" = remove ] && [ -n "$first" ]; then
    fail "cannot use $destination by ssh: $why" \
      "If it is gone for good, remove [hosts.$(quoted_name)] from $registry, and $token_file"
  fi
  if [ "$is_connected" = no ]; then fail "cannot use $destination by ssh: ${why% }"; fi
  if [ "$is_keeping" = yes ]; then
    fail "the connection to $destination ended at the last step: run this again, to be sure of it"
  fi
  fail "the connection to $destination ended: ${why}What was done there is undone there"
}

# ask COMMAND...: has the host's part do something, and takes note of its answer.
ask() {
  printf '%s\n' "$*" >&3 2>/dev/null || lost
  answer
}

answer() {
  while IFS= read -r line <&4; do
    case $line in
      ok) return ;;
      "say "*) step "$(printable "${line#say }")" ;;
      "fact "*) note "${line#fact }" ;;
      "token "*) token=${line#token } ;;
      "failed "*)
        why=$(printable "$(tail -n 1 "$tmp/errors")")
        fail "$destination: $(printable "${line#failed }")${why:+ ($why)}"
        ;;
    esac
  done
  lost
}

is_active=no installed='' is_same=no has_bash=no is_packaged=no

note() {
  case $1 in
    "system "*) system=${1#* } ;;
    "machine "*) machine=${1#* } ;;
    "user "*) host_user=$(printable "${1#* }") ;;
    "manager "*) manager=${1#* } ;;
    "binary "*) host_binary=$(printable "${1#* }") ;;
    "unit "*) host_unit=$(printable "${1#* }") ;;
    "installed "*) installed=${1#* } ;;
    "active yes") is_active=yes ;;
    "same yes") is_same=yes ;;
    "bash yes") has_bash=yes ;;
    "packaged yes") is_packaged=yes ;;
  esac
}

# send FILE NAME: copies a file to the host, which compares its checksum.
send() {
  ask_length=$(($(wc -c <"$1")))
  printf 'receive %s %s %s\n' "$2" "$ask_length" "$(sha256 "$1")" >&3 2>/dev/null || lost
  # The host says why, if it does not take all of it.
  cat "$1" >&3 2>/dev/null || :
  answer
}

# keep: the host's last step, after which nothing is undone: so it is not interrupted.
keep() {
  trap '' HUP INT TERM
  is_keeping=yes
  ask keep
}

# hang_up: lets the host's part end, and says what it says.
hang_up() {
  [ -n "$ssh_pid" ] || return 0
  exec 3>&-
  while IFS= read -r line <&4; do
    case $line in
      "say undone there") undone=yes ;;
      "say "*) step "$(printable "${line#say }")" ;;
    esac
  done
  exec 4<&-
  wait "$ssh_pid"
  if [ "$undone" = yes ]; then step "undone on $destination"; fi
}

# shellcheck source-path=SCRIPTDIR
. "$here/add-host-checksum.sh"
# shellcheck source-path=SCRIPTDIR
. "$here/add-host-toml.sh"
# shellcheck source-path=SCRIPTDIR
. "$here/add-host-registry.sh"
# shellcheck source-path=SCRIPTDIR
. "$here/add-host-hub.sh"
# shellcheck source-path=SCRIPTDIR
. "$here/add-host-steps.sh"
