import { z } from "zod";
import { didYouMean } from "../../base/text/near_names.ts";
import type { Problem } from "../../base/problem.ts";
import { isLoopback } from "../address.ts";
import type { OauthSettings } from "../oauth.ts";
import type { RegistryContent } from "./entry.ts";
import { nonEmpty, schemaProblems, validated } from "./schema.ts";

const issuer = validated((text) =>
  findUrlFault(text) ?? (text.includes("?") ? 'must not hold a query ("?")' : null)
);

const ISSUER_RULE = "must be the URL of an authorization server, or a list of such URLs";

/** A scope as RFC 6749, section 3.3 has it. */
const scope = validated((text) =>
  /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(text) ? null : "must hold scopes without white space"
);

/** `[oauth]`. */
export const oauthSchema = z.strictObject({
  issuer: z.union([issuer, z.array(issuer).nonempty(ISSUER_RULE)], {
    error: ({ input }) => findIssuerFault(input),
  }),
  audience: validated((text) =>
    findUrlFault(text) ?? (text.includes("?") ? 'must not hold a query ("?")' : null)
  ),
  claim: nonEmpty,
  scopes: z.array(scope, { error: 'must be a list such as ["mcp"]' }).optional(),
  jwks_url: validated(findUrlFault).optional(),
}, { error: "must be a table" });

/** `[oauth]`, null where there is none or it has an error, and all that is wrong with it. */
export interface ReadOauth {
  readonly oauth: OauthSettings | null;
  readonly problems: readonly Problem[];
}

/** Reads `[oauth]` of a registry. */
export function readOauth(
  { oauth: entry, clients }: Pick<RegistryContent, "oauth" | "clients">,
  source: string,
): ReadOauth {
  if (entry === null) return { oauth: null, problems: [] };
  const { fields, locate } = entry;
  const checked = oauthSchema.safeParse(fields);
  if (!checked.success) {
    const explainUnknown = (name: string) =>
      `unknown field${didYouMean(name, Object.keys(oauthSchema.shape))}`;
    return {
      oauth: null,
      problems: schemaProblems(checked.error, { source, locate, explainUnknown }),
    };
  }
  const { issuer, audience, claim, scopes = [], jwks_url: jwksUrl = null } = checked.data;
  const urls = [...new Set([issuer].flat())];
  if (jwksUrl !== null && urls.length > 1) {
    const message = "is for one issuer alone: leave it out, and their metadata says where keys are";
    const problem = { severity: "error", source, ...locate(["jwks_url"]), message } as const;
    return { oauth: null, problems: [problem] };
  }
  const issuers = urls.map((url) => ({ url, jwksUrl }));
  const message = "there is no client that a token could name: add a [clients.NAME]";
  const warning = { severity: "warning", source, ...locate([]), message } as const;
  return {
    oauth: { issuers, audience, claim, scopes },
    problems: clients.length === 0 ? [warning] : [],
  };
}

/** Why a value is neither an issuer nor a list of them. */
function findIssuerFault(input: unknown): string {
  const texts = Array.isArray(input) ? input : [input];
  if (texts.length === 0 || !texts.every((text) => typeof text === "string")) return ISSUER_RULE;
  const faults = texts.map(findUrlFault);
  return faults.find((fault) => fault !== null) ?? 'must not hold a query ("?")';
}

/** Whoever can change what is read over `http:` decides who is let in. */
function findUrlFault(text: string): string | null {
  const url = /[\s\p{Cc}\\"]/u.test(text) ? null : URL.parse(text);
  if (url === null || !/^https?:\/\/[^/]/.test(text)) {
    return 'must be a URL such as "https://login.example.org"';
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname.replace(/^\[|\]$/g, ""))) {
    return 'must start with "https:", unless it is on this machine';
  }
  if (/^[^/]*\/\/[^/?#]*@/.test(text)) return "must not hold user information";
  return text.includes("#") ? 'must not hold a fragment ("#")' : null;
}
