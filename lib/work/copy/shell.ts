import { BLOCK_BYTES } from "./requests.ts";

/**
 * Functions for both ends of a copy: `sum` is the SHA-256 of its input; `size_of FILE`; and `stamp_of
 * FILE`, which are its mode and size, and what changes when its content does, in the same words
 * whatever the time zone.
 */
export const COPY_FUNCTIONS = `
sum() {
  local said
  if command -v sha256sum >/dev/null; then said=$(sha256sum); else said=$(shasum -a 256); fi
  printf '%s' "\${said%% *}"
}
size_of() { stat -L -c %s -- "$1" 2>/dev/null || stat -L -f %z -- "$1"; }
stamp_of() {
  TZ=UTC0 LC_ALL=C stat -L -c '%a %s %d:%i:%y' -- "$1" 2>/dev/null ||
    TZ=UTC0 stat -L -f '%Lp %z %d:%i:%Fm' -- "$1"
}
`;

/** Prints the digest of each of the first pieces of what descriptor 9 reads. */
export function digestsScript({ bytes, count }: {
  readonly bytes: number;
  readonly count: number;
}): string {
  return `
n=0
while [ "$n" -lt ${count} ]; do
  dd bs=${BLOCK_BYTES} count=${blocksOf(bytes)} <&9 2>/dev/null | sum || exit 1
  echo
  n=$((n + 1))
done
`;
}

/** How many blocks so many bytes are. */
export function blocksOf(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}
