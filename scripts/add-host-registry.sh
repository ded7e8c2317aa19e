# shellcheck shell=sh disable=SC2154,SC2034
# What add-host.sh does with the registry; sourced there.

find_registry() {
  registry=${registry:-${LMCP_HUB_BACKENDS:-/etc/lmcp-hub/hosts.toml}}
  case $registry in
    *.toml) ;;
    *)
      fail "$registry is no registry in TOML;" \
        "lmcp-hub --check --registry $registry --format toml prints it as one"
      ;;
  esac
  # Renamed is what a link leads to.
  rounds=0
  while [ -L "$registry" ] && [ "$rounds" -lt 16 ]; do
    target=$(readlink "$registry")
    case $target in /*) registry=$target ;; *) registry=$(dirname "$registry")/$target ;; esac
    rounds=$((rounds + 1))
  done
  directory=$(CDPATH='' cd -- "$(dirname -- "$registry")" 2>/dev/null && pwd) ||
    fail "there is no directory for the registry $registry:" \
      "name that of your hub with --registry, or install the hub first"
  registry=$directory/$(basename "$registry")
  tokens=$directory/tokens
  token_file=$tokens/$name
  # No host has such a name.
  new_token=$tokens/.$name.$$
  registry_was=there
  [ -e "$registry" ] || registry_was=missing
}

# take_lock: one run at a time for a registry. The lock is a link that leads nowhere, since that is
# made at once, with the number of the process in it.
take_lock() {
  waits=no
  lock=$registry.lock
  until ln -s "process-$$" "$lock" 2>"$tmp/why"; do
    other=$(readlink "$lock") || other=''
    # It may have gone meanwhile.
    if [ -z "$other" ] && ln -s "process-$$" "$lock" 2>"$tmp/why"; then return; fi
    [ -n "$other" ] || fail "cannot write beside $registry: $(cat "$tmp/why")"
    if ! ps -p "${other#process-}" >/dev/null 2>&1; then
      fail "another run was killed: if none runs, rm $lock"
    fi
    if [ "$waits" = no ]; then step "waiting for another run ($other)"; fi
    waits=yes
    sleep 1
  done
}

check_registry() {
  run_hub --check --quiet --registry "$1" >"$tmp/check" 2>&1 || return 1
}

# read_registry: what it says of this host.
read_registry() {
  first='' last='' old_url='' old_ssh='' old_token_file='' has_token=no old_tags='' is_marked=no
  if [ "$registry_was" = there ]; then
    cat "$registry" >"$tmp/registry" || fail "cannot read $registry"
    check_registry "$registry" || fail "$registry has errors already: $(cat "$tmp/check")"
  else
    : >"$tmp/registry"
  fi
  describe_entry "$tmp/registry" "$name" '' >"$tmp/entry"
  while read -r key value; do
    case $key in
      first) first=$value ;;
      last) last=$value ;;
      lmcp_url) old_url=$value ;;
      ssh_host) old_ssh=$value ;;
      token_file) old_token_file=$value ;;
      token) has_token=yes ;;
      tags) old_tags=$value ;;
      marked) is_marked=yes ;;
    esac
  done <"$tmp/entry"
  find_address
  other=$(describe_entry "$tmp/registry" "$name" "$url" | sed -n 's/^other //p' | head -n 1)
}

# find_address: how the hub is to reach the host. Without a user in it, the hub would log in with the
# name of its own.
find_address() {
  target=$destination
  case $destination in
    *@*) ;;
    *)
      if [ "$hub_user" != "$self" ] && [ "$old_ssh" != "$destination" ]; then
        target=$(ssh_to -G -- "$destination" | sed -n 's/^user //p')@$destination
      fi
      ;;
  esac
  url=http://$(bracketed "$address"):$port/mcp
  if [ -z "$listen" ]; then url=ssh://${target%"$host"}$(bracketed "$host"):$port/mcp; fi
}

bracketed() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# toml_list A,B: prints it as a list of TOML.
toml_list() { printf '["%s"]\n' "$1" | sed 's/,/", "/g'; }

quoted_name() { case $name in *.*) printf '"%s"' "$name" ;; *) printf '%s' "$name" ;; esac; }

# compare_entry: decides what is to be done with the registry: nothing, a new table, or lines for one
# that has ssh alone.
compare_entry() {
  entry=new
  if [ -n "$other" ]; then fail "$registry has $url already, as host \"$other\": use --name $other"; fi
  if [ -n "$first" ]; then
    where="host \"$name\" is in $registry already (line $first)"
    if [ -n "$tags" ] && [ -n "$old_tags" ] && [ "$(toml_list "$tags")" != "$old_tags" ]; then
      fail "$where, with other tags: change them there"
    fi
    if [ "$old_url" = "$url" ] && [ "$old_token_file" = "tokens/$name" ]; then
      entry=same
      if [ -n "$tags" ] && [ -z "$old_tags" ]; then fail "$where, without tags: add them there"; fi
    elif [ -z "$old_url$old_token_file" ] && [ "$old_ssh" = "$target" ] && [ "$has_token" = no ]; then
      entry=extended
    else
      fail "$where, with another address: ${old_url:-${old_ssh:-none}}; choose another name with --name"
    fi
  fi
  if [ "$entry" != same ] && [ -e "$token_file" ]; then
    fail "$token_file is there already, and belongs to no host \"$name\" with this address: remove it first"
  fi
}

# entry_lines [MARK]: the table of this host, or what is added to one.
entry_lines() {
  if [ "$entry" = new ]; then echo "[hosts.$(quoted_name)]"; fi
  echo "lmcp_url = \"$url\"${1:-}"
  if [ "$entry" = new ] && [ "$with_ssh" = yes ]; then echo "ssh_host = \"$target\""; fi
  if [ "${2:-}" != early ]; then echo "token_file = \"tokens/$name\"${1:-}"; fi
  if [ -n "$tags" ] && [ -z "$old_tags" ]; then echo "tags = $(toml_list "$tags")${1:-}"; fi
}

# make_candidate [early]: writes what the registry is to be, beside it and with its owner and mode;
# early, without the token, which is not there yet.
make_candidate() {
  if [ "$action" = remove ] && [ "$is_marked" = yes ]; then
    without_marked "$tmp/registry" "$first" "$last" >"$tmp/candidate"
  elif [ "$action" = remove ]; then
    without_lines "$tmp/registry" "$first" "$last" >"$tmp/candidate"
  elif [ "$entry" = new ]; then
    entry_lines '' "${1:-}" >"$tmp/lines"
    with_table "$tmp/registry" "$tmp/lines" >"$tmp/candidate"
  else
    entry_lines "  # add-host.sh" "${1:-}" >"$tmp/lines"
    with_lines "$tmp/registry" "$tmp/lines" "$first" >"$tmp/candidate"
  fi
  new_registry=$directory/.hosts.$$.new.toml
  if [ "$registry_was" = there ]; then
    cp -p "$registry" "$new_registry" || fail "cannot write beside $registry"
    [ "$(owner_of "$new_registry")" = "$(owner_of "$registry")" ] ||
      fail "$registry belongs to another user: run this as root or as its owner"
  else
    : >"$new_registry"
    chmod 600 "$new_registry"
    give_to_hub "$new_registry"
  fi
  cat "$tmp/candidate" >"$new_registry" || fail "cannot write beside $registry"
  check_registry "$new_registry" ||
    fail "$registry would have errors: $(sed "s|$new_registry|$registry|g" "$tmp/check")"
}

give_to_hub() {
  if [ "$hub_user" != "$self" ]; then chown "$hub_user" "$1"; fi
}

# put_registry: the one moment at which the registry changes.
put_registry() {
  if [ "$registry_was" = there ]; then
    cmp -s "$registry" "$tmp/registry" || fail "$registry was changed meanwhile: run this again"
  elif [ -e "$registry" ]; then
    fail "$registry was made meanwhile: run this again"
  fi
  registry_changed=yes
  mv "$new_registry" "$registry" || fail "cannot replace $registry"
}
