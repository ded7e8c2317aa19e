import assert from "node:assert/strict";
import { createGuard } from "../../lib/http/guard.ts";

interface Case {
  readonly host: string;
  readonly origin?: string;
  /** Whether a loopback bind, then whether a public one lets it pass. */
  readonly passes: readonly [boolean, boolean];
}

const CASES: readonly Case[] = [
  { host: "127.0.0.1:8090", passes: [true, true] },
  { host: "127.1.2.3", passes: [true, true] },
  { host: "localhost:8090", passes: [true, true] },
  { host: "LOCALHOST", passes: [true, true] },
  { host: "[::1]:8090", passes: [true, true] },
  { host: "hub.example", passes: [true, true] },
  { host: "HUB.example:443", passes: [true, true] },
  { host: "evil.example", passes: [false, true] },
  { host: "localhost.evil.example", passes: [false, true] },
  { host: "127.0.0.1.evil.example", passes: [false, true] },
  { host: "sub.hub.example", passes: [false, true] },
  { host: "0.0.0.0:8090", passes: [false, true] },
  { host: "a b", passes: [false, false] },
  { host: "[::", passes: [false, false] },
  { host: "localhost:8090", origin: "http://localhost:3000", passes: [true, true] },
  { host: "localhost:8090", origin: "https://hub.example", passes: [true, true] },
  { host: "localhost:8090", origin: "http://[::1]:1", passes: [true, true] },
  { host: "localhost:8090", origin: "http://evil.example", passes: [false, false] },
  { host: "localhost:8090", origin: "http://localhost.evil.example", passes: [false, false] },
  { host: "localhost:8090", origin: "null", passes: [false, false] },
  { host: "localhost:8090", origin: "localhost", passes: [false, false] },
  { host: "localhost:8090", origin: "", passes: [false, false] },
  { host: "public.example", origin: "https://public.example", passes: [false, true] },
  { host: "public.example:443", origin: "https://public.example", passes: [false, true] },
  { host: "public.example:8090", origin: "http://public.example:8090", passes: [false, true] },
  { host: "public.example:8090", origin: "http://public.example:9", passes: [false, false] },
  { host: "public.example", origin: "https://evil.example", passes: [false, false] },
];

for (const { host, origin, passes } of CASES) {
  for (const isLoopbackBind of [true, false]) {
    const isPassed = passes[isLoopbackBind ? 0 : 1];
    const bind = isLoopbackBind ? "a loopback" : "a public";
    const name = `createGuard() on ${bind} bind ${isPassed ? "passes" : "refuses"} Host ${host}` +
      (origin === undefined ? "" : `, Origin "${origin}"`);
    Deno.test(name, () => {
      const guard = createGuard({ allowedHosts: ["Hub.Example"], isLoopbackBind });
      const headers = origin === undefined ? { host } : { host, origin };
      const reason = guard(new Request("http://127.0.0.1:8090/mcp", { headers }));
      assert.equal(reason === null, isPassed, reason ?? "passed");
    });
  }
}

Deno.test("createGuard() takes the URL's host where there is no Host header", () => {
  const guard = createGuard({ allowedHosts: [], isLoopbackBind: true });
  assert.equal(guard(new Request("http://127.0.0.1:8090/mcp")), null);
  assert.notEqual(guard(new Request("http://evil.example/mcp")), null);
});
