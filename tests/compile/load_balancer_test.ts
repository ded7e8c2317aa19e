import assert from "node:assert/strict";
import { at, modernHeaders, modernRequest, request } from "../mcp/wire.ts";
import { NGINX, startNginx, type TestNginx } from "../nginx.ts";
import { answerOf, send } from "./exchange.ts";
import { programCommand, ROOT, serve } from "./program.ts";

/** Starts nginx with the configuration that `docs/operating.md` gives, in front of these hubs. */
async function startBalancer(hubs: readonly string[]): Promise<TestNginx> {
  const docs = await Deno.readTextFile(`${ROOT}docs/operating.md`);
  const servers = hubs.map((hub) => `server ${new URL(hub).host};`).join("\n");
  const advice = (/```nginx\n([^`]*)```/.exec(docs)?.[1] ?? "")
    .replace(/(?: *server 127\.0\.0\.1:\d+;\n)+/, `${servers}\n`);
  return await startNginx({ advice, accessLog: () => "access_log off;" });
}

interface Fleet extends AsyncDisposable {
  readonly url: string;
}

/** An agent, two hubs that know it as `here`, and nginx in front of them. */
async function startFleet(): Promise<Fleet> {
  const directory = await Deno.makeTempDir();
  await using parts = new AsyncDisposableStack();
  parts.defer(() => Deno.remove(directory, { recursive: true }));
  const place = { cwd: directory };
  const agent = parts.use(await serve(programCommand("agent", ["--agent", "--port", "0"], place)));
  const registry = `${directory}/hosts.toml`;
  await Deno.writeTextFile(registry, `[hosts.here]\nlmcp_url = "${agent.url}"\n`);
  const urls: string[] = [];
  for (const name of ["hub-a", "hub-b"]) {
    const env = {
      LMCP_NAME: name,
      LMCP_ALLOWED_HOSTS: "hub.example.org",
      LMCP_WITHOUT_TOKEN: "1",
    };
    const args = ["--port", "0", "--registry", registry];
    const hub = parts.use(await serve(programCommand("hub", args, { ...place, env })));
    urls.push(hub.url);
  }
  const balancer = parts.use(await startBalancer(urls));
  const kept = parts.move();
  return {
    url: `http://127.0.0.1:${balancer.port}/mcp`,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const shell = (command: string) => ({
  name: "remote_shell",
  arguments: { host: "here", command },
});

function balancerTest(name: string, run: () => Promise<void>): void {
  Deno.test({
    name: NGINX === null ? `${name} (ignored: nginx is not installed)` : name,
    ignore: NGINX === null,
    fn: run,
  });
}

balancerTest(
  "two hubs behind nginx serve modern clients, whichever a request reaches",
  async () => {
    await using fleet = await startFleet();
    const names = new Set<unknown>();
    for (let id = 0; id < 20; id++) {
      const message = modernRequest(id, "tools/call", shell(`echo ${id}`));
      const answer = await answerOf(await send(fleet.url, message, modernHeaders(message)));
      assert.equal(at(answer, "result", "content", 0, "text"), `[rc=0]\n${id}\n`);
      names.add(at(answer, "result", "_meta", "io.modelcontextprotocol/serverInfo", "name"));
    }
    assert.deepEqual([...names].toSorted(), ["hub-a", "hub-b"]);
  },
);

balancerTest(
  "two hubs behind nginx serve legacy clients, whichever a session reaches",
  async () => {
    await using fleet = await startFleet();
    const names = new Set<unknown>();
    for (let client = 0; client < 20; client++) {
      const hello = await send(
        fleet.url,
        request(0, "initialize", { protocolVersion: "2025-11-25" }),
      );
      const headers = { "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
      names.add(at(await hello.json(), "result", "serverInfo", "name"));
      const answer = await answerOf(
        await send(fleet.url, request(1, "tools/call", shell("echo hi")), headers),
      );
      assert.equal(at(answer, "result", "content", 0, "text"), "[rc=0]\nhi\n");
    }
    assert.deepEqual([...names].toSorted(), ["hub-a", "hub-b"]);
  },
);

balancerTest(
  "behind nginx, progress comes while a call runs, and cancelling finds it",
  async () => {
    await using fleet = await startFleet();
    const hello = await send(
      fleet.url,
      request(0, "initialize", { protocolVersion: "2025-11-25" }),
    );
    await hello.body?.cancel();
    const headers = { "mcp-session-id": hello.headers.get("mcp-session-id") ?? "" };
    const params = { ...shell("echo begun; sleep 60"), _meta: { progressToken: "t" } };
    const running = await send(fleet.url, request(1, "tools/call", params), headers);
    assert.equal(running.headers.get("content-type"), "text/event-stream");
    const reader = running.body?.getReader();
    assert.equal((await reader?.read())?.done, false);
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    const accepted = await send(fleet.url, cancel, headers);
    await accepted.body?.cancel();
    assert.equal(accepted.status, 202);
    let rest = "";
    for (;;) {
      const { value, done } = await reader?.read() ?? { value: undefined, done: true };
      if (done) break;
      rest += new TextDecoder().decode(value);
    }
    assert.doesNotMatch(rest, /"result"/);
  },
);
