/**
 * Exchanges two paths as fast as it can, until it is killed: by renameat2(2), or by three renames
 * where that is missing. Prints a line when it has begun.
 */
const [first = "", second = ""] = Deno.args;
const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

function openExchange(): () => void {
  try {
    const library = Deno.dlopen("libc.so.6", {
      renameat2: { parameters: ["i32", "buffer", "i32", "buffer", "u32"], result: "i32" },
    });
    const [a, b] = [first, second].map((path) => new TextEncoder().encode(`${path}\0`));
    if (a === undefined || b === undefined) throw new TypeError("Two paths are needed");
    const exchange = () =>
      void library.symbols.renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
    return exchange;
  } catch {
    return () => {
      Deno.renameSync(first, `${first}.moved`);
      Deno.renameSync(second, first);
      Deno.renameSync(`${first}.moved`, second);
    };
  }
}

const exchange = openExchange();
exchange();
console.log("exchanging");
for (;;) exchange();
