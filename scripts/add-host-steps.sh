# shellcheck shell=sh disable=SC2154,SC2034
# The steps of add-host.sh, in their order at the end; sourced there.

# target_of SYSTEM MACHINE: prints what the binaries for a machine are called after; else fails.
target_of() {
  case $1 in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) return 1 ;;
  esac
  case $2 in
    x86_64 | amd64) echo "$os-x64" ;;
    aarch64 | arm64) echo "$os-arm64" ;;
    *) return 1 ;;
  esac
}

# find_program NAME TARGET: prints the path of a binary for a target; without one in its name, it is for
# this machine.
find_program() {
  for folder in "$here" "$here/../dist"; do
    if [ -f "$folder/$1-$2" ]; then echo "$folder/$1-$2" && return; fi
    if [ -f "$folder/$1" ] && [ "$2" = "$own_target" ]; then echo "$folder/$1" && return; fi
  done
  return 1
}

# check_sum FILE: compares it with the SHA256SUMS beside it.
check_sum() {
  sums=$(dirname "$1")/SHA256SUMS
  [ -f "$sums" ] || fail "there is no $sums to compare $1 with"
  wanted=$(awk -v name="$(basename "$1")" '$2 == name || $2 == "*" name { print $1 }' "$sums")
  [ -n "$wanted" ] || fail "$sums does not name $1"
  [ "$(sha256 "$1")" = "$wanted" ] || fail "$1 has another checksum than in $sums"
}

# --- The steps of adding ---

# check_login: the hub's user has its own keys, known hosts and configuration for ssh.
check_login() {
  with_ssh=yes
  [ "$hub_user" != "$self" ] || return 0
  set -- ssh
  if [ -n "${LMCP_HUB_SSH_CONFIG:-}" ]; then set -- "$@" -F "$LMCP_HUB_SSH_CONFIG"; fi
  set -- "$@" -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o ConnectTimeout=10 -o LogLevel=ERROR \
    -o ClearAllForwardings=yes -T -- "$target" true
  if (ulimit -f 2048 && as_hub "$@") </dev/null >"$tmp/login" 2>&1; then
    step "the hub's user $hub_user can log in there"
    return
  fi
  if [ -n "$listen" ]; then
    with_ssh=no
    step "the hub's user $hub_user cannot log in there, so that there is no fallback to ssh"
    return
  fi
  print_login_help >&2
  fail "the hub's user $hub_user cannot log in: $(printable "$(tail -n 1 "$tmp/login")")"
}

print_login_help() {
  home=$(eval "echo ~$hub_user")
  cat <<HELP
The hub reaches this host by ssh, as $hub_user, who has keys and known hosts of its own. As root, here:

  install -d -m 0700 -o $hub_user $home/.ssh
  [ -e $home/.ssh/id_ed25519 ] || runuser -u $hub_user -- ssh-keygen -q -t ed25519 -N '' -f $home/.ssh/id_ed25519
  ssh-copy-id -f -i $home/.ssh/id_ed25519.pub $destination
  runuser -u $hub_user -- ssh $target true

Aliases of your own ssh configuration belong in $home/.ssh/config as well. Then run this again.

HELP
}

inspect_host() {
  connect
  send "$here/install.sh" install.sh
  ask look "$address" "$port"
  step "logged in to $destination as $host_user: $(printable "$system $machine"), service manager: $manager"
}

check_host() {
  [ "$has_bash" = yes ] || fail "$destination has no bash, which the agent needs"
  [ "$is_packaged" = no ] ||
    fail "$destination has the package lmcp-agent: remove it there, or add the host by hand"
  host_target=$(target_of "$system" "$machine") ||
    fail "there are no binaries for $(printable "$system $machine")"
  if [ -z "$binary" ]; then
    binary=$(find_program lmcp-agent "$host_target") ||
      fail "there is no lmcp-agent-$host_target: run deno task compile --target $host_target"
    check_sum "$binary"
  fi
  [ -f "$binary" ] || fail "there is no file $binary"
  is_current=no
  if [ "$installed" = "$(sha256 "$binary")" ]; then is_current=yes; fi
}

