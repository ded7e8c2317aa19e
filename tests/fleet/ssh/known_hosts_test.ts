import assert from "node:assert/strict";
import { canWriteKnownHosts } from "../../../lib/fleet/ssh/known_hosts.ts";
import { spawnProcess } from "../../../lib/base/process.ts";
import { sshTest } from "./target.ts";

const CLIENT = { program: "ssh", configFile: null, secretVariables: () => ["LMCP_TOKEN"] };

/** Asks with a configuration that names this file. */
async function canWrite(knownHosts: string): Promise<boolean> {
  const config = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(config, `UserKnownHostsFile ${knownHosts}\n`);
    return await canWriteKnownHosts(spawnProcess, { ...CLIENT, configFile: config });
  } finally {
    await Deno.remove(config);
  }
}

sshTest("canWriteKnownHosts() is true for a file that is there, or can be made", async () => {
  const directory = await Deno.makeTempDir();
  await Deno.writeTextFile(`${directory}/known_hosts`, "");
  const paths = ["known_hosts", "new", ".ssh/known_hosts"].map((name) => `${directory}/${name}`);
  assert.deepEqual(await Promise.all(paths.map(canWrite)), [true, true, true]);
  await Deno.remove(directory, { recursive: true });
});

for (const path of ["none", "/dev/null", "/nowhere/at/all/known_hosts"]) {
  sshTest(`canWriteKnownHosts() is false for ${path}, where no key is kept`, async () => {
    assert.equal(await canWrite(path), false);
  });
}

Deno.test("canWriteKnownHosts() is true where there is no ssh to warn of", async () => {
  const spawn = () => {
    throw new Deno.errors.NotFound();
  };
  assert.equal(await canWriteKnownHosts(spawn, CLIENT), true);
});
