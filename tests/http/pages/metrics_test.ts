import assert from "node:assert/strict";
import { metricsRoute } from "../../../lib/http/pages/metrics.ts";

const CONTENT_TYPE = "text/plain; version=0.0.4";

function routeOf(isPublic: boolean) {
  return metricsRoute({
    read: () => Promise.resolve({ text: "up 1\n", contentType: CONTENT_TYPE }),
    isPublic,
    seesAllHosts: (name) => name === "default",
  });
}

async function ask(principal: string | null) {
  const name = principal === null ? null : { name: principal };
  const response = await routeOf(true).handle(new Request("http://127.0.0.1/metrics"), name);
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    text: await response.text(),
  };
}

Deno.test("/metrics needs a token, unless the metrics are public", async () => {
  assert.deepEqual([routeOf(false).path, routeOf(false).needsToken], ["/metrics", true]);
  assert.equal(routeOf(true).needsToken, false);
  assert.equal((await ask(null)).status, 200);
});

Deno.test("/metrics are for those who may see all hosts", async () => {
  assert.deepEqual(await ask("default"), { status: 200, type: CONTENT_TYPE, text: "up 1\n" });
  const refused = await ask("ann");
  assert.equal(refused.status, 403);
  assert.doesNotMatch(refused.text, /up 1/);
});