install_there() {
  if [ "$is_current" = no ]; then
    step "copying $(basename "$binary") ($(($(wc -c <"$binary") / 1000000)) MB)"
    send "$binary" lmcp-agent
    step "copied; its checksum is the same there"
  fi
  if [ "$is_current$is_same" != yesyes ]; then
    ask install "$address" "$port"
    step "installed $host_binary and $host_unit"
  fi
  if [ "$is_current$is_same$is_active" != yesyesyes ]; then
    ask start "$address" "$port"
    step "started: it listens on $address, port $port"
  fi
}

# put_token: the host's token, in a file that the hub's user alone can read.
put_token() {
  token=
  ask token
  case $token in '' | *[[:space:][:cntrl:]]*) fail "the token of $destination cannot be used" ;; esac
  if [ "$(cat "$token_file" 2>/dev/null)" = "$token" ]; then return; fi
  if [ ! -d "$tokens" ]; then
    made_tokens=$tokens
    mkdir -m 700 "$tokens" || fail "cannot make $tokens"
    give_to_hub "$tokens"
  fi
  if [ -e "$token_file" ]; then cp -p "$token_file" "$tmp/token" || fail "cannot save $token_file"; fi
  token_changed=yes
  # Not as an argument, which others can see.
  cat >"$new_token" <<TOKEN || fail "cannot write $token_file"
$token
TOKEN
  give_to_hub "$new_token"
  mv "$new_token" "$token_file"
  step "put its token into $token_file"
}

print_plan() {
  if [ "$is_current" = no ]; then step "would copy $binary to $host_binary"; fi
  if [ "$is_current$is_same" != yesyes ]; then step "would install $host_unit"; fi
  if [ "$is_current$is_same$is_active" != yesyesyes ]; then
    step "would start it, to listen on $address, port $port"
  fi
  case $entry in
    same) step "would leave $registry as it is" ;;
    new) step "would add to $registry:" && entry_lines ;;
    extended)
      step "would add to [hosts.$(quoted_name)] of $registry:" && entry_lines "  # add-host.sh"
      ;;
  esac
}

add_host() {
  compare_entry
  check_login
  make_control
  if [ "$entry" != same ]; then make_candidate early && check_control; fi
  inspect_host
  check_host
  if [ "$dry_run" = yes ]; then print_plan && return; fi
  install_there
  put_token
  if [ "$entry" = same ]; then
    wait_until_up "$registry"
  else
    make_candidate
    wait_until_up "$new_registry"
  fi
  step "the hub sees it UP over lmcp"
  if [ "$entry" != same ]; then put_registry; fi
  keep
  if [ "$entry" != same ]; then
    step "added to $registry, which a running hub applies within two seconds"
  elif [ "$is_current$is_same$is_active$token_changed" = yesyesyesno ]; then
    step "nothing to do: it is as it should be"
  else
    step "$registry has it already"
  fi
}

# --- Removing ---

remove_host() {
  if [ -z "$first" ]; then
    step "$registry has no host \"$name\""
  else
    if [ "$old_url" != "$url" ] && [ "$old_ssh" != "$target" ]; then
      fail "host \"$name\" of $registry has another address: ${old_url:-${old_ssh:-none}}"
    fi
    [ "$old_token_file" = "tokens/$name" ] ||
      fail "host \"$name\" of $registry was not added by this script: remove it there by hand"
    make_candidate
  fi
  inspect_host
  if [ "$is_packaged" = yes ]; then fail "$destination has the package lmcp-agent: remove it there"; fi
  if [ "$dry_run" = yes ]; then
    step "would remove the agent ($host_binary, $host_unit and its state) and [hosts.$(quoted_name)]"
    return
  fi
  if [ -n "$installed" ]; then ask stop; else step "no agent is installed there"; fi
  if [ -n "$first" ]; then put_registry; fi
  keep
  if [ -n "$installed" ]; then step "removed the agent from $destination"; fi
  if [ -n "$first" ]; then
    rm -f "$token_file"
    rmdir "$tokens" 2>/dev/null || :
    step "removed from $registry"
  fi
}

find_registry
find_hub_user
find_hub
case $binary in '' | /*) ;; *) binary=$PWD/$binary ;; esac
take_lock
read_registry
"${action}_host"
