import assert from "node:assert/strict";
import { createRoutes } from "../../../lib/http/pages/routes.ts";

/** What a page answers. */
async function ask(
  path: string,
  { stopping = false, metricsPublic = false, principal = null }: {
    stopping?: boolean;
    metricsPublic?: boolean;
    principal?: string | null;
  },
) {
  const routes = createRoutes({
    isStopping: () => stopping,
    metrics: () => Promise.resolve({ text: "up 1\n", contentType: "text/plain; version=0.0.4" }),
    metricsPublic,
    seesAllHosts: (name) => name === "default",
  });
  const route = routes.find((known) => known.path === path);
  const response = await route?.handle(
    new Request(`http://127.0.0.1${path}`),
    principal === null ? null : { name: principal },
  );
  return {
    needsToken: route?.needsToken,
    status: response?.status,
    type: response?.headers.get("content-type"),
    text: await response?.text(),
  };
}

Deno.test("/healthz says 200, or 503 while stopping, to anyone", async () => {
  const type = "text/plain; charset=utf-8";
  assert.deepEqual(await ask("/healthz", {}), {
    needsToken: false,
    status: 200,
    type,
    text: "ok\n",
  });
  assert.deepEqual(await ask("/healthz", { stopping: true }), {
    needsToken: false,
    status: 503,
    type,
    text: "stopping\n",
  });
});

Deno.test("/metrics needs a token, unless the metrics are public", async () => {
  assert.equal((await ask("/metrics", {})).needsToken, true);
  assert.equal((await ask("/metrics", { metricsPublic: true })).needsToken, false);
});

Deno.test("/metrics are for those who may see all hosts", async () => {
  const answer = await ask("/metrics", { principal: "default" });
  assert.deepEqual([answer.status, answer.type, answer.text], [
    200,
    "text/plain; version=0.0.4",
    "up 1\n",
  ]);
  const refused = await ask("/metrics", { principal: "ann" });
  assert.equal(refused.status, 403);
  assert.doesNotMatch(refused.text ?? "", /up 1/);
});
