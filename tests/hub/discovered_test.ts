import assert from "node:assert/strict";
import { createLogger } from "../../lib/base/log.ts";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration, type LoadContext } from "../../lib/config/load.ts";
import type { AnnouncedHost } from "../../lib/fleet/nats/presence.ts";
import { createLiveState } from "../../lib/hub/live.ts";
import { fakeSources } from "../config/fake_sources.ts";

const registry = (hosts: string) => `
[nats]
discover = true
tags = ["laptop"]

[hosts.web]
ssh_host = "web"

[clients.ann]
token = "token-of-ann-1"
hosts = ${hosts}
`;

Deno.test("an agent that leaves, or drops its tag, has nothing forgotten; the operator does", async () => {
  const files = { "/r.toml": registry('["@laptop", "web"]') };
  const sources = fakeSources({ env: { LMCP_HUB_BACKENDS: "/r.toml" }, files });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const load = (context: Partial<LoadContext>) =>
    loadConfiguration("serve", command.flags, sources, context);
  const laptop = { name: "l1", tags: ["laptop"] };
  let announced: readonly AnnouncedHost[] = [laptop, { ...laptop, name: "l2" }];
  const { configuration } = await load({ announced });
  const narrowed: string[] = [];
  const live = createLiveState(configuration, {
    load,
    announced: () => announced,
    log: createLogger({ format: "text", level: "error", write() {}, now: () => new Date(0) }),
    tools: [],
    onNarrowed: (principals) => narrowed.push(...principals),
  });
  const allowed = () => [...live.current().accepted.clients.get("ann")?.hosts ?? []].sort();
  await live.reload();
  assert.deepEqual(allowed(), ["l1", "l2", "web"]);
  announced = [{ name: "l1", tags: [] }];
  await live.reload();
  assert.deepEqual([allowed(), narrowed], [["web"], []]);
  announced = [laptop];
  await live.reload();
  assert.deepEqual([allowed(), narrowed], [["l1", "web"], []]);
  files["/r.toml"] = registry('["web"]');
  await live.reload();
  assert.deepEqual([allowed(), narrowed], [["web"], ["ann"]]);
});
