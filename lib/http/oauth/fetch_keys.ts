import { z } from "zod";
import { foreignText } from "../../base/text/foreign_text.ts";
import { isLoopback } from "../../config/address.ts";
import type { Issuer } from "../../config/oauth.ts";
import { isJsonObject } from "../../mcp/message.ts";
import type { FetchedJson } from "./fetch_json.ts";

/** The keys of an issuer, or why there are none. */
export type FetchedKeys =
  | { readonly kind: "ok"; readonly jwks: KeySet }
  | { readonly kind: "failed"; readonly reason: string };

/** What is read of a key (RFC 7517, section 4, RFC 7518, section 6). */
const keySchema = z.object({
  // Symmetric keys are left out: one that is published is anybody's.
  kty: z.enum(["RSA", "EC", "OKP"]),
  use: z.literal("sig").optional(),
  key_ops: z.array(z.string()).optional(),
  kid: z.string().optional(),
  alg: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
});

/** Public keys for signatures. */
export interface KeySet {
  readonly keys: readonly z.output<typeof keySchema>[];
}

type Get = (url: string) => Promise<FetchedJson>;

/** Most keys that a set may have. */
const MAX_KEYS = 100;

/** Gets the keys of an issuer from where it is named, or where the issuer's metadata says. */
export async function fetchKeys(issuer: Issuer, get: Get): Promise<FetchedKeys> {
  const found = issuer.jwksUrl === null
    ? await discover(issuer.url, get)
    : { kind: "found", url: issuer.jwksUrl } as const;
  if (found.kind === "failed") return found;
  const { url } = found;
  const fetched = await get(url);
  if (fetched.kind !== "ok") return failed(url, reasonOf(fetched));
  const { value } = fetched;
  if (!isJsonObject(value) || !Array.isArray(value.keys)) return failed(url, "is no set of keys");
  if (value.keys.length > MAX_KEYS) return failed(url, `holds more than ${MAX_KEYS} keys`);
  const keys = value.keys.flatMap((key) => keySchema.safeParse(key).data ?? []);
  return { kind: "ok", jwks: { keys } };
}

type Found =
  | { readonly kind: "found"; readonly url: string }
  | Extract<FetchedKeys, { kind: "failed" }>;

/** Looks for `jwks_uri` where RFC 8414, section 3 and OpenID Connect Discovery, section 4 have it. */
async function discover(issuer: string, get: Get): Promise<Found> {
  const [first = issuer, ...others] = metadataUrls(issuer);
  for (const url of [first, ...others]) {
    const fetched = await get(url);
    if (fetched.kind === "ok") return readMetadata(fetched.value, { issuer, url });
    if (fetched.kind === "failed") return failed(url, fetched.reason);
  }
  return failed(first, "is not there, nor is it in the other usual places");
}

/** The places of an issuer's metadata, as MCP clients look for it. */
function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, "");
  const [oauth, openid] = ["/.well-known/oauth-authorization-server", OPENID];
  return path === ""
    ? [origin + oauth, origin + openid]
    : [origin + oauth + path, origin + openid + path, origin + path + openid];
}

const OPENID = "/.well-known/openid-configuration";

function readMetadata(
  metadata: unknown,
  { issuer, url }: { readonly issuer: string; readonly url: string },
): Found {
  if (!isJsonObject(metadata)) return failed(url, "is no metadata of an issuer");
  // RFC 8414, section 3.3: else it is somebody else's.
  const { issuer: own } = metadata;
  if (own !== issuer) {
    const which = typeof own === "string" ? `, ${JSON.stringify(foreignText(own))}` : "";
    return failed(url, `is that of another issuer${which}`);
  }
  const { jwks_uri: keysUrl } = metadata;
  const parsed = typeof keysUrl === "string" ? URL.parse(keysUrl) : null;
  if (parsed === null) return failed(url, "names no jwks_uri");
  if (!isSafe(parsed, new URL(issuer))) {
    return failed(url, "has a jwks_uri that does not start with https:");
  }
  return { kind: "found", url: parsed.href };
}

/** An issuer elsewhere leads nobody to what listens on this machine. */
function isSafe(url: URL, issuer: URL): boolean {
  if (url.protocol === "https:") return true;
  return url.protocol === "http:" && issuer.protocol === "http:" &&
    isLoopback(url.hostname.replace(/^\[|\]$/g, ""));
}

function reasonOf(fetched: Exclude<FetchedJson, { kind: "ok" }>): string {
  return fetched.kind === "status" ? `answered with status ${fetched.status}` : fetched.reason;
}

function failed(url: string, reason: string) {
  return { kind: "failed", reason: `${foreignText(url)} ${reason}` } as const;
}
