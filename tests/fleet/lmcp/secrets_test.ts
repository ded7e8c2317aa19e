import assert from "node:assert/strict";
import { startBackend } from "../../lab/backend.ts";
import { labHost } from "../../lab/host.ts";
import { redirect } from "../../lab/faults/http.ts";
import { openHub } from "../../lab/hub.ts";
import { runOwnProcess } from "../../own_process.ts";
import { summary } from "../answers.ts";

const TOKEN = "canary-token";

Deno.test("the bearer token goes to the backend, with each request", async () => {
  await using backend = await startBackend();
  const host = labHost({ lmcpUrl: backend.url, token: TOKEN });
  await using hub = openHub({ hosts: [host] });
  await hub.call("remote_list_dir", { host: host.name });
  const tokens = backend.requests.map(({ wire }) => wire.headers.get("authorization"));
  assert.deepEqual(tokens, [`Bearer ${TOKEN}`, `Bearer ${TOKEN}`]);
});

for (const code of [301, 302, 303, 307, 308]) {
  Deno.test(`a redirect (${code}) is not followed, so that the token goes nowhere else`, async () => {
    await using elsewhere = await startBackend();
    await using backend = await startBackend({
      behaviour: () => redirect(code, `${elsewhere.url}?key=secret`),
    });
    const host = labHost({ lmcpUrl: backend.url, token: TOKEN });
    await using hub = openHub({ hosts: [host] });
    const answer = summary(await hub.call("remote_shell", { host: host.name, command: "true" }));
    assert.deepEqual([answer.via, answer.reason], [
      "ssh",
      `http ${code}: moved to ${elsewhere.url}`,
    ]);
    assert.equal(elsewhere.requests.length, 0);
    assert.equal(elsewhere.connections, 0);
  });
}

Deno.test("an answer that reports a failure does not hold the token", async () => {
  await using backend = await startBackend();
  await backend.stop();
  const host = labHost({ lmcpUrl: backend.url, token: TOKEN, sshHost: null });
  await using hub = openHub({ hosts: [host] });
  const answer = await hub.call("remote_shell", { host: host.name, command: "true" });
  assert.equal(summary(answer).outcome, "not_delivered");
  assert.doesNotMatch(JSON.stringify(answer), new RegExp(TOKEN));
});

Deno.test("with proxies set in the environment, nothing reaches them", async () => {
  await using backend = await startBackend();
  let connections = 0;
  const proxy = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counted = (async () => {
    for await (const connection of proxy) {
      connections++;
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${proxy.addr.port}`;
  const names = ["http_proxy", "https_proxy", "all_proxy"];
  const printed = await runOwnProcess("lab/call_once.ts", {
    args: [backend.url],
    env: {
      ...Object.fromEntries(names.flatMap((name) => [[name, url], [name.toUpperCase(), url]])),
      no_proxy: "",
      NO_PROXY: "",
      // Deno itself heeds them when it looks for a newer version.
      DENO_NO_UPDATE_CHECK: "1",
    },
  });
  assert.equal(printed, "lmcp\n");
  assert.equal(backend.requests.at(-1)?.method, "tools/call");
  proxy.close();
  await counted;
  assert.equal(connections, 0);
});
