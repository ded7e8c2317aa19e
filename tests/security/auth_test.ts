import assert from "node:assert/strict";
import { dirname } from "node:path";
import { assertQuick } from "../assert_quick.ts";
import { untilListening } from "../e2e/client.ts";
import { CANNOT_WRITE_ELSEWHERE, runProgram, startProgram, temporaryFile } from "../e2e/program.ts";

const TOKEN = "the-right-token";
/** A little less than for how long an answer to somebody who guesses is held back. */
const HELD_MS = 1_900;
const PUBLIC = ["/healthz", "/.well-known/oauth-protected-resource", "/.well-known/x"];
const GUARDED = ["/mcp", "/metrics", "/", "/healthz/", "/healthz/x", "/HEALTHZ", "//healthz", "/x"];

Deno.test("auth: every page but /healthz and /.well-known/ asks for the token", async () => {
  await using hub = startProgram({ env: { LMCP_TOKEN: TOKEN, LMCP_HUB_CONF: "" } });
  await untilListening(hub.port);
  const { origin } = new URL(hub.url);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(origin + path, init);
    return { status: response.status, text: await response.text(), headers: response.headers };
  };
  for (const path of PUBLIC) assert.notEqual((await ask(path)).status, 401, path);
  assert.equal((await ask("/healthz")).text, "ok\n");
  const refused = GUARDED.flatMap((path) =>
    ["GET", "POST", "DELETE", "PUT", "OPTIONS"].flatMap((method) =>
      [null, "", TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase()].map(async (token) => {
        const headers: Record<string, string> = token === null
          ? {}
          : { authorization: `Bearer ${token}` };
        const answer = await ask(path, { method, headers });
        assert.equal(answer.status, 401, `${method} ${path} ${token}`);
        assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      })
    )
  );
  assert.equal(refused.length, 200);
  await Promise.all(refused);
  const headers = { authorization: `Bearer ${TOKEN}` };
  assert.match((await ask("/metrics", { headers })).text, /^# HELP lmcp_hub_build_info/);
});

Deno.test("auth: LMCP_METRICS_PUBLIC=1 opens /metrics, and nothing else", async () => {
  const env = { LMCP_TOKEN: TOKEN, LMCP_HUB_CONF: "", LMCP_METRICS_PUBLIC: "1" };
  await using hub = startProgram({ env });
  await untilListening(hub.port);
  const { origin } = new URL(hub.url);
  const statusOf = async (path: string) => {
    const response = await fetch(origin + path);
    await response.body?.cancel();
    return response.status;
  };
  assert.deepEqual([await statusOf("/metrics"), await statusOf("/mcp")], [200, 401]);
});

