/**
 * Has V8 collect garbage now, where it lets programs ask for that (`--expose-gc`, which the binaries have);
 * else nothing. By itself it lets 64 MiB of dead buffers, and long texts, pile up before it looks for them.
 * Takes some 30 ms.
 */
export function collectGarbage(): void {
  collect({ type: "major" });
}

/** The same of what was made lately, such as the pieces of something that is passed on. Takes 1 ms. */
export function collectYoungGarbage(): void {
  collect({ type: "minor" });
}

function collect(options: { readonly type: "major" | "minor" }): void {
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc === "function") Reflect.apply(gc, undefined, [options]);
}
