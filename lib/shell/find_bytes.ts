/**
 * Makes a function that finds where `wanted` first occurs in an array; -1: nowhere. R. N. Horspool,
 * "Practical fast searching in strings", 1980: most bytes are jumped over, and nothing is
 * allocated. Deno's `Buffer.indexOf()` looks at each byte.
 */
export function createFinder(wanted: Uint8Array): (bytes: Uint8Array) => number {
  const last = wanted.length - 1;
  /** How far to go on where a byte lies under the last one of `wanted`. */
  const steps = new Uint32Array(256).fill(wanted.length);
  for (let at = 0; at < last; at++) steps[wanted[at] ?? 0] = last - at;

  function isAt(bytes: Uint8Array, start: number): boolean {
    for (let at = last; at >= 0; at--) {
      if (bytes[start + at] !== wanted[at]) return false;
    }
    return true;
  }

  return (bytes) => {
    for (let start = 0; start + last < bytes.length;) {
      if (isAt(bytes, start)) return start;
      start += steps[bytes[start + last] ?? 0] ?? 1;
    }
    return -1;
  };
}