Deno.test("auth: attempts with a wrong token are logged and audited, a bounded number of them", {
  ignore: CANNOT_WRITE_ELSEWHERE,
}, async () => {
  await using audit = await temporaryFile("audit.jsonl", "");
  const env = { LMCP_TOKEN: TOKEN, LMCP_HUB_CONF: "", LMCP_HUB_AUDIT: audit.path };
  await using hub = startProgram({ env, writes: dirname(audit.path) });
  await untilListening(hub.port);
  const attempt = async (headers: Record<string, string>) => {
    const response = await fetch(`${hub.url}?q=canary-query`, { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await attempt({}), 401);
  const forged = { authorization: "Bearer canary-guess", "x-forwarded-for": "203.0.113.9" };
  // At once, since the answers to most of them are held back.
  const statuses = await Promise.all(Array.from({ length: 200 }, () => attempt(forged)));
  assert.deepEqual(new Set(statuses), new Set([401]));
  hub.kill("SIGTERM");
  const { stderr } = await hub.ended;
  const lines = (await Deno.readTextFile(audit.path)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const facts = { event: "denied", remote: "127.0.0.1", path: "/mcp" };
  const { time: _, ...first } = lines[0];
  const { time: __, ...second } = lines[1];
  assert.deepEqual(first, { ...facts, had_token: false, forwarded_for: null });
  assert.deepEqual(second, { ...facts, had_token: true, forwarded_for: "203.0.113.9" });
  assert.ok(lines.length >= 60 && lines.length < 70, `${lines.length} lines`);
  assert.equal(stderr.split("WARN a request without a valid token").length - 1, lines.length);
  assert.ok(stderr.includes(`more requests without a valid token count=${201 - lines.length}`));
  assert.doesNotMatch(stderr + JSON.stringify(lines), /canary/);
});

for (
  const [what, env] of [
    ["a public bind without a token", { LMCP_HOST: "0.0.0.0" }],
    ["a proxy in front of it and no token", { LMCP_ALLOWED_HOSTS: "hub.example.org" }],
    ["an empty token", { LMCP_TOKEN_FILE: "/dev/null" }],
    ["an audit file that cannot be made", { LMCP_HUB_AUDIT: "/proc/audit.jsonl" }],
  ] as const
) {
  Deno.test(`bind: ${what} refuses to start, with exit 2`, async () => {
    const { code, stderr } = await runProgram({ env: { LMCP_HUB_CONF: "", ...env } });
    assert.equal(code, 2);
    assert.match(stderr, /LMCP_HOST|LMCP_ALLOWED_HOSTS|LMCP_TOKEN_FILE|audit file/);
  });
}

Deno.test("rebinding: a foreign Host or Origin is refused on every page", async () => {
  await using hub = startProgram({ env: { LMCP_HUB_CONF: "" } });
  await untilListening(hub.port);
  const statusOf = async (path: string, headers: readonly string[]) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: hub.port });
    const lines = [`GET ${path} HTTP/1.1`, ...headers, "Connection: close", "", ""];
    await connection.write(new TextEncoder().encode(lines.join("\r\n")));
    const answer = new Uint8Array(64);
    await connection.read(answer);
    return new TextDecoder().decode(answer).slice(9, 12);
  };
  const own = `Host: 127.0.0.1:${hub.port}`;
  for (const path of ["/mcp", "/metrics", "/healthz", "/.well-known/x", "/"]) {
    assert.notEqual(await statusOf(path, [own]), "403", path);
    for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"]) {
      assert.equal(await statusOf(path, [`Host: ${name}`]), "403", `${path} ${name}`);
      assert.equal(await statusOf(path, [own, `Origin: http://${name}`]), "403", `${path} ${name}`);
    }
    assert.equal(await statusOf(path, [own, "Origin: null"]), "403", path);
  }
});

Deno.test("bind: an agent that runs as root refuses to start without a token, with exit 2", {
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
}, async () => {
  const env = { LMCP_WITHOUT_TOKEN: "", LMCP_HUB_CONF: "" };
  const { code, stderr } = await runProgram({ args: ["--agent"], permissions: "agent", env });
  assert.deepEqual([code, stderr.split(":", 2).join(":")], [2, "inbound token: error"]);
});

Deno.test("auth: whoever guesses is slowed down, and nobody else, from the same address", async () => {
  await using hub = startProgram({ env: { LMCP_TOKEN: TOKEN, LMCP_HUB_CONF: "" } });
  await untilListening(hub.port);
  const { origin } = new URL(hub.url);
  const ask = async (token: string | null, path = "/metrics") => {
    const headers = new Headers(token === null ? {} : { authorization: `Bearer ${token}` });
    const response = await fetch(origin + path, { headers });
    await response.body?.cancel();
    return response.status;
  };
  /** Whoever is not slowed down now is not at another try either. */
  const assertAtOnce = (status: number, ...args: Parameters<typeof ask>) =>
    assertQuick(HELD_MS, async () => assert.equal(await ask(...args), status));
  await ask(TOKEN);
  const startedAt = performance.now();
  const first = await Promise.all(Array.from({ length: 10 }, (_, count) => ask(`guess-${count}`)));
  assert.ok(performance.now() - startedAt < HELD_MS);
  assert.deepEqual(new Set(first), new Set([401]));
  const held = ["/mcp", "/metrics", "/", "/data", "/sign-in", "/x"].map(async (path) => {
    const startedAt = performance.now();
    await ask("guess", path);
    return performance.now() - startedAt;
  });
  for (let count = 0; count < 20; count++) await assertAtOnce(200, TOKEN);
  // No token is no guess.
  await assertAtOnce(401, null);
  await assertAtOnce(200, null, "/sign-in");
  for (const ms of await Promise.all(held)) assert.ok(ms > HELD_MS, `${ms} ms`);
});
