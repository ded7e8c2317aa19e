import assert from "node:assert/strict";
import { until } from "../../processes.ts";
import { changeHub, enlargeAgent } from "./dist.ts";
import { type Machine, type Ran, type Running, START_SSHD, testOnMachine } from "./machine.ts";

/** What is printed on the way, a step at a time. */
const STEPS = [
  "logged in",
  "copying",
  "copied",
  "installed",
  "started",
  "put its token",
];

function add(machine: Machine, args = "", shell = ""): Running {
  const { registry, port } = machine;
  const script = `dist/add-host.sh web1 --registry ${registry} --port ${port} ${args}`;
  return machine.start(`rm -f go; PATH=$PWD/slow:$PATH exec ${shell} ${script}`);
}

/** Waits until `letGo()`. */
const HELD = (directory: string) => `until [ -e ${directory}/go ]; do sleep 0.05; done`;

/** Has the hub wait before it looks for an agent, so that adding is not over too soon. */
async function holdProbes(machine: Machine): Promise<void> {
  await changeHub(machine, `case $1 in --probe) ${HELD(machine.directory)} ;; esac`);
}

/** Has `mv` note that it has changed the registry, and wait then. */
async function holdRegistry({ directory, sh }: Machine): Promise<void> {
  await sh(`mkdir slow; cat >slow/mv <<'END'
#!/bin/sh
/usr/bin/mv "$@" || exit
case $2 in */hosts.toml) touch renamed; ${HELD(directory)} ;; esac
END
chmod +x slow/mv`);
}

async function letGo({ directory }: Machine): Promise<void> {
  await Deno.writeTextFile(`${directory}/go`, "");
}

/** Presses Ctrl-C, and again as people do: bash forgets one that comes while it waits for a `$(…)`. */
async function interrupt(machine: Machine, running: Running, group = false): Promise<Ran> {
  await running.signal("INT", group);
  await letGo(machine);
  const pressing = setInterval(() => running.signal("INT", group), 10_000);
  try {
    return await running.ended;
  } finally {
    clearInterval(pressing);
  }
}

for (
  const [shell, who] of [["", "only the script"], ["bash", "all that it has started"]] as const
) {
  testOnMachine(
    `add-host.sh that is interrupted at any step leaves both sides as they were (${who})`,
    async (machine) => {
      const before = await machine.state();
      await holdProbes(machine);
      for (const step of STEPS) {
        const running = add(machine, "", shell);
        await running.printed(step);
        const { code, stdout, stderr } = await interrupt(machine, running, shell === "bash");
        assert.equal(code, 130, `${step}: ${stdout}${stderr}`);
        assert.equal(await machine.state(), before, `${step}: ${stdout}${stderr}`);
      }
    },
  );
}

testOnMachine(
  "add-host.sh --remove that is interrupted leaves the host as it was",
  async (machine) => {
    assert.equal((await machine.addHost("web1")).code, 0);
    const before = await machine.state();
    await holdRegistry(machine);
    const running = add(machine, "--remove");
    await running.printed("logged in");
    const { code, stdout } = await interrupt(machine, running);
    assert.equal(code, 130, stdout);
    // The agent that was stopped takes a moment to start.
    await until(async () => await machine.state() === before);
    assert.match((await machine.addHost("web1")).stdout, /nothing to do/);
  },
);

testOnMachine("a host whose connection is lost undoes what was done there", async (machine) => {
  // Large enough for the connection to be lost on the way.
  await enlargeAgent(machine);
  await holdProbes(machine);
  const before = await machine.state();
  for (const step of ["copying", "installed", "started"]) {
    const running = add(machine);
    await running.printed(step);
    // The connection's own processes, and who would accept another one.
    await machine.sh("pkill -KILL -x 'sshd(-session)?'; pkill -KILL -f '^sshd[:-]'; true");
    await letGo(machine);
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 1, step);
    // The last may also be noticed by the hub, which cannot log in.
    assert.match(stderr, /the connection to web1 ended: |the hub does not see it UP/, stdout);
    for (let attempt = 0; attempt < 200 && await machine.state() !== before; attempt++);
    assert.equal(await machine.state(), before, `${step}: ${stdout}${stderr}`);
    await machine.sh(START_SSHD);
  }
});

testOnMachine("a host keeps its agent only once the registry has it", async (machine) => {
  const before = await machine.state();
  const own = await Deno.readTextFile(machine.registry);
  await holdProbes(machine);
  const running = add(machine);
  await running.printed("put its token");
  await Deno.writeTextFile(machine.registry, `${own}# and more\n`);
  await letGo(machine);
  const { code, stderr } = await running.ended;
  assert.equal(code, 1);
  assert.match(stderr, /was changed meanwhile: run this again/);
  assert.equal(await Deno.readTextFile(machine.registry), `${own}# and more\n`);
  await Deno.writeTextFile(machine.registry, own);
  assert.equal(await machine.state(), before);
});

testOnMachine(
  "add-host.sh that is interrupted once the registry has changed changes it back",
  async (machine) => {
    const before = await machine.state();
    await holdRegistry(machine);
    const running = add(machine);
    await machine.sh(
      "while [ ! -e renamed ]; do sleep 0.05; done; grep -q web1 registry/hosts.toml",
    );
    const { code, stdout, stderr } = await interrupt(machine, running);
    assert.equal(code, 130, stdout + stderr);
    assert.equal(await machine.state(), before);
  },
);
