import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("deno task dev ends where its port is in use, and leaves another's registry alone", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const before = await readRegistry();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=dev", "scripts/dev.ts"],
    cwd: ROOT,
    env: { LMCP_PORT: String(other.addr.port), NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assert.equal(code, 2);
  assert.equal(
    new TextDecoder().decode(stderr),
    `Cannot listen on 127.0.0.1 port ${other.addr.port}: the port is in use (see LMCP_PORT)\n`,
  );
  assert.equal(await readRegistry(), before);
});

async function readRegistry(): Promise<string | null> {
  try {
    return await Deno.readTextFile(`${ROOT}.dev-hosts.toml`);
  } catch {
    return null;
  }
}
