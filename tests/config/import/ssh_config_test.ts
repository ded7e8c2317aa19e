import assert from "node:assert/strict";
import { checkText, hostsOf, makeFiles, needs, runImportOf } from "./import_into.ts";
import { SSH_CONFIGS, type SshConfigCase } from "./ssh_configs.ts";

Deno.test("there are twenty configurations", () => {
  assert.equal(SSH_CONFIGS.length, 20);
});

for (const config of SSH_CONFIGS) {
  Deno.test(`--import ssh-config finds the hosts of ${config.name}`, async () => {
    await using place = await makeFiles(config.files);
    const { status, stdout, stderr } = await runImportOf(
      ["ssh-config", `${place.path}/config`, "--registry=/dev/null"],
    );
    assert.equal(status, 0, stderr.join("\n"));
    const names = Object.keys(config.hosts);
    assert.deepEqual(
      hostsOf(stdout),
      Object.fromEntries(names.map((name) => [name, { ssh_host: name }])),
    );
    assert.deepEqual(
      [...stdout.matchAll(/^\[hosts\."?(.*?)"?\]$/gm)].map(([, name]) => name),
      names,
    );
    const said = config.said ?? [];
    assert.equal(stderr.length, said.length, stderr.join("\n"));
    for (const [at, pattern] of said.entries()) assert.match(stderr[at] ?? "", pattern);
    assert.deepEqual(await checkText(stdout), {
      status: 0,
      lines: [
        `hosts.toml: ${names.length} host${names.length === 1 ? "" : "s"}, 0 errors, 0 warnings`,
      ],
    });
  });

  Deno.test({
    ...await needs("ssh", `ssh resolves the hosts of ${config.name} as the configuration says`),
    fn: () => checkWithSsh(config),
  });
}

async function checkWithSsh(config: SshConfigCase): Promise<void> {
  await using place = await makeFiles(config.files);
  const path = `${place.path}/config`;
  const { stdout } = await runImportOf(["ssh-config", path, "--registry=/dev/null"]);
  const hosts = hostsOf(stdout);
  const names = Object.keys(config.hosts);
  assert.deepEqual(new Set(Object.keys(hosts)), new Set(names));
  for (const name of names) {
    const resolved = await resolveBySsh(String(hosts[name]?.ssh_host), path);
    const wanted = config.hosts[name] ?? {};
    const found = Object.keys(wanted).map((key) => [key, resolved.get(key)]);
    assert.deepEqual(Object.fromEntries(found), wanted, name);
  }
}

/** What `ssh -G` prints, by keyword. */
async function resolveBySsh(
  destination: string,
  config: string,
): Promise<ReadonlyMap<string, string>> {
  const { success, stdout, stderr } = await new Deno.Command("ssh", {
    args: ["-G", "-F", config, "--", destination],
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).split("\n");
  return new Map(lines.map((line) => {
    const space = line.indexOf(" ");
    return [line.slice(0, space), line.slice(space + 1)];
  }));
}
