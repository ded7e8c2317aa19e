/** Which names a server answers to. */
export interface GuardOptions {
  /** Names beside the loopback ones that `Host` and `Origin` may carry, without port. */
  readonly allowedHosts: readonly string[];
  /** The server listens on a loopback address alone, so that any other `Host` was rebound to it. */
  readonly isLoopbackBind: boolean;
}

/** What the names of a request are in. */
export type Named = Pick<Request, "url" | "headers">;

/**
 * Refuses requests that a web page made a browser send: a foreign `Origin`, or on a loopback bind a
 * foreign `Host` (DNS rebinding); and those that name nobody, or two. Returns the reason, or null for a request that may pass.
 */
export function createGuard(options: GuardOptions): (request: Named) => string | null {
  const allowed = new Set(options.allowedHosts.map((name) => name.toLowerCase()));
  const isAllowed = (name: string) => isLoopbackName(name) || allowed.has(name);
  const acceptsHost = remember((host) => {
    const name = parseAuthority(host)?.hostname;
    return name !== undefined && (!options.isLoopbackBind || isAllowed(name));
  });

  return function checkNames(request) {
    const host = authorityOf(request);
    if (!acceptsHost(host)) return `Host ${JSON.stringify(host)} is refused`;
    const other = authorityIn(request.url);
    if (other !== host && !isSameHost(other, host)) {
      return `Host ${JSON.stringify(host)} is refused: the request is for ${JSON.stringify(other)}`;
    }
    const origin = request.headers.get("origin");
    if (origin === null) return null;
    const url = URL.parse(origin);
    if (url !== null && (isAllowed(url.hostname) || isSameAuthority(url, host))) return null;
    return `Origin ${JSON.stringify(origin)} is refused`;
  };
}

/** A test that remembers its last answer: nearly all requests carry the same `Host`. */
function remember(test: (text: string) => boolean): (text: string) => boolean {
  let last = "";
  let answer = test(last);
  return function testRemembered(text) {
    if (text === last) return answer;
    answer = test(text);
    last = text;
    return answer;
  };
}

/** `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` writes them. */
function isLoopbackName(name: string): boolean {
  return name === "localhost" || name === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/**
 * Whether an origin has that host and port. Behind a reverse proxy the scheme of `Host` is unknown: it
 * is taken to be the origin's.
 */
export function isSameAuthority(origin: URL, host: string): boolean {
  return origin.host === URL.parse(`${origin.protocol}//${host}`)?.host;
}

/** Whom a request is for: its `Host`, or what HTTP/2 has instead. */
export function authorityOf({ url, headers }: Named): string {
  return headers.get("host") ?? authorityIn(url);
}

/**
 * The same for an absolute URL as it came, over HTTP/2 or to a proxy: `URL` makes a host of much that
 * names none, and of some that names two.
 */
function authorityIn(url: string): string {
  const start = url.indexOf("//") + 2;
  const end = url.indexOf("/", start);
  return url.slice(start, end < 0 ? undefined : end);
}

/** A name, an IPv4 address, or an IPv6 address in brackets; with a port or without: nothing else. */
const AUTHORITY = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** What an authority names (RFC 9110, section 7.2); null: it is none. */
function parseAuthority(text: string): URL | null {
  return AUTHORITY.test(text) ? URL.parse(`http://${text}`) : null;
}

function isSameHost(one: string, other: string): boolean {
  const url = parseAuthority(one);
  return url !== null && url.host === parseAuthority(other)?.host;
}
