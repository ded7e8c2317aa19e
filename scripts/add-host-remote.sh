#!/bin/sh
# shellcheck disable=SC2154
# The part of add-host.sh that runs on the host: add-host.sh sends it there, with add-host-checksum.sh and
# add-host-service.sh in front of it, and speaks to it over ssh.
#
#   add-host-remote.sh DIRECTORY auto|user
#
# DIRECTORY is its own, with this script in it, and is removed at the end. `auto` installs as root,
# where that is possible without a password. It reads commands from standard input, one a line, and
# answers each with lines that begin with "say" or "fact" and one that begins with "ok" or "failed".
# Whatever it has changed is undone unless "keep" comes: also when the connection is lost.

set -u
umask 077
work=$1
level=$2
if [ "$level" = auto ]; then
  if [ "$(id -u)" -eq 0 ]; then
    level=system
  elif sudo -n /bin/sh -c : 2>/dev/null; then
    exec sudo -n /bin/sh "$0" "$work" auto
  else
    level=user
  fi
fi

changed=no # whether files were saved, and must be restored
service=untouched
was_active=no
was_enabled=no
removes=no
lingers=no

say() { printf 'say %s\n' "$*"; }
fact() { printf 'fact %s\n' "$*"; }
succeed() { echo ok; }

# give_up TEXT: nothing more is done, and what was done is undone.
give_up() {
  printf 'failed %s\n' "$*"
  exit 1
}

# installer ARG...: install.sh for the agent, as root or for this user.
installer() {
  if [ "$level" = user ]; then set -- --user "$@"; fi
  /bin/sh "$work/install.sh" --agent "$@"
}

# --- What is changed, and undone ---

# missing_above PATH: the directories above it that are not there, the deepest first.
missing_above() {
  above=$(dirname "$1")
  while [ ! -d "$above" ]; do
    echo "$above"
    above=$(dirname "$above")
  done
}

managed_files() {
  printf '%s\n' "$binary" "$unit" "$etc/token" "$etc/environment" "$etc/add-host" "$record"
}

# save: notes what is there, before the first change.
save() {
  [ "$changed" = no ] || return 0
  if is_active; then was_active=yes; fi
  if is_enabled; then was_enabled=yes; fi
  managed_files >"$work/files"
  number=0
  while IFS= read -r file; do
    number=$((number + 1))
    missing_above "$file" >>"$work/directories"
    if [ -e "$file" ]; then cp -p "$file" "$work/saved.$number" || give_up "cannot save $file"; fi
  done <"$work/files"
  missing_above "$state/log" >>"$work/directories"
  if [ "$level" = user ]; then wants=default.target.wants; else wants=multi-user.target.wants; fi
  if [ "$manager" = systemd ]; then
    missing_above "$(dirname "$unit")/$wants/lmcp-agent.service" >>"$work/directories"
  fi
  if [ ! -e "$state" ]; then : >"$work/state-is-new"; fi
  changed=yes
}

restore() {
  if [ "$service" = started ]; then stop_agent; fi
  if [ -e "$work/state-is-new" ]; then rm -rf "$state"; fi
  number=0
  while IFS= read -r file; do
    number=$((number + 1))
    rm -f "$file.new"
    if [ -e "$work/saved.$number" ]; then
      cp -p "$work/saved.$number" "$file.new" && mv "$file.new" "$file"
    else
      rm -f "$file"
    fi
  done <"$work/files"
  sort -ru "$work/directories" | while IFS= read -r directory; do rmdir "$directory" 2>/dev/null; done
  if [ "$lingers" = new ]; then loginctl disable-linger 2>/dev/null; fi
  if [ "$manager" = systemd ]; then control daemon-reload; fi
}

# finish STATUS: runs at the end, whatever ends it.
finish() {
  trap '' HUP INT TERM PIPE
  trap - EXIT
  if [ "$changed" = yes ]; then
    restore
    # As it was before, also if only its service was touched.
    if [ "$was_active" = yes ] && ! { [ "$service" = untouched ] && is_active; }; then start_agent; fi
    if [ "$was_enabled" = no ] && [ "$was_active" = yes ] && [ "$manager" = systemd ]; then
      control disable --quiet lmcp-agent
    fi
    say "undone there"
  fi
  rm -rf "$work"
  exit "$1"
}

# --- The commands ---

# receive NAME SIZE SHA256, and that many bytes.
receive() {
  head -c "$2" >"$work/$1" || give_up "cannot write $work/$1: is the disk full?"
  [ "$(sha256 "$work/$1")" = "$3" ] || give_up "$1 arrived with another checksum"
  succeed
}

# environment_text ADDRESS PORT: the file of variables as it should be.
environment_text() {
  if [ -e "$etc/environment" ]; then grep -Ev '^LMCP_(HOST|PORT)=' "$etc/environment"; fi
  if [ "$1" != 127.0.0.1 ]; then echo "LMCP_HOST=$1"; fi
  if [ "$2" != 8080 ]; then echo "LMCP_PORT=$2"; fi
}

