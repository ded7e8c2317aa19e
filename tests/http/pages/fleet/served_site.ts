import assert from "node:assert/strict";
import { Secret } from "../../../../lib/base/secret.ts";
import { type Authenticator, createAuthenticator } from "../../../../lib/http/auth.ts";
import { createHttpHandler, type RequestInfo } from "../../../../lib/http/handler.ts";
import { createSite, type SiteOptions } from "../../../../lib/http/pages/fleet/site.ts";
import { createServer } from "../../../../lib/mcp/server.ts";
import { createFakeClock, type FakeClock } from "../../../base/time/fake_clock.ts";
import { createFakeView, type FakeView } from "./fake_view.ts";

/** The hub's own token, and that of the client ann. */
export const TOKEN = "the-hub-token";
export const ANN = "the-token-of-ann";

/** A handler with the fleet page of a fake view. */
export interface TestSite {
  readonly clock: FakeClock;
  readonly fleet: FakeView;
  readonly bugs: unknown[];
  /** Paths of requests that were reported as denied, and whether they had a token. */
  readonly denied: [path: string, options: unknown][];
  readonly stop: AbortController;
  readonly handler: (request: Request, info?: RequestInfo) => Response | Promise<Response>;
  /** From now on, these tokens are accepted, by name; none: everybody is. */
  readonly accept: (tokens: Readonly<Record<string, string>>) => void;
  /** Sends a request to `http://localhost:8090`. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** Signs in; returns the header that the browser sends from then on. */
  readonly signIn: (token: string) => Promise<{ readonly cookie: string }>;
}

/** Makes a `TestSite` with two tokens. */
export function createTestSite(
  options: Partial<SiteOptions> & { readonly fleet?: FakeView } = {},
): TestSite {
  const { fleet = createFakeView() } = options;
  const clock = createFakeClock();
  const stop = new AbortController();
  const [bugs, denied]: [unknown[], TestSite["denied"]] = [[], []];
  let current: Authenticator = () => null;
  const authenticate: Authenticator = (request) => current(request);
  const accept: TestSite["accept"] = (tokens) => {
    const named = Object.entries(tokens);
    current = createAuthenticator(
      named.map(([name, token]) => ({ name, token: new Secret(token) })),
    );
  };
  accept({ default: TOKEN, ann: ANN });
  const site = createSite({
    authenticate,
    openView: fleet.open,
    allowedHosts: [],
    onDenied: ({ url }, _remote, options) => denied.push([new URL(url).pathname, options]),
    onBug: (error) => bugs.push(error),
    stop: stop.signal,
    clock,
    ...options,
  });
  const server = createServer({ name: "s", version: "1", tools: () => [], log() {}, clock });
  const handler = createHttpHandler({
    server,
    clock,
    authenticate,
    allowedHosts: [],
    isLoopbackBind: true,
    site,
    routes: [{ path: "/metrics", needsToken: true, handle: () => new Response("metrics") }],
  });
  const ask: TestSite["ask"] = async (path, init) =>
    await handler(new Request(`http://localhost:8090${path}`, init));

  async function signIn(token: string) {
    const response = await ask("/sign-in", form({ token }));
    assert.equal(response.status, 303, await response.text());
    return { cookie: cookiesOf(response) };
  }

  return { clock, fleet, bugs, denied, stop, handler, accept, ask, signIn };
}

/** A form as a browser sends it from a page of the site. */
export function form(
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { origin: "http://localhost:8090", ...headers },
  };
}

/** The `Cookie` header that a browser sends after a response. */
export function cookiesOf({ headers }: Response): string {
  return headers.getSetCookie().map((cookie) => cookie.split(";")[0]).join("; ");
}
