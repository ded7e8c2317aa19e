import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { freePort } from "./free_port.ts";

const MODULE = fileURLToPath(new URL("free_port.ts", import.meta.url));

/** Another thread, which starts one program after the other. */
function startSpawner(): Disposable {
  const source = `for (;;) await new Deno.Command("true").output();`;
  const worker = new Worker(`data:application/javascript,${encodeURIComponent(source)}`, {
    type: "module",
  });
  return { [Symbol.dispose]: () => worker.terminate() };
}

/** Ports that another process gets. */
async function portsOfAnother(count: number): Promise<readonly number[]> {
  const script = `import { freePort } from ${JSON.stringify(MODULE)};
for (let left = ${count}; left > 0; left--) console.log(freePort());`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", script],
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map(Number);
}

Deno.test("freePort() hands out no port twice, whichever process asks", async () => {
  const others = await Promise.all([portsOfAnother(100), portsOfAnother(100)]);
  const ports = [...others.flat(), ...Array.from({ length: 100 }, () => freePort())];
  assert.equal(new Set(ports).size, 300, ports.join(" "));
});

Deno.test("freePort() hands out no port that the system may give to others", () => {
  const given = Array.from({ length: 50 }, () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    return listener.addr.port;
  });
  assert.ok(freePort() < Math.min(...given), given.join(" "));
});

Deno.test("freePort() hands out no port on which something listens", async () => {
  const directory = await Deno.makeTempDir();
  const port = freePort();
  await Deno.writeTextFile(`${directory}/lmcp-hub-tests-port-${Deno.uid()}`, String(port - 1));
  {
    using _taken = Deno.listen({ hostname: "127.0.0.1", port });
    assert.ok(freePort(directory) > port);
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("freePort() hands out ports that can be had at once, whatever another thread starts", () => {
  using _spawner = startSpawner();
  const taken: number[] = [];
  for (let left = 500; left > 0; left--) {
    const port = freePort();
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
    } catch {
      taken.push(port);
    }
  }
  assert.deepEqual(taken, []);
});
