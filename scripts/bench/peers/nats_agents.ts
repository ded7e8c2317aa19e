/**
 * Agents that do no work, for `scripts/bench.ts`: `nats_agents.ts PORT SERVER FROM TO` serves the hosts
 * `hostFROM` to `host(TO-1)` over NATS, each with a connection of its own, as a real agent does. They
 * say that they keep claims, so that calls come with one; `shell` prints a fixed text. When all are
 * connected, it listens on PORT of 127.0.0.1.
 */
import { z } from "zod";
import { announce } from "../../../lib/agent/nats/announcer.ts";
import { serveNats } from "../../../lib/agent/nats/service.ts";
import { systemClock } from "../../../lib/base/time/clock.ts";
import { createServer } from "../../../lib/mcp/server.ts";
import { defineTool } from "../../../lib/mcp/tool.ts";
import { openNats } from "../../../lib/nats/connection.ts";
import { META_CLAIMS } from "../../../lib/work/claims/protocol.ts";
import { plainSettings } from "../../../tests/nats/server.ts";

const CLAIMS = { directory: "/var/lib/fixed/claims", id: "fixed", boot: "fixed" };
const log = { debug: () => {}, info: () => {}, warn: console.error, error: console.error };

const shell = defineTool({
  name: "shell",
  title: "Fixed answer",
  description: "Prints a fixed text.",
  readOnly: false,
  input: z.looseObject({}),
  run: () => Promise.resolve({ content: [{ type: "text", text: "[rc=0]\nfixed answer\n" }] }),
});
const tools = [shell];
const server = createServer({
  name: "fixed",
  version: "1",
  tools: () => tools,
  extension: { announce: () => Promise.resolve({ [META_CLAIMS]: CLAIMS }), methods: new Map() },
  log: log.error,
  maxCalls: () => Infinity,
});

const [port, address = "", from, to] = Deno.args;
const settings = plainSettings(address);
const connected: Promise<void>[] = [];
for (let at = Number(from); at < Number(to); at++) connected.push(serveHost(`host${at}`));
await Promise.all(connected);
Deno.listen({ hostname: "127.0.0.1", port: Number(port) });

function serveHost(name: string): Promise<void> {
  const connection = openNats({ settings, name, log });
  const agent = crypto.randomUUID();
  serveNats({ connection, server, name, agent, clock: systemClock, log });
  announce({
    connection,
    name,
    agent,
    tags: [],
    tools: tools.length,
    boot: () => Promise.resolve(null),
    clock: systemClock,
  });
  return new Promise((resolve) => {
    if (connection.isUp()) resolve();
    connection.watch((isUp) => isUp && resolve());
  });
}
