#!/bin/sh
# Installs lmcp-hub (or, with --agent, lmcp-agent) as a systemd service. Asks nothing, starts nothing,
# and can be run again: a newer binary replaces the old one, and the configuration stays.
#
#   install.sh [--agent [--user]] [--prefix DIR] [--binary FILE]
#   install.sh [--agent [--user]] [--prefix DIR] --uninstall [--purge]
#   install.sh [--agent [--user]] [--prefix DIR] --paths
#   install.sh --help
#
# The binary is the one beside this script, or the one in ../dist. Nothing else is needed.
# --user installs the agent without root, for the user who runs this: below ~/.local and ~/.config.
# On macOS, where only the agent can be installed, it becomes a service of launchd.
# With DESTDIR set, everything goes below it, no user is created, and systemd is not reloaded.
# --uninstall keeps the user, its keys and logs, and every configuration file that was changed after
# the installation (and says so); --purge removes them too. --paths prints where everything is.

set -eu

program=lmcp-hub
prefix=
binary=
user=no
action=install
purge=no

fail() {
  echo "install.sh: $1 (see --help)" >&2
  exit 2
}

print_help() {
  sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
  exit 0
}

while [ $# -gt 0 ]; do
  case $1 in
    --agent) program=lmcp-agent ;;
    --user) user=yes ;;
    --prefix | --binary)
      [ $# -gt 1 ] || fail "\"$1\" needs a value"
      if [ "$1" = --prefix ]; then prefix=$2; else binary=$2; fi
      shift
      ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --paths) action=print ;;
    --help | -h) print_help ;;
    *) fail "unknown argument \"$1\"" ;;
  esac
  shift
done
system=$(uname -s)
if [ "$user" = yes ] && [ "$program" = lmcp-hub ]; then fail "\"--user\" needs \"--agent\""; fi
if [ "$system" = Darwin ] && [ "$program" = lmcp-hub ]; then
  fail "on macOS, only \"--agent\" can be installed"
