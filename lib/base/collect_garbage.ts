/**
 * Has V8 collect garbage now, where it lets programs ask for that (`--expose-gc`, which the binaries have);
 * else nothing. By itself it lets 64 MiB of dead buffers pile up before it looks for them.
 */
export function collectGarbage(): void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") Reflect.apply(collect, undefined, []);
}
