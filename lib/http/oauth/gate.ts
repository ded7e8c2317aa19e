import type { OauthSettings } from "../../config/oauth.ts";
import { foreignText } from "../../base/text/foreign_text.ts";
import type { Principal } from "../auth.ts";
import type { RequestInfo } from "../handler.ts";
import { addressSourceOf } from "../visitors/attempt_source.ts";
import type { TokenVerdict, TokenVerifier } from "./verifier.ts";

/** Longest token. With thousands of groups in it, one of an issuer has 10 KB. */
const MAX_TOKEN_CHARS = 16 * 1024;

/** Whether a request is let in by an access token. Texts are whole sentences without period. */
export type Admission =
  | { readonly kind: "admitted"; readonly principal: Principal }
  /** It has no token, which needs no explanation. */
  | { readonly kind: "no_token" }
  /** The token is valid, and is nobody's whom the hub knows; `name`: what it says. */
  | { readonly kind: "unknown_client"; readonly reason: string; readonly name: string | null }
  | { readonly kind: "insufficient_scope"; readonly reason: string }
  | Extract<TokenVerdict, { kind: "refused" | "unavailable" | "busy" }>;

/** Lets requests in whose access token (a JWT) names a client. */
export interface OauthGate {
  /** What tokens must be like at this moment; null: none is accepted. */
  readonly settings: () => OauthSettings | null;
  /** A promise where a signature must be checked, or keys be fetched. */
  readonly admit: (
    request: Request,
    info: Pick<RequestInfo, "remoteAddr">,
  ) => Admission | Promise<Admission>;
}

/** Options of `createOauthGate()`. */
export interface OauthGateOptions {
  readonly settings: OauthGate["settings"];
  /** Whether there is a client of that name at this moment. */
  readonly isClient: (name: string) => boolean;
  /** Called for the first token that may be one: the library costs a start 10 ms. */
  readonly loadVerifier: () => Promise<TokenVerifier>;
}

/** Makes an `OauthGate`. */
export function createOauthGate({ settings, isClient, loadVerifier }: OauthGateOptions): OauthGate {
  let verifier: TokenVerifier | null = null;

  async function verifyFirst(...args: Parameters<TokenVerifier["verify"]>): Promise<TokenVerdict> {
    verifier ??= await loadVerifier();
    return await verifier.verify(...args);
  }

  function judge(verdict: TokenVerdict, { scopes: needed, claim }: OauthSettings): Admission {
    if (verdict.kind !== "valid") return verdict;
    const { name, scopes } = verdict.claims;
    if (!needed.every((scope) => scopes.has(scope))) {
      const reason = `The token lacks a scope: it needs ${needed.join(" ")}`;
      return { kind: "insufficient_scope", reason };
    }
    if (typeof name === "string" && isClient(name)) {
      return { kind: "admitted", principal: { name } };
    }
    const reason = `The token names no client of this hub in its claim "${claim}"`;
    const shown = typeof name === "string" ? foreignText(name) : null;
    return { kind: "unknown_client", reason, name: shown };
  }

  return {
    settings,
    admit: function admitByToken(request, info): Admission | Promise<Admission> {
      const current = settings();
      const header = request.headers.get("authorization");
      if (header === null) return { kind: "no_token" };
      const token = /^Bearer +([!-~]+)$/i.exec(header)?.[1];
      if (current === null || token === undefined || !isJwt(token)) {
        return NOT_ACCEPTED;
      }
      if (token.length > MAX_TOKEN_CHARS) {
        return {
          kind: "refused",
          reason: `The token is too long: at most ${MAX_TOKEN_CHARS} characters are accepted`,
          isGuess: true,
        };
      }
      const source = addressSourceOf(request, info);
      const verdict = verifier === null
        ? verifyFirst(token, current, source)
        : verifier.verify(token, current, source);
      if (!(verdict instanceof Promise)) return judge(verdict, current);
      // They may have changed while keys were fetched.
      return verdict.then((found) =>
        settings() === current ? judge(found, current) : admitByToken(request, info)
      );
    },
  };
}

const NOT_ACCEPTED = {
  kind: "refused",
  reason: "A valid bearer token is needed",
  isGuess: true,
} as const;

/** Whether a text is a signed JWT by its form (RFC 7515, section 3.1). */
function isJwt(token: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}
