/**
 * Tries everything that a program could want to do, under the permissions it is run or compiled
 * with, and prints what came of it: `done`, or the name of the error. Nothing is left behind: files
 * are written to directories that do not exist.
 */
const nowhere = crypto.randomUUID();
const run = (program: string, env: Record<string, string> = {}) => async () => {
  const child = new Deno.Command(program, {
    args: ["-V"],
    env: { LD_LIBRARY_PATH: "", ...env },
    stdout: "null",
    stderr: "null",
  });
  await child.output();
};
const write = (directory: string) => () => Deno.writeTextFile(`${directory}/${nowhere}/file`, "");
const readVariable = (name: string) => () => void Deno.env.get(name);

const acts: Readonly<Record<string, () => unknown>> = {
  "run ssh": run("ssh"),
  "run another ssh": run("ssh", { PATH: Deno.cwd() }),
  "run bash": run("bash"),
  "run itself": run(Deno.execPath()),
  "write to /run/lmcp-hub": write("/run/lmcp-hub"),
  "write to /tmp/lmcp-hub": write("/tmp/lmcp-hub"),
  "write to /var/lib/lmcp-hub": write("/var/lib/lmcp-hub"),
  "write to /var/log/lmcp-hub": write("/var/log/lmcp-hub"),
  "write beside": write("/var/lib/lmcp-hub2"),
  "write above": write("/var/lib/lmcp-hub/.."),
  "write to /tmp": write("/tmp"),
  "write to /etc": write("/etc"),
  "write here": write("."),
  "read a file": () => Deno.readTextFile("/etc/passwd"),
  "read its environment": () => Deno.readTextFile("/proc/self/environ"),
  "read LMCP_TOKEN": readVariable("LMCP_TOKEN"),
  "read JEST_WORKER_ID": readVariable("JEST_WORKER_ID"),
  "read UNDICI_NO_WASM_SIMD": readVariable("UNDICI_NO_WASM_SIMD"),
  "read SECRET": readVariable("SECRET"),
  "read HOME": readVariable("HOME"),
  "read all variables": () => void Deno.env.toObject(),
  "listen and connect": async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    (await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port })).close();
  },
  "ask for its user": () => void Deno.uid(),
  "ask for the machine's name": () => void Deno.hostname(),
  "load a library": () => void Deno.dlopen("libc.so.6", {}),
};

const results: Record<string, string> = {};
for (const [name, act] of Object.entries(acts)) {
  try {
    await act();
    results[name] = "done";
  } catch (error) {
    results[name] = error instanceof Error ? error.name : String(error);
  }
}
console.log(JSON.stringify(results));
