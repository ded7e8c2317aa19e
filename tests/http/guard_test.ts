import assert from "node:assert/strict";
import { createGuard } from "../../lib/http/guard.ts";

interface Case {
  readonly host: string;
  readonly origin?: string;
  /** Whether a loopback bind, then whether a public one lets it pass. */
  readonly passes: readonly [boolean, boolean];
}

/** Of most of these, `URL` makes the host localhost, or hub.example. */
const NO_HOSTS = [
  ...["", "a b", "[::", "[::1", "::1", "[::1]x", "[::1]:80x", "[::1%25lo]", "[localhost]"],
  ...["localhost/evil", "localhost/", "localhost#.evil", "localhost\\.evil", "localhost?evil"],
  ...["evil@localhost", "evil:x@localhost", "@localhost", "/localhost", "//localhost"],
  ...["localhost:", "localhost:99999", "localhost:80:80", "localhost:+80", "localhost:8O"],
  ...["localhost, evil", "localhost evil", "local%68ost", "localhost%2fevil", "local\u00adhost"],
  ...["hub.example/evil", "hub.example#.evil", "evil@hub.example"],
];

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
  { host: "127.1:8090", passes: [true, true] },
  ...NO_HOSTS.map((host): Case => ({ host, passes: [false, false] })),
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
      const reason = guard({ url: `http://${host}/mcp`, headers: new Headers(headers) });
      assert.equal(reason === null, isPassed, reason ?? "passed");
    });
  }
}

const PAIRS: readonly (readonly [host: string, url: string, passes: boolean])[] = [
  ["localhost:8090", "https://localhost:8090/mcp", true],
  ["LOCALHOST:8090", "https://localhost:8090/mcp", true],
  ["127.0.0.1", "https://127.0.0.1", true],
  ["localhost", "https://evil.example/mcp", false],
  ["evil.example", "https://localhost/mcp", false],
  ["localhost:8090", "https://localhost:8091/mcp", false],
  ["localhost", "https://hub.example/mcp", false],
  ["localhost", "https://evil@localhost/mcp", false],
];

for (const [host, url, passes] of PAIRS) {
  for (const isLoopbackBind of [true, false]) {
    const bind = isLoopbackBind ? "a loopback" : "a public";
    const what = `Host ${host} of a request for ${url}`;
    Deno.test(`createGuard() on ${bind} bind ${passes ? "passes" : "refuses"} ${what}`, () => {
      const guard = createGuard({ allowedHosts: ["hub.example"], isLoopbackBind });
      assert.equal(guard({ url, headers: new Headers({ host }) }) === null, passes);
    });
  }
}

Deno.test("createGuard() takes the URL's host where there is no Host header", () => {
  const guard = createGuard({ allowedHosts: [], isLoopbackBind: true });
  assert.equal(guard(new Request("http://127.0.0.1:8090/mcp")), null);
  assert.notEqual(guard(new Request("http://evil.example/mcp")), null);
});
