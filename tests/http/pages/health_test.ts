import assert from "node:assert/strict";
import { healthRoute } from "../../../lib/http/pages/health.ts";

Deno.test("/healthz says 200, or 503 while stopping, to anyone", async () => {
  let isStopping = false;
  const { path, needsToken, handle } = healthRoute(() => isStopping);
  assert.deepEqual([path, needsToken], ["/healthz", false]);
  for (
    const [stopping, status, text] of [[false, 200, "ok\n"], [true, 503, "stopping\n"]] as const
  ) {
    isStopping = stopping;
    const response = await handle(new Request("http://127.0.0.1/healthz"), null);
    assert.deepEqual([response.status, await response.text()], [status, text]);
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    assert.equal(response.headers.get("cache-control"), "no-store");
  }
});
