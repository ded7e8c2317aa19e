import assert from "node:assert/strict";
import { at } from "../mcp/wire.ts";
import { until } from "../processes.ts";
import { callTool } from "./client.ts";
import { startFleet } from "./fleet.ts";

const TOKEN = "the-token-of-the-hub";
const authorization = `Bearer ${TOKEN}`;

/** A page of the hub, as somebody with the token gets it. */
async function get(origin: string, path: string): Promise<Response> {
  return await fetch(`${origin}${path}`, { headers: { authorization } });
}

async function getJson(origin: string, path: string): Promise<unknown> {
  const response = await get(origin, path);
  assert.equal(response.status, 200);
  return await response.json();
}

/** The events of a stream as they come; `until` returns the first that a condition holds for. */
function readEvents(response: Response) {
  const events: unknown[] = [];
  const body = response.body ?? assert.fail();
  const ended = (async () => {
    let text = "";
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const parts = (text + chunk).split("\n\n");
      text = parts.pop() ?? "";
      for (const part of parts) {
        const data = part.split("\n").filter((line) => line.startsWith("data:"))
          .map((line) => line.slice(5)).join("\n");
        if (data !== "") events.push(JSON.parse(data));
      }
    }
  })();
  return { events, ended };
}

Deno.test("serve shows its fleet at /, and what has happened on it, to whoever has the token", async () => {
  await using fleet = await startFleet({ env: { LMCP_TOKEN: TOKEN } });
  const origin = `http://127.0.0.1:${fleet.hub.port}`;
  const refused = await fetch(`${origin}/`);
  assert.equal(refused.status, 401);
  assert.doesNotMatch(await refused.text(), /"here"/);
  const headers = { authorization };
  const args = { host: "here", command: "echo the-contents" };
  await callTool(fleet.hub.url, { tool: "remote_shell", args, headers });
  const page = await get(origin, "/");
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.match(html, /here/);
  assert.doesNotMatch(html, /the-contents|the-token/);
  const detail = await getJson(origin, "/api/hosts/here");
  assert.deepEqual([at(detail, "row", "status"), at(detail, "agent", "name")], [
    "lmcp",
    "lmcp-agent",
  ]);
  assert.deepEqual([at(detail, "calls", 0, "tool"), at(detail, "calls", 0, "outcome")], [
    "remote_shell",
    "ok",
  ]);
  assert.deepEqual(await getJson(origin, "/api/match?q=h*"), { kind: "hosts", names: ["here"] });
});

Deno.test("serve probes hosts while a page is open, and stops in spite of it", async () => {
  await using fleet = await startFleet({ env: { LMCP_TOKEN: TOKEN } });
  const origin = `http://127.0.0.1:${fleet.hub.port}`;
  const { events, ended } = readEvents(await get(origin, "/api/events"));
  await until(() => events.length > 0);
  assert.deepEqual([at(events[0], "kind"), at(events[0], "overview", "hosts", 0, "name")], [
    "all",
    "here",
  ]);
  const isUp = (event: unknown) =>
    at(event, "hosts", 0, "status") === "lmcp" ||
    at(event, "overview", "hosts", 0, "status") === "lmcp";
  await until(() => events.some(isUp));
  fleet.hub.kill("SIGTERM");
  const startedAt = performance.now();
  assert.equal((await fleet.hub.ended).code, 0);
  // Calls that run would be given ten seconds.
  assert.ok(performance.now() - startedAt < 5_000);
  await ended;
});
