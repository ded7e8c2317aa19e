/** What a cookie is for. */
export type CookieKind = "session" | "known";

/** Of a `Cookie` header only so much is read, and so many values of one name. */
const MAX_HEADER_CHARS = 64 * 1024;
const MAX_VALUES = 8;

/** Whether the browser speaks HTTPS: with this server, or with a proxy before it. */
export function isSecure({ url, headers }: Request): boolean {
  const [forwarded = ""] = (headers.get("x-forwarded-proto") ?? "").split(",");
  return url.startsWith("https:") || forwarded.trim().toLowerCase() === "https";
}

/**
 * What a browser sends as the cookie of that kind, in its order: several if it has several of that
 * name, for different paths.
 */
export function readCookie(request: Request, kind: CookieKind): string[] {
  const name = cookieName(request, kind);
  const header = (request.headers.get("cookie") ?? "").slice(0, MAX_HEADER_CHARS);
  // Over HTTP/2 a browser may split the header, whose parts are then joined with commas.
  return header.split(/[;,]/).flatMap((pair) => {
    const equals = pair.indexOf("=");
    if (equals < 0 || pair.slice(0, equals).trim() !== name) return [];
    return pair.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
  }).slice(0, MAX_VALUES);
}

/**
 * A `Set-Cookie` header (RFC 6265bis). Without an age the cookie is gone when the browser is closed;
 * with 0 it is removed.
 */
export function writeCookie(
  request: Request,
  { kind, value, maxAgeSeconds }: {
    readonly kind: CookieKind;
    readonly value: string;
    readonly maxAgeSeconds?: number;
  },
): string {
  return [
    `${cookieName(request, kind)}=${value}`,
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    ...isSecure(request) ? ["Secure"] : [],
    ...maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`],
  ].join("; ");
}

/**
 * Cookies ignore ports: the name has the one that the browser asked for, so that two hubs on one
 * machine do not sign each other's visitors out. Nobody but this very host can set a cookie whose
 * name begins with `__Host-`, and over HTTPS no other is read.
 */
function cookieName(request: Request, kind: CookieKind): string {
  const url = URL.parse(request.url);
  const port = url === null || url.port === "" ? "default" : url.port;
  return `${isSecure(request) ? "__Host-" : ""}lmcp_hub_${kind}_${port}`;
}