fi
if [ "$user" = yes ]; then default_prefix=$HOME/.local; else default_prefix=/usr/local; fi
prefix=${prefix:-$default_prefix}
case $prefix in
  /*) ;;
  *) fail "\"--prefix\" must be an absolute path, not \"$prefix\"" ;;
esac
if [ "$purge" = yes ] && [ "$action" != uninstall ]; then fail "\"--purge\" needs \"--uninstall\""; fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${DESTDIR:-}
if [ -z "$root" ] && [ "$user" = no ] && [ "$action" != print ] && [ "$(id -u)" -ne 0 ]; then
  fail "run this as root; without root, \"--agent --user\" installs the agent"
fi
if [ "$user" = yes ]; then
  etc=$HOME/.config/$program
  state=$HOME/.local/state/$program
  units=$HOME/.config/systemd/user
  agents=$HOME/Library/LaunchAgents
else
  etc=/etc/$program
  state=/var/lib/$program
  units=/etc/systemd/system
  agents=/Library/LaunchDaemons
fi
agent_unit=lmcp-agent.service
if [ "$system" = Darwin ]; then
  units=$agents
  agent_unit=lmcp-agent.plist
fi
doc=$prefix/share/doc/$program
# The checksums of configuration files as they were installed, one line of cksum per file.
record=$doc/installed
# The Lua hub's registry, which the hub reads where /etc/lmcp-hub/hosts.toml does not exist.
legacy_registry=/opt/herding/etc/hub-backends.conf

# unit NAME: prints a unit.
unit() {
  case $1 in
    lmcp-hub.service) hub_unit ;;
    lmcp-hub-probe.service) probe_unit ;;
    lmcp-hub-probe.timer) probe_timer ;;
    lmcp-agent.service)
      if [ "$user" = yes ]; then agent_of_user; else agent_of_root; fi
      ;;
    lmcp-agent.plist) agent_of_launchd ;;
  esac
}

# The hub as a service of the system.
hub_unit() {
  cat <<'END'
# The hub. Its user keeps ssh's keys and known_hosts in /var/lib/lmcp-hub/.ssh.
[Unit]
Description=lmcp-hub, one MCP endpoint for a fleet of hosts
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=/usr/local/bin/lmcp-hub
# Reloads the registry.
ExecReload=kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
# 2 means bad configuration, which a restart does not fix.
RestartPreventExitStatus=2
# Running calls get 10 seconds.
TimeoutStopSec=20
# ssh's control sockets, in a directory that nobody else may enter.
RuntimeDirectory=lmcp-hub
RuntimeDirectoryMode=0700
LogsDirectory=lmcp-hub
LogsDirectoryMode=0750
# The inbound token. The file needs to be readable by root only.
LoadCredential=token:/etc/lmcp-hub/token
Environment=LMCP_TOKEN_FILE=%d/token
Environment=LMCP_HUB_AUDIT=/var/log/lmcp-hub/audit.jsonl
END
  hub_service
  printf '\n[Install]\nWantedBy=multi-user.target\n'
}

# A probe of all hosts, which the timer starts.
probe_unit() {
  cat <<'END'
# Probes all hosts once. The unit fails when a host is down, for OnFailure= and alerts.
[Unit]
Description=lmcp-hub, probe all hosts
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
ExecStart=/usr/local/bin/lmcp-hub --probe --quiet
TimeoutStartSec=120
END
  hub_service
}

probe_timer() {
  cat <<'END'
[Unit]
Description=lmcp-hub, probe all hosts every five minutes

[Timer]
OnCalendar=*:0/5
RandomizedDelaySec=30

[Install]
WantedBy=timers.target
END
}

# The agent as a service of the system.
agent_of_root() {
  cat <<'END'
# The agent. It runs what its users ask for, so a sandbox around it is a sandbox around them:
# ProtectSystem, PrivateTmp or SystemCallFilter would make `apt-get`, `mount` or `ls /tmp` fail in
# ways that nobody understands. The agent may do what its user may do. That is root by default, like
# the operator of this machine; for less, set User= in a drop-in (systemctl edit lmcp-agent).
[Unit]
Description=lmcp-agent, the MCP tools of this machine
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart=/usr/local/bin/lmcp-agent
Restart=on-failure
RestartSec=2
# 2 means bad configuration, which a restart does not fix.
RestartPreventExitStatus=2
# Running calls get 10 seconds.
TimeoutStopSec=20
# Commands started by shell_bg go on when the agent stops.
KillMode=process
# Each connection takes one, each command three. The second number is what commands may raise it to.
LimitNOFILE=16384:524288
StateDirectory=lmcp-agent
StateDirectoryMode=0700
WorkingDirectory=/
LoadCredential=token:/etc/lmcp-agent/token
Environment=LMCP_TOKEN_FILE=%d/token
# Further settings, such as LMCP_HOST; see lmcp-agent --help.
EnvironmentFile=-/etc/lmcp-agent/environment
# Not needed by any command of an operator.
LockPersonality=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
RestrictRealtime=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
END
}

# The agent as a service of one user, whose session need not have a network.
agent_of_user() {
  cat <<'END'
# The agent, for one user: what it runs may do what this user may do. For more, or for all users of
# this machine, install it as root.
[Unit]
Description=lmcp-agent, the MCP tools of this machine for this user

[Service]
Type=exec
ExecStart=/usr/local/bin/lmcp-agent
Restart=on-failure
RestartSec=2
# 2 means bad configuration, which a restart does not fix.
RestartPreventExitStatus=2
# Running calls get 10 seconds.
TimeoutStopSec=20
# Commands started by shell_bg go on when the agent stops.
KillMode=process
WorkingDirectory=%h
Environment=LMCP_TOKEN_FILE=%h/.config/lmcp-agent/token
Environment=LMCP_STATE_DIR=%h/.local/state/lmcp-agent
# Further settings, such as LMCP_HOST; see lmcp-agent --help.
EnvironmentFile=-%h/.config/lmcp-agent/environment

[Install]
WantedBy=default.target
END
}

# The agent as a service of launchd, which reads no files of variables: a shell does.
agent_of_launchd() {
  # shellcheck disable=SC2016 # for the shell that is started
  start='set -a; if [ -e "$1" ]; then . "$1"; fi; set +a; exec "$0"'
  cat <<END
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>lmcp-agent</string>
  <key>ProgramArguments</key>
  <array>
    <string>/bin/sh</string>
    <string>-c</string>
    <string>$(escape "$start")</string>
    <string>$(escape "$prefix/bin/lmcp-agent")</string>
    <string>$(escape "$etc/environment")</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>LMCP_TOKEN_FILE</key>
    <string>$(escape "$etc/token")</string>
    <key>LMCP_STATE_DIR</key>
    <string>$(escape "$state")</string>
  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <!-- Commands started by shell_bg go on when the agent stops. -->
  <key>AbandonProcessGroup</key>
  <true/>
  <key>ExitTimeOut</key>
  <integer>20</integer>
  <key>StandardErrorPath</key>
  <string>$(escape "$state/log")</string>
</dict>
</plist>
END
}

# escape TEXT: prints it as XML.
escape() {
  printf '%s\n' "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'
}

# What the services of the hub have in common: user, environment and sandbox.
hub_service() {
  cat <<'END'
# Further settings, such as LMCP_HOST; see lmcp-hub --help.
EnvironmentFile=-/etc/lmcp-hub/environment
# ssh runs a ProxyCommand, and thus a ProxyJump, with this shell.
Environment=SHELL=/bin/sh
User=lmcp-hub
Group=lmcp-hub
StateDirectory=lmcp-hub
StateDirectoryMode=0700
UMask=0077
WorkingDirectory=/var/lib/lmcp-hub
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
# Hides all homes but its own, which is below /var.
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectProc=invisible
ProcSubset=pid
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
# No MemoryDenyWriteExecute=yes: V8 compiles to machine code at run time.
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service @pkey
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
# Enough for V8's threads, and for 64 ssh processes and their masters.
TasksMax=1024
LimitNOFILE=16384
END
}

# The first registry: examples in comments.
registry() {
  cat <<'END'
# The hosts of lmcp-hub, and other clients that may call it. Remove the # in front of what you need,
# then run lmcp-hub-check. A running hub applies changes of this file within two seconds.

#[hosts.boltzmann]
#lmcp_url = "http://boltzmann.example.org:8080/mcp"  # the agent; omit it for ssh only
#ssh_host = "boltzmann.example.org"  # anything that ssh accepts; omit it to have no fallback
#token_file = "tokens/boltzmann"     # the agent's token; closed to others, readable by lmcp-hub
#tags = ["lab", "gpu"]
#tools = ["remote_shell"]            # only these tools; omit it for all of them
#read_only = false                   # true: only tools that change nothing

# Callers with tokens of their own. Whoever has the token in /etc/lmcp-hub/token may do everything.
#[clients.ci]
#token_file = "tokens/ci"
#hosts = ["boltzmann", "@lab"]       # names, and tags behind "@"; omit it for all hosts
#tools = ["remote_list_hosts", "remote_shell"]
#read_only = false
END
}

# check_command: prints lmcp-hub-check, which an operator runs before a start or a reload.
check_command() {
  cat <<'END'
#!/bin/sh
# Checks the configuration of the service lmcp-hub as the service reads it: as its user, with its
# environment, credentials, sandbox and drop-ins. To that end it runs the service's own unit under
# another name, with `lmcp-hub --check` as its command. Prints what that prints; exit status 0, or 2
# if there is an error.
set -eu

if [ "$(id -u)" -ne 0 ]; then
  echo "lmcp-hub-check: only root can start services" >&2
  exit 2
fi
name=lmcp-hub-check.service
unit=/run/systemd/system/$name
# That directory is also how programs know that systemd runs, so it is not made here.
if [ ! -d "${unit%/*}" ]; then
  echo "lmcp-hub-check: systemd does not run here: use lmcp-hub --check" >&2
  exit 2
fi
output=$(mktemp /run/lmcp-hub-check.XXXXXX)

trap 'rm -f "$unit" "$output"; systemctl reset-failed "$name" 2>/dev/null || :; systemctl daemon-reload' EXIT

# Else a drop-in that was added or removed by hand is not where `systemctl cat` looks for it.
systemctl daemon-reload
{
  systemctl cat lmcp-hub.service
  cat <<UNIT
[Unit]
OnFailure=
OnSuccess=

[Service]
Type=oneshot
Restart=no
ExecStartPre=
ExecStart=
ExecStart=/usr/local/bin/lmcp-hub --check
ExecStartPost=
ExecStop=
ExecStopPost=
# It is the running hub's, and would be removed after the check.
RuntimeDirectory=
StandardOutput=append:$output
StandardError=append:$output
UNIT
} >"$unit"
systemctl daemon-reload
if systemctl start "$name" 2>/dev/null; then status=0; else status=2; fi
cat "$output"
if [ "$status" -ne 0 ] && [ "$(systemctl show --property ExecMainStatus --value "$name")" != 2 ]; then
  echo "lmcp-hub-check: the service could not run:" >&2
  systemctl status --no-pager --full --lines 5 "$name" >&2 || true
fi
exit "$status"
END
}

# with_prefix: standard input, for programs below the prefix. A user's own is wherever the home is.
with_prefix() {
  place=$prefix
  if [ "$user$system$prefix" = "yesLinux$default_prefix" ]; then place=%h/.local; fi
  sed "s|/usr/local/|$(printf '%s\n' "$place" | sed 's/[&|\\]/\\&/g')/|g"
}

# put MODE TARGET: writes standard input and renames it, so that a running program is not disturbed.
put() {
  mkdir -p "$root$(dirname "$2")"
  if cat >"$root$2.new" && chmod "$1" "$root$2.new" && mv "$root$2.new" "$root$2"; then return; fi
  # A part of it would be of no use, and keep the disk full.
  rm -f "$root$2.new"
  echo "install.sh: cannot write $2" >&2
  exit 1
}

# configure MODE TARGET: writes standard input, unless the file exists.
configure() {
  [ ! -e "$root$2" ] || return 0
  mkdir -p "$root$etc" "$root$doc"
  (umask 077 && put "$1" "$2")
  printf '%s %s\n' "$(cksum <"$root$2")" "$2" >>"$root$record"
}

unit_names() {
  case $program in
    lmcp-hub) echo "lmcp-hub.service lmcp-hub-probe.service lmcp-hub-probe.timer" ;;
    lmcp-agent) echo "$agent_unit" ;;
  esac
}

# is_live: whether a systemd runs that this is for, the system's or the user's.
is_live() {
  [ -z "$root" ] && [ -d /run/systemd/system ] || return 1
  [ "$user" = no ] || [ -S "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/systemd/private" ]
}

# control ARG...: systemctl, for that systemd.
control() {
  if [ "$user" = yes ]; then
    XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/run/user/$(id -u)} systemctl --user "$@"
  else
    systemctl "$@"
  fi
}

# launchd_domain: whose launchd the agent belongs to.
launchd_domain() {
  if [ "$user" = yes ]; then echo "user/$(id -u)"; else echo system; fi
}

print_program() {
  names=$(unit_names)
  printf '%s\n' "binary=$prefix/bin/$program" "unit=$units/${names%% *}" "etc=$etc" "state=$state" "record=$record"
}

find_binary() {
  for file in "$here/$program" "$here/../dist/$program"; do
    if [ -f "$file" ]; then
      echo "$file"
      return
    fi
  done
  echo "$here/$program"
}

install_program() {
  [ -n "$binary" ] || binary=$(find_binary)
  [ -f "$binary" ] || fail "no binary at \"$binary\": run deno task compile, or name the file with --binary"
  if [ -z "$root" ] && [ "$program" = lmcp-hub ] && ! id lmcp-hub >/dev/null 2>&1; then
    useradd --system --home-dir /var/lib/lmcp-hub --shell /usr/sbin/nologin lmcp-hub
  fi
  put 755 "$prefix/bin/$program" <"$binary"
  for name in $(unit_names); do
    unit "$name" | with_prefix | put 644 "$units/$name"
  done
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' | configure 600 "$etc/token"
  # Where no unit makes it.
  if [ "$user" = yes ] || [ "$system" = Darwin ]; then mkdir -p "$root$state" && chmod 700 "$root$state"; fi
  next="systemctl enable --now $program"
  if [ "$user" = yes ]; then next="systemctl --user enable --now $program"; fi
  if [ "$system" = Darwin ]; then next="launchctl bootstrap $(launchd_domain) $units/$(unit_names)"; fi
  if [ "$program" = lmcp-hub ]; then
    check_command | with_prefix | put 755 "$prefix/bin/lmcp-hub-check"
    if [ -e "$root$legacy_registry" ] && [ ! -e "$root$etc/hosts.toml" ]; then
      echo "The registry is $legacy_registry; $etc/hosts.toml would replace it"
    else
      registry | configure 640 "$etc/hosts.toml"
    fi
    if [ -z "$root" ]; then chgrp -R lmcp-hub "$etc" && chmod 750 "$etc"; fi
    next="lmcp-hub-check && $next"
  fi
  if is_live; then control daemon-reload; fi
  echo "$program is installed. Configure it in $etc, then: $next"
}

# Removes the configuration files that were not changed, or with --purge all of them.
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

# prune DIR: removes a directory and those above it, as far as they are empty and below DESTDIR.
prune() {
  directory=$1
  while [ "$directory" != / ] && rmdir "$root$directory" 2>/dev/null; do
    directory=$(dirname "$directory")
  done
}

uninstall_program() {
  for name in $(unit_names); do
    if is_live && [ -e "$units/$name" ]; then control disable --now --quiet "$name" || true; fi
    rm -f "$root$units/$name"
  done
  if [ "$system" = Darwin ] && [ -z "$root" ]; then
    launchctl bootout "$(launchd_domain)/$program" 2>/dev/null || true
  fi
  remove_configuration
  rm -f "$root$prefix/bin/$program"
  if [ "$program" = lmcp-hub ]; then rm -f "$root$prefix/bin/lmcp-hub-check"; fi
  # Earlier versions installed these.
  rm -f "$root$doc/operating.md" "$root$doc/hosts.toml.example"
  if [ "$purge" = yes ]; then
    rm -rf "$root$etc" "$root$state"
    if [ "$program" = lmcp-hub ]; then rm -rf "$root/var/log/$program"; fi
    if [ -z "$root" ] && [ "$program" = lmcp-hub ] && id lmcp-hub >/dev/null 2>&1; then
      userdel lmcp-hub
    fi
  fi
  if is_live; then control daemon-reload; fi
  # Directories of the system itself stay.
  if [ -n "$root" ]; then
    for directory in "$prefix/bin" "$doc" "$units" "$etc" "$state"; do prune "$directory"; done
  else
    rmdir "$doc" "$etc" 2>/dev/null || true
  fi
  echo "$program is uninstalled"
}

"${action}_program"
