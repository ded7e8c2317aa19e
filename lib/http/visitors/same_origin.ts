import { foreignText } from "../../base/text/foreign_text.ts";
import { authorityOf, isSameAuthority } from "../guard.ts";

/**
 * Refuses requests that another site, or a server on another port of this machine, made a browser
 * send: to a cookie's `SameSite` all ports of a machine are one site. Returns the reason, or null for
 * a request that may pass. Browsers of today say themselves where a request comes from
 * (`Sec-Fetch-Site`, which no page can set), on HTTPS and on loopback; all of them send `Origin` with
 * a POST. Without either a request passes if it has no cookie, as those of programs have none.
 */
export function createOriginCheck(
  allowedHosts: readonly string[],
): (request: Request) => string | null {
  const allowed = new Set(allowedHosts.map((name) => name.toLowerCase()));

  /** A proxy that puts its own name into `Host` may be on any port, which only the browser knows. */
  function isAllowed(url: URL, request: Request): boolean {
    return isSameAuthority(url, authorityOf(request)) ||
      allowed.has(url.hostname) && (url.port === "" || fetchSiteOf(request) === "same-origin");
  }

  return function checkOrigin(request) {
    if (isFromElsewhere(request)) return FROM_ELSEWHERE;
    const origin = request.headers.get("origin");
    if (origin === null) {
      const mayPass = fetchSiteOf(request) === "same-origin" || !request.headers.has("cookie");
      return mayPass ? null : "The request does not say which site made it: Origin is missing";
    }
    const url = URL.parse(origin);
    return url !== null && isAllowed(url, request)
      ? null
      : `Origin ${JSON.stringify(foreignText(origin))} is not this site`;
  };
}

/** Why a request is refused for which `isFromElsewhere()`. */
export const FROM_ELSEWHERE = "A page of another site made this request";

/** Whether the browser says that a page of somebody else made a request. */
export function isFromElsewhere(request: Request): boolean {
  const site = fetchSiteOf(request);
  return site !== null && site !== "same-origin" && site !== "none";
}

function fetchSiteOf({ headers }: Request): string | null {
  return headers.get("sec-fetch-site");
}
