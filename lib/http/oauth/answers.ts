import type { OauthSettings } from "../../config/oauth.ts";
import { refuseRequest } from "../response.ts";
import type { Admission } from "./gate.ts";

/** RFC 9728, section 3. */
const WELL_KNOWN = "/.well-known/oauth-protected-resource";

/** How long to wait until keys may have been fetched. */
const RETRY_S = 5;

/** Clients look for OAuth metadata before they have a token. */
export function answerWellKnown(
  request: Pick<Request, "method">,
  path: string,
  settings: OauthSettings | null,
): Response {
  return (settings && answerMetadata(request, path, settings)) ??
    refuseRequest(404, "There is no OAuth metadata");
}

/**
 * The metadata of the MCP endpoint (RFC 9728, section 2), at the path that its URL asks for, at that of
 * `/mcp`, and at the root, where clients look next; null: another path.
 */
function answerMetadata(
  { method }: Pick<Request, "method">,
  path: string,
  settings: OauthSettings,
): Response | null {
  const { audience, issuers, scopes } = settings;
  const paths = [WELL_KNOWN, `${WELL_KNOWN}/mcp`, new URL(metadataUrl(audience)).pathname];
  if (!paths.includes(path)) return null;
  if (method !== "GET" && method !== "HEAD") {
    return refuseRequest(405, "Use GET", { headers: { allow: "GET, HEAD" } });
  }
  const metadata = {
    resource: audience,
    authorization_servers: issuers.map(({ url }) => url),
    bearer_methods_supported: ["header"],
    ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    resource_name: "lmcp-hub",
  };
  return Response.json(metadata, { headers: { "cache-control": "no-store" } });
}

/** Where the metadata of a resource is (RFC 9728, section 3.1). */
function metadataUrl(audience: string): string {
  const { origin, pathname } = new URL(audience);
  return origin + WELL_KNOWN + (pathname === "/" ? "" : pathname);
}

/** Refuses a request that was not let in. */
export function refuseToken(
  admission: Exclude<Admission, { kind: "admitted" }>,
  settings: OauthSettings,
): Response {
  switch (admission.kind) {
    case "no_token":
      return challenge(401, "A valid bearer token is needed", settings);
    case "refused":
      return challenge(401, admission.reason, settings, "invalid_token");
    case "insufficient_scope":
      return challenge(403, admission.reason, settings, admission.kind);
    case "unknown_client":
      return refuseRequest(403, admission.reason);
    case "unavailable":
      return refuseRequest(503, "The token cannot be checked at the moment: try again later", {
        headers: { "retry-after": String(RETRY_S) },
      });
    case "busy":
      return refuseRequest(429, "Too many tokens are being checked: try again later", {
        headers: { "retry-after": "1" },
      });
  }
}

/** RFC 6750, section 3; RFC 9728, section 5.1. */
function challenge(
  status: number,
  message: string,
  { audience, scopes }: OauthSettings,
  error: string | null = null,
): Response {
  const parameters = [
    `resource_metadata="${metadataUrl(audience)}"`,
    ...(error === null ? [] : [`error="${error}"`]),
    ...(scopes.length > 0 ? [`scope="${scopes.join(" ")}"`] : []),
  ];
  return refuseRequest(status, message, {
    headers: { "www-authenticate": `Bearer ${parameters.join(", ")}` },
  });
}
