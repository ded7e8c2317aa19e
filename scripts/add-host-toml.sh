# shellcheck shell=sh
# How add-host.sh reads and writes a registry in TOML; sourced there. Nothing here changes the
# registry itself: what it should be is printed. All other bytes stay as they are.
: "${tmp:?is the folder for temporary files}"

# describe_entry REGISTRY NAME URL: prints what there is of a host, one "KEY VALUE" a line: the first
# and the last line of its table, its fields, "marked" if add-host.sh has added lines to a table that
# was there, and "other" with the name of another host that has the URL (which may be empty).
describe_entry() {
  LC_ALL=C awk -v name="$2" -v url="$3" '
    # A list of names, written like ["a", "b"].
    function list(text) {
      gsub(/[ \t]/, "", text)
      gsub(/\047/, "\"", text)
      sub(/,\]$/, "]", text)
      gsub(/,/, ", ", text)
      return text
    }
    function value(key,    rest) {
      if (line !~ "^[ \t]*" key "[ \t]*=") return ""
      rest = substr(line, index(line, "=") + 1)
      sub(/^[ \t]*/, "", rest)
      if (rest ~ /^\[[^]#]*\]/) return list(substr(rest, 1, index(rest, "]")))
      if (rest !~ /^["\047]/) return rest
      quote = substr(rest, 1, 1)
      rest = substr(rest, 2)
      return substr(rest, 1, index(rest, quote) - 1)
    }
    { line = $0; sub(/\r$/, "", line) }
    line ~ /^[ \t]*\[/ {
      header = line
      sub(/#.*/, "", header)
      gsub(/[]" \t\047]/, "", header)
      sub(/^\[/, "", header)
      own = header == "hosts." name
      if (own) { print "first", NR; last = NR }
      next
    }
    url != "" && value("lmcp_url") == url && !own && header ~ /^hosts\./ { print "other", substr(header, 7) }
    !own || line ~ /^[ \t]*(#|$)/ { next }
    { last = NR }
    line ~ /# add-host\.sh$/ { print "marked yes" }
    value("lmcp_url") != "" { print "lmcp_url", value("lmcp_url") }
    value("ssh_host") != "" { print "ssh_host", value("ssh_host") }
    value("token_file") != "" { print "token_file", value("token_file") }
    line ~ /^[ \t]*token(_env)?[ \t]*=/ { print "token yes" }
    value("tags") != "" { print "tags", value("tags") }
    END { if (last) print "last", last }
  ' "$1"
}

# line_end REGISTRY: prints how lines end there: "crlf" or "lf".
line_end() {
  if head -n 1 "$1" | LC_ALL=C grep -q "$(printf '\r')\$"; then echo crlf; else echo lf; fi
}

# ends_open REGISTRY: whether its last line has no end.
ends_open() {
  [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]
}

# ended END: standard input, with lines that end like that.
ended() {
  if [ "$1" = crlf ]; then sed "s/\$/$(printf '\r')/"; else cat; fi
}

# with_table REGISTRY FILE: prints the registry with the lines of a file as its last table. Where the
# last line had no end, it has none again.
with_table() {
  end=$(line_end "$1")
  cat "$1"
  if ends_open "$1"; then
    { echo && echo && cat "$2"; } | ended "$end" | chop "$end"
  else
    { if [ -s "$1" ]; then echo; fi && cat "$2"; } | ended "$end"
  fi
}

# with_lines REGISTRY FILE LINE: prints the registry with the lines of a file after a line of it.
with_lines() {
  head -n "$3" "$1"
  ended "$(line_end "$1")" <"$2"
  tail -n "+$(($3 + 1))" "$1"
}

# without_lines REGISTRY FIRST LAST: prints the registry without these lines and, where they were a
# table at its end, without the empty line and the line break before them.
without_lines() {
  first=$2
  end=$(line_end "$1")
  if [ "$first" -gt 1 ] && sed -n "$((first - 1))p" "$1" | tr -d '\r' | grep -q '^$'; then
    first=$((first - 1))
  fi
  if ends_open "$1" && [ -z "$(tail -n "+$(($3 + 1))" "$1")" ]; then
    head -n "$((first - 1))" "$1" | chop "$end"
  else
    head -n "$((first - 1))" "$1"
    tail -n "+$(($3 + 1))" "$1"
  fi
}

# without_marked REGISTRY FIRST LAST: prints the registry without the lines of a table that
# add-host.sh has added.
without_marked() {
  LC_ALL=C awk -v first="$2" -v last="$3" \
    'NR >= first && NR <= last && /# add-host\.sh\r?$/ { next } { print }' "$1" >"$tmp/unmarked"
  if ends_open "$1"; then chop lf <"$tmp/unmarked"; else cat "$tmp/unmarked"; fi
}

# chop END: standard input without the end of its last line.
chop() {
  cat >"$tmp/chop"
  length=$(($(wc -c <"$tmp/chop") - 1))
  if [ "$1" = crlf ]; then length=$((length - 1)); fi
  if [ "$length" -gt 0 ]; then head -c "$length" "$tmp/chop"; fi
}
