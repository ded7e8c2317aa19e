import assert from "node:assert/strict";
import { Folding } from "../../../lib/targets/folding/fold.ts";
import { result } from "./nginx_results.ts";

Deno.test("long outputs are kept in part alone: they have no room in the memory of their folding", async () => {
  const script = new URL("./long_outputs.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--v8-flags=--max-old-space-size=200", script],
    stdout: "piped",
    stderr: "piped",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr).slice(0, 300));
  assert.equal(new TextDecoder().decode(stdout), "150\n");
});

Deno.test("results are kept once, and long ones are cut: 1,000 hosts of 1 MB each", () => {
  const folding = new Folding();
  for (let at = 0; at < 300; at++) {
    folding.add(result(`h${at}`, { stdout: `${at % 100}`.repeat(500_000) }));
  }
  const groups = folding.groups();
  assert.equal(groups.length, 100);
  const chars = groups.reduce((sum, { stdout }) => sum + stdout.length, 0);
  assert.ok(chars < 18 * 1024 * 1024, `${chars}`);
  assert.equal(groups.every(({ hosts }) => hosts.length === 3), true);
});
