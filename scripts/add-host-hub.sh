# shellcheck shell=sh disable=SC2154,SC2034
# How add-host.sh asks the hub's program, as the user that it runs as; sourced there.

# owner_of FILE: prints the number of its owner.
# shellcheck disable=SC2012 # there is no stat for all systems
owner_of() { ls -lnd "$1" | awk '{ print $3 }'; }

find_hub_user() {
  self=$(id -un)
  if [ -z "$hub_user" ] && [ "$registry" = /etc/lmcp-hub/hosts.toml ] && id lmcp-hub >/dev/null 2>&1; then
    hub_user=lmcp-hub
  fi
  if [ -z "$hub_user" ] && [ "$(id -u)" -eq 0 ] && [ "$registry_was" = there ]; then
    hub_user=$(id -un "$(owner_of "$registry")" 2>/dev/null) || hub_user=$self
  fi
  hub_user=${hub_user:-$self}
  id "$hub_user" >/dev/null 2>&1 || fail "there is no user $hub_user"
  [ "$hub_user" = "$self" ] || [ "$(id -u)" -eq 0 ] ||
    fail "the hub runs as $hub_user: run this as root, or as $hub_user"
}

# as_hub COMMAND...: runs it as the user of the hub, with the hub's variables.
as_hub() (
  exec 3>&- 4<&-
  cd /
  if [ "$directory" = /etc/lmcp-hub ] && [ -r /etc/lmcp-hub/environment ]; then
    while IFS= read -r assignment; do
      value=${assignment#*=}
      # As systemd reads it.
      case $value in \"*\" | \'*\') value=${value#?} value=${value%?} ;; esac
      case $assignment in LMCP_*=*) export "${assignment%%=*}=$value" ;; esac
    done </etc/lmcp-hub/environment
  fi
  # Those of a hub that serves; this only asks about its hosts.
  export LMCP_HOST='' LMCP_ALLOWED_HOSTS='' LMCP_TLS_CERT='' LMCP_TLS_KEY='' LMCP_WITHOUT_TOKEN=1
  if [ "$hub_user" = "$self" ]; then exec "$@"; fi
  if command -v runuser >/dev/null; then exec runuser -u "$hub_user" -- "$@"; fi
  exec sudo -n -E -u "$hub_user" -- "$@"
)

run_hub() {
  if [ -n "$hub" ]; then
    as_hub "$hub" "$@" </dev/null
  else
    as_hub deno run --quiet --frozen --config "$here/../deno.json" -P=hub "$here/../main.ts" "$@" </dev/null
  fi
}

find_hub() {
  own_target=$(target_of "$(uname -s)" "$(uname -m)") || own_target=other
  # Another user may not be able to reach the one beside this script.
  if [ -z "$hub" ] && [ "$hub_user" != "$self" ]; then hub=$(command -v lmcp-hub) || hub=''; fi
  if [ -z "$hub" ]; then
    hub=$(find_program lmcp-hub "$own_target") || hub=$(command -v lmcp-hub) || hub=''
  fi
  case $hub in
    '')
      { [ -f "$here/../main.ts" ] && command -v deno >/dev/null; } ||
        fail "there is no lmcp-hub: run deno task compile, or name it with --hub"
      ;;
    /*) ;;
    *) hub=$PWD/$hub ;;
  esac
  run_hub --version >"$tmp/version" 2>&1 ||
    fail "the hub cannot be run: $(printable "$(head -n 3 "$tmp/version" | tr '\n' ' ')")"
}

# make_control: a place for ssh's sockets, where the hub's service would have one if it ran.
make_control() {
  if [ "$hub_user" = "$self" ] || [ -e /run/lmcp-hub ] || [ ! -d /run ]; then return; fi
  made_control=/run/lmcp-hub
  { mkdir -m 700 "$made_control" && give_to_hub "$made_control"; } || fail "cannot make $made_control"
}

# check_control: whether the hub can keep ssh connections, through which it is to reach the agent.
check_control() {
  if [ -n "$listen" ] || ! why=$(grep LMCP_HUB_CONTROL_DIR "$tmp/check"); then return 0; fi
  how=''
  if [ ! -e /run/lmcp-hub ]; then how="; as root: install -d -m 0700 -o $hub_user /run/lmcp-hub"; fi
  fail "the hub cannot keep ssh connections: $why$how"
}

# wait_until_up REGISTRY: until the hub reaches the agent itself. One that is slow has a minute.
wait_until_up() {
  tries=0
  deadline=$(($(date +%s) + 60))
  until sees_agent "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] && { [ "$is_slow" = no ] || [ "$(date +%s)" -ge "$deadline" ]; }; then
      fail "the hub does not see it UP over lmcp: $(why_not_up)"
    fi
    if [ "$tries" -eq 3 ]; then
      step "the hub does not see it UP yet: trying for a minute ($(why_not_up))"
    fi
    sleep 1
  done
}

# sees_agent REGISTRY: one probe. It is slow if it has waited for an answer.
sees_agent() {
  began=$(date +%s)
  run_hub --probe --registry "$1" --host "$name" --format json >"$tmp/probe" 2>"$tmp/why" &&
    grep -q '"up":true,"via":"lmcp"' "$tmp/probe" && return
  is_slow=no
  if [ $(($(date +%s) - began)) -ge 2 ]; then is_slow=yes; fi
  return 1
}

why_not_up() {
  if ! grep -q '"via":"ssh"' "$tmp/probe"; then
    error=$(sed -n 's/.*"error":"\([^"]*\)".*/\1/p' "$tmp/probe")
    printable "${error:-$(cat "$tmp/probe" "$tmp/why")}"
  elif [ -n "$listen" ]; then
    echo "ssh works, but nothing answers at $address, port $port: is a firewall in between?"
  elif [ "$is_slow" = yes ]; then
    echo "ssh works, but the agent does not answer in time"
  else
    echo "ssh works, but its sshd does not forward (AllowTcpForwarding, PermitOpen)"
  fi
}
