import assert from "node:assert/strict";
import type { LookupAddress, LookupOptions } from "node:dns";
import { systemClock } from "../../lib/base/time/clock.ts";
import { createLookup, type Lookup } from "../../lib/fleet/resolver.ts";
import { startBackend } from "../lab/backend.ts";
import { createFakeSsh } from "../lab/fake_ssh.ts";
import { labHost } from "../lab/host.ts";
import { openHub } from "../lab/hub.ts";

const LOOPBACK = { address: "127.0.0.1", family: 4 };

/** A resolver whose every answer is in our hand. */
function createResolver() {
  const asked: string[] = [];
  const open = new Map<string, PromiseWithResolvers<LookupAddress[]>>();
  return {
    asked,
    resolve: (name: string) => {
      asked.push(name);
      const answer = Promise.withResolvers<LookupAddress[]>();
      open.set(name, answer);
      return answer.promise;
    },
    answer: (name: string, addresses = [LOOPBACK]) => open.get(name)?.resolve(addresses),
    fail: (name: string) =>
      open.get(name)?.reject(Object.assign(new Error("no such name"), { code: "ENOTFOUND" })),
  };
}

function look(lookup: Lookup, name: string, options: LookupOptions = { all: true }) {
  return new Promise<unknown>((resolve) => {
    lookup(name, options, (error, address, family) => {
      resolve(error?.code ?? (family === undefined ? address : [address, family]));
    });
  });
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `host${index}`);

Deno.test("createLookup() has at most 8 lookups under way", async () => {
  const resolver = createResolver();
  const lookup = createLookup({ clock: systemClock, resolve: resolver.resolve });
  const looks = names(20).map((name) => look(lookup, name));
  await turn();
  assert.deepEqual(resolver.asked, names(8));
  resolver.answer("host3");
  await turn();
  assert.deepEqual(resolver.asked, names(9));
  for (const name of names(20)) {
    resolver.answer(name);
    await turn();
  }
  for (const name of names(20)) resolver.answer(name);
  assert.deepEqual(await Promise.all(looks), names(20).map(() => [LOOPBACK]));
});

Deno.test("createLookup() asks once for a name, however many want it", async () => {
  const resolver = createResolver();
  const lookup = createLookup({ clock: systemClock, resolve: resolver.resolve });
  const looks = [1, 2, 3].map(() => look(lookup, "host0"));
  await turn();
  resolver.answer("host0");
  assert.deepEqual(await Promise.all(looks), [[LOOPBACK], [LOOPBACK], [LOOPBACK]]);
  assert.deepEqual(resolver.asked, ["host0"]);
});

Deno.test("createLookup() asks again for a name once its lookup has ended", async () => {
  const resolver = createResolver();
  const lookup = createLookup({ clock: systemClock, resolve: resolver.resolve });
  const failed = look(lookup, "host0");
  await turn();
  resolver.fail("host0");
  assert.equal(await failed, "ENOTFOUND");
  const found = look(lookup, "host0");
  await turn();
  resolver.answer("host0");
  assert.deepEqual(await found, [LOOPBACK]);
});

Deno.test("createLookup() returns one address, or those of one family, where that is asked", async () => {
  const six = { address: "::1", family: 6 };
  const lookup = createLookup({
    clock: systemClock,
    resolve: () => Promise.resolve([six, LOOPBACK]),
  });
  assert.deepEqual(await look(lookup, "host0", {}), ["::1", 6]);
  assert.deepEqual(await look(lookup, "host0", { family: 4 }), ["127.0.0.1", 4]);
  assert.deepEqual(await look(lookup, "host0", { family: 6, all: true }), [six]);
  const onlySix = createLookup({ clock: systemClock, resolve: () => Promise.resolve([six]) });
  assert.equal(await look(onlySix, "host0", { family: 4 }), "ENOTFOUND");
});

Deno.test("a lookup keeps its place until it ends, though its caller has given up", async () => {
  const resolver = createResolver();
  const timeouts = { connectMs: 20 };
  const hosts = names(10).map((name) =>
    labHost({ name, lmcpUrl: `http://${name}.invalid/mcp`, timeouts })
  );
  const asked = () => resolver.asked.length;
  await using hub = openHub({ hosts, ssh: createFakeSsh(), resolve: resolver.resolve });
  await Promise.all(
    hosts.slice(0, 8).map(({ name }) => hub.call("remote_list_dir", { host: name })),
  );
  assert.equal(asked(), 8);
  await hub.call("remote_list_dir", { host: "host8" });
  assert.equal(asked(), 8);
  resolver.fail("host0.invalid");
  await turn();
  assert.equal(asked(), 9);
  for (const name of names(10)) resolver.fail(`${name}.invalid`);
  await hub.prober.settled();
});

Deno.test("forty names that never resolve leave file reads and other hosts going", async () => {
  const resolver = createResolver();
  const timeouts = { connectMs: 20_000 };
  const stuck = names(40).map((name) =>
    labHost({ name, lmcpUrl: `http://${name}.invalid/mcp`, timeouts })
  );
  await using backend = await startBackend();
  const healthy = labHost({ name: "healthy", lmcpUrl: backend.url });
  await using hub = openHub({ hosts: [...stuck, healthy], resolve: resolver.resolve });
  const ended: string[] = [];
  const calls = stuck.map(async ({ name }) => {
    await hub.call("remote_list_dir", { host: name });
    ended.push(name);
  });
  await Deno.readTextFile(new URL(import.meta.url));
  const { structuredContent } = await hub.call("remote_list_dir", { host: "healthy" });
  assert.equal(structuredContent?.via, "lmcp");
  assert.deepEqual(ended, []);
  // Eight at a time the lookups end after all, so that none outlives the test.
  for (let wave = 0; wave < 5; wave++) {
    for (const { name } of stuck) resolver.fail(`${name}.invalid`);
    await turn();
  }
  await Promise.all(calls);
});
