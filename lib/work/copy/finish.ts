/**
 * Puts the partial file in place: whole, and with the digest that it must have, or not at all. It gets the
 * mode that is given, and where that is possible the owner of the file that it replaces.
 */
export const FINISH_FILE = `
if ! own_part; then
  [ -f "$target" ] && [ "$(size_of "$target")" -eq "$size" ] && [ "$(sum <"$target")" = "$sha256" ] ||
    refuse 'its partial file is gone; copy it again'
  exit 0
fi
[ "$(size_of "$part")" -eq "$size" ] || refuse 'its partial file has another size; copy it again'
[ "$(sum <"$part")" = "$sha256" ] || { rm -f "$part"; refuse 'what has arrived has another hash; copy it again'; }
if [ -e "$target" ]; then
  owner=$(stat -c %u:%g -- "$target" 2>/dev/null || stat -f %u:%g -- "$target")
  [ "$owner" = "$(stat -c %u:%g -- "$part" 2>/dev/null || stat -f %u:%g -- "$part")" ] ||
    chown "$owner" "$part" 2>/dev/null
fi
chmod "$mode" "$part" || exit 1
sync "$part" 2>/dev/null
case $OSTYPE in darwin*|*bsd*) no_link=h ;; *) no_link=T ;; esac
said=$(mv -f$no_link -- "$part" "$target" 2>&1) || refuse "\${said##*: }"
`;

/**
 * Extracts the partial file, an archive, into a folder that nobody else can enter, and puts that in place. No
 * program comes to run as its owner, and files belong to who extracts them.
 */
export const FINISH_FOLDER = `
own_part || refuse 'its archive is gone; copy it again'
[ "$(size_of "$part")" -eq "$size" ] || refuse 'its archive has another size; copy it again'
[ "$(sum <"$part")" = "$sha256" ] || { rm -f "$part"; refuse 'what has arrived has another hash; copy it again'; }
clear() {
  [ -d "$stage" ] && [ ! -L "$stage" ] && [ -O "$stage" ] || return 0
  chmod -R u+rwX "$stage" 2>/dev/null
  rm -rf "$stage"
}
clear
umask 077
said=$(mkdir -- "$stage" 2>&1) || refuse "\${said##*: }"
trap clear EXIT
trap 'exit 1' HUP INT TERM
said=$(LC_ALL=C tar -xpof "$part" -C "$stage" 2>&1 </dev/null) || {
  said=\${said%%$'\\n'*}
  refuse "\${said##*: }"
}
find "$stage" -type f \\( -perm -4000 -o -perm -2000 \\) -exec chmod ug-s {} + || exit 1
chmod "$mode" "$stage" || exit 1
if [ -e "$target" ]; then
  [ -d "$target" ] && said=$(rmdir -- "$target" 2>&1) ||
    refuse 'it exists already; move it away, or copy to another name'
fi
case $OSTYPE in darwin*|*bsd*) no_link=h ;; *) no_link=T ;; esac
said=$(mv -f$no_link -- "$stage" "$target" 2>&1) || refuse "\${said##*: }"
trap - EXIT
rm -f "$part"
`;
