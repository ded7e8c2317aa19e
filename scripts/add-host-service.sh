# shellcheck shell=sh disable=SC2154
# How add-host-remote.sh starts and stops the agent's service on the host; sent there in front of it.

find_manager() {
  manager=none
  runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  if [ "$(uname -s)" = Darwin ]; then
    manager=launchd
    if [ "$level" = user ]; then domain=user/$(id -u); else domain=system; fi
  elif [ -d /run/systemd/system ]; then
    if [ "$level" = system ] || [ -S "$runtime/systemd/private" ]; then manager=systemd; fi
  fi
}

control() {
  if [ "$level" = user ]; then XDG_RUNTIME_DIR=$runtime systemctl --user "$@"; else systemctl "$@"; fi
}

# started_at PID: when a process was started, which another one of the same number was not.
started_at() {
  if [ -r "/proc/$1/stat" ]; then
    # One that has ended, and whose parent does not look, is gone.
    sed -n 's/.*) \([^ZX] .*\)/\1/p' "/proc/$1/stat" | cut -d ' ' -f 20
  else
    ps -o lstart= -p "$1"
  fi
}

# agent_process: prints the process of an agent that no service manager has started, if it runs.
agent_process() {
  [ -r "$state/process" ] && read -r pid since <"$state/process" && [ -n "$since" ] || return 1
  [ "$(started_at "$pid" 2>/dev/null)" = "$since" ] && echo "$pid"
}

is_active() {
  case $manager in
    systemd) control is-active --quiet lmcp-agent ;;
    launchd) launchctl print "$domain/lmcp-agent" 2>/dev/null | grep -q 'state = running' ;;
    none) agent_process >/dev/null ;;
  esac
}

is_enabled() {
  case $manager in
    systemd) control is-enabled --quiet lmcp-agent 2>/dev/null ;;
    launchd) launchctl print "$domain/lmcp-agent" >/dev/null 2>&1 ;;
    none) return 1 ;;
  esac
}

stop_agent() {
  case $manager in
    systemd) control disable --now --quiet lmcp-agent 2>/dev/null ;;
    launchd) launchctl bootout "$domain/lmcp-agent" 2>/dev/null ;;
    none) stop_process ;;
  esac
  return 0
}

# Running calls get 10 seconds.
stop_process() {
  pid=$(agent_process) || return 0
  kill "$pid" 2>/dev/null
  rounds=0
  while [ "$rounds" -lt 60 ] && agent_process >/dev/null; do
    rounds=$((rounds + 1))
    sleep 0.2 2>/dev/null || sleep 1
  done
  if agent_process >/dev/null; then kill -KILL "$pid" 2>/dev/null; fi
  rm -f "$state/process"
}

start_agent() {
  case $manager in
    systemd)
      control daemon-reload && control enable --quiet lmcp-agent && control restart lmcp-agent
      ;;
    launchd)
      launchctl bootout "$domain/lmcp-agent" 2>/dev/null
      launchctl bootstrap "$domain" "$unit"
      ;;
    none)
      stop_process
      start_process
      ;;
  esac
}

# It outlives this connection. What is ignored here would be ignored in its commands.
start_process() {
  mkdir -p "$state" && chmod 700 "$state" || return 1
  (
    trap - HUP PIPE
    cd / || exit
    set -a
    # shellcheck disable=SC1091
    if [ -e "$etc/environment" ]; then . "$etc/environment"; fi
    set +a
    export LMCP_TOKEN_FILE="$etc/token" LMCP_STATE_DIR="$state"
    unset SSH_CLIENT SSH_CONNECTION SSH_TTY
    exec </dev/null >>"$state/log" 2>&1
    if command -v setsid >/dev/null; then exec setsid "$binary"; fi
    exec nohup "$binary"
  ) &
  printf '%s %s\n' "$!" "$(started_at "$!")" >"$state/process"
}

# listens ADDRESS PORT: whether anybody does. Where standard input is sshd's, bash would read ~/.bashrc.
listens() {
  bash --norc -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" </dev/null >/dev/null 2>&1
}

# The agent's last words.
last_words() {
  if [ "$manager" = systemd ] && [ "$level" = user ]; then
    journalctl --user -u lmcp-agent -n 1 -o cat --no-pager 2>/dev/null
  elif [ "$manager" = systemd ]; then
    journalctl -u lmcp-agent -n 1 -o cat --no-pager 2>/dev/null
  else
    tail -n 1 "$state/log" 2>/dev/null
  fi
}
