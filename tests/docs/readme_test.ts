import assert from "node:assert/strict";
import config from "../deno.json" with { type: "json" };
import { FLAGS } from "../lib/cli/command.ts";
import { ENVIRONMENT } from "../lib/config/variables.ts";
import { createRemoteTools } from "../lib/tools/catalog.ts";

const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));

Deno.test("the README names every environment variable", () => {
  const missing = ENVIRONMENT.filter(({ name }) => !readme.includes(`\`${name}\``));
  assert.deepEqual(missing, []);
});

Deno.test("the README names every flag that its tables promise to tell", () => {
  const missing = [...FLAGS.keys()].filter((flag) => !readme.includes(`--${flag}`));
  assert.deepEqual(missing, []);
});

Deno.test("the README names every tool", () => {
  const unused = () => Promise.reject(new Error("The tools are only listed here"));
  const tools = createRemoteTools({
    access: () => {
      throw new Error("The tools are only listed here");
    },
    dispatch: unused,
    listStates: unused,
    now: () => 0,
  });
  assert.deepEqual(tools.filter(({ name }) => !readme.includes(`\`${name}\``)), []);
});

Deno.test("the README gives a reason for every permission of the hub and the agent", () => {
  const entries = [config.permissions.hub, config.permissions.agent]
    .flatMap((set) => Object.entries(set))
    .flatMap(([kind, value]) => Array.isArray(value) ? [kind, ...value] : [kind]);
  assert.deepEqual(entries.filter((entry) => !readme.includes(`\`${entry}\``)), []);
});