# look ADDRESS PORT: what is there, compared with what should be.
look() {
  find_manager
  installer --paths >"$work/paths" || give_up "install.sh cannot be used there"
  while IFS='=' read -r key value; do
    case $key in
      binary) binary=$value ;;
      unit) unit=$value ;;
      etc) etc=$value ;;
      state) state=$value ;;
      record) record=$value ;;
    esac
  done <"$work/paths"
  fact system "$(uname -s)"
  fact machine "$(uname -m)"
  fact user "$(id -un)"
  fact manager "$manager"
  fact binary "$binary"
  fact unit "$unit"
  if command -v bash >/dev/null; then fact bash yes; fi
  for packaged in /lib/systemd/system /usr/lib/systemd/system; do
    if [ -e "$packaged/lmcp-agent.service" ]; then fact packaged yes; fi
  done
  if is_active; then fact active yes; fi
  if [ -e "$binary" ] && [ -e "$unit" ]; then
    fact installed "$(sha256 "$binary")"
    if (is_as_meant "$1" "$2"); then fact same yes; fi
  fi
  succeed
}

# is_as_meant ADDRESS PORT: whether unit and variables are.
is_as_meant() {
  DESTDIR=$work/root
  export DESTDIR
  installer --binary "$binary" >/dev/null && cmp -s "$work/root$unit" "$unit" || return 1
  environment_text "$1" "$2" >"$work/environment"
  if [ -e "$etc/environment" ]; then
    cmp -s "$work/environment" "$etc/environment"
  else
    [ ! -s "$work/environment" ]
  fi
}

# install ADDRESS PORT: the binary, if it was sent, and what belongs to it.
install_agent() {
  # Somebody else may listen there; the agent itself is about to be restarted.
  if ! is_active && listens "$1" "$2"; then
    give_up "port $2 is in use there: choose another with --port"
  fi
  save
  if [ -e "$work/lmcp-agent" ]; then source=$work/lmcp-agent; else source=$binary; fi
  said=$(installer --binary "$source" 2>&1) || give_up "install.sh failed there: $(one_line "$said")"
  said=$("$binary" --version 2>&1 </dev/null) || give_up "$binary does not run there: $(one_line "$said")"
  environment_text "$1" "$2" >"$work/environment"
  if [ -s "$work/environment" ] || [ -e "$etc/environment" ]; then
    { cat "$work/environment" >"$etc/environment.new" && chmod 600 "$etc/environment.new" &&
      mv "$etc/environment.new" "$etc/environment"; } || give_up "cannot write $etc/environment"
  fi
  if [ ! -e "$etc/add-host" ]; then
    { echo "# What add-host.sh made, and removes again with --remove." &&
      sort -ru "$work/directories" | sed 's/^/directory /'; } >"$etc/add-host" ||
      give_up "cannot write $etc/add-host"
  fi
  succeed
}

one_line() { printf '%s' "$1" | tr '\n' ' ' | cut -c 1-300; }

# start ADDRESS PORT: starts the agent, and waits until it listens.
start() {
  save
  service=started
  start_agent || give_up "the service cannot be started there: $(last_words)"
  rounds=0
  until is_active && listens "$1" "$2"; do
    rounds=$((rounds + 1))
    if [ "$rounds" -gt 300 ] || { [ "$rounds" -gt 10 ] && ! is_active; }; then
      give_up "the agent does not listen on $1, port $2: $(last_words)"
    fi
    sleep 0.2 2>/dev/null || sleep 1
  done
  survive_reboot
  succeed
}

# send_token: not as an argument, which others can see.
send_token() {
  [ -r "$etc/token" ] || give_up "cannot read $etc/token, the token of the agent"
  printf 'token ' && cat "$etc/token" && echo && succeed
}

# survive_reboot: says what happens when the machine is restarted, if the agent does not come back.
survive_reboot() {
  case $manager-$level in
    none-*)
      say "no service manager runs there: the agent is a plain process, which does not come back" \
        "after a reboot; run this again then"
      ;;
    launchd-user) say "the agent comes back when $(id -un) logs in" ;;
    systemd-user)
      if [ "$(loginctl show-user "$(id -un)" -p Linger --value 2>/dev/null)" = yes ]; then return; fi
      if loginctl enable-linger 2>/dev/null; then
        lingers=new
        echo linger >>"$etc/add-host"
      else
        say "the agent ends with the last session of $(id -un), and does not come back after a" \
          "reboot; root can change that there: loginctl enable-linger $(id -un)"
      fi
      ;;
  esac
}

# stop: what --remove does until the registry has changed.
stop() {
  save
  service=started
  removes=yes
  stop_agent
  succeed
}

# keep: what was done stays. For --remove, this is where everything goes.
keep() {
  if [ "$removes" = yes ]; then
    cp "$etc/add-host" "$work/add-host" 2>/dev/null
    said=$(installer --uninstall --purge 2>&1) || give_up "install.sh failed there: $(one_line "$said")"
    sed -n 's/^directory //p' "$work/add-host" 2>/dev/null |
      while IFS= read -r directory; do rmdir "$directory" 2>/dev/null; done
    if grep -q '^linger$' "$work/add-host" 2>/dev/null; then loginctl disable-linger 2>/dev/null; fi
  fi
  changed=no
  succeed
}

trap 'finish "$?"' EXIT
# As in add-host.sh: what a bash that is interrupted while it reads a $(…) reads as the end of that.
never_run='
)'
# shellcheck disable=SC2064 # it is the same later
trap "finish 1$never_run" HUP INT TERM
trap : PIPE
succeed
while read -r command first second third; do
  case $command in
    receive) receive "$first" "$second" "$third" ;;
    look) look "$first" "$second" ;;
    install) install_agent "$first" "$second" ;;
    start) start "$first" "$second" ;;
    token) send_token ;;
    stop) stop ;;
    keep) keep ;;
    *) give_up "add-host-remote.sh does not know \"$command\"" ;;
  esac
done
