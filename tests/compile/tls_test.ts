import assert from "node:assert/strict";
import { makeCertificate } from "../certificate.ts";
import { finish, programCommand, serve } from "./program.ts";

Deno.test("the hub serves HTTPS with LMCP_TLS_CERT and LMCP_TLS_KEY, and HTTPS alone", async () => {
  await using certificate = await makeCertificate();
  const { directory, env } = certificate;
  await using hub = await serve(
    programCommand("hub", ["--port", "0", "--registry", "/none"], { cwd: directory, env }),
  );
  assert.match(hub.url, /^https:\/\/127\.0\.0\.1:\d+\/mcp$/);
  const caCerts = [await Deno.readTextFile(`${directory}/cert.pem`)];
  using client = Deno.createHttpClient({ caCerts });
  const response = await fetch(hub.url, {
    client,
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  });
  assert.deepEqual(await response.json(), { jsonrpc: "2.0", id: 1, result: {} });
  await assert.rejects(fetch(hub.url.replace("https", "http")));
});

Deno.test("the hub does not start with a certificate it cannot use, and names it", async () => {
  await using certificate = await makeCertificate();
  const { directory, env } = certificate;
  const start = () =>
    finish(programCommand("hub", ["--port", "0", "--registry", "/none"], { cwd: directory, env }));

  await Deno.writeTextFile(`${directory}/cert.pem`, "no certificate");
  const bad = await start();
  assert.equal(bad.code, 2);
  assert.match(
    bad.stderr,
    /^lmcp-hub: Cannot serve HTTPS with certificate ".*\/cert\.pem" and key ".*": No certificates found/m,
  );
  const checked = await finish(programCommand("hub", ["--check"], { cwd: directory, env }));
  assert.equal(checked.code, 2);
  assert.match(checked.stdout, /LMCP_TLS_CERT: .*: No certificates found/);

  await Deno.remove(`${directory}/cert.pem`);
  const missing = await start();
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /^LMCP_TLS_CERT: error: cannot read ".*": no such file$/m);
});
