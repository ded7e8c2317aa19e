import { html } from "./views/html.js";
import { Secret } from "../../../base/secret.ts";
import type { Denials } from "../../denied.ts";
import type { RequestInfo } from "../../handler.ts";
import { sourceOf } from "../../visitors/attempt_source.ts";
import type { Attempts } from "../../visitors/attempts.ts";
import { readCookie, writeCookie } from "../../visitors/cookie.ts";
import type { Sessions } from "../../visitors/sessions.ts";
import { addHeaders, jsonAnswer, redirectAnswer, wantsJson } from "./answer/content.ts";
import { parseBack } from "./request/back.ts";
import { htmlResponse } from "./document.ts";
import { SignIn } from "./views/sign_in.js";

/** How long a browser is known from which somebody has signed in. */
const KNOWN_SECONDS = 90 * 24 * 3_600;
/** RFC 9110, section 11.6.1: a 401 names the way in, which for programs is a bearer token. */
const CHALLENGE = { "www-authenticate": "Bearer" };

/** Options of `createSignIn()`. */
export interface SignInOptions {
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly onDenied: Denials["report"];
}

/** A form with a token that was sent. */
export interface SentToken {
  readonly request: Request;
  readonly info: RequestInfo;
  readonly field: (name: string) => string;
}

/** Answers a form with a token: a session and where to go on, or the form again. */
export function createSignIn(
  { sessions, attempts, onDenied }: SignInOptions,
): (sent: SentToken) => Response {
  return function signIn({ request, info, field }) {
    const back = parseBack(field("back"));
    const source = sourceOf(request, info);
    const waitMs = attempts.waitMs(source);
    // Before the token is looked at: the answer to a right one must be the same.
    if (waitMs > 0) return refuseForNow(request, { back, waitMs });
    const sessionId = sessions.open(new Secret(field("token").trim()));
    if (sessionId === null) {
      attempts.fail(source);
      onDenied(request, source.remote, { hadToken: true });
      return askToSignIn(request, { problem: "This token is not accepted.", back });
    }
    for (const id of readCookie(request, "session")) sessions.end(id);
    const answer = wantsJson(request) ? jsonAnswer({ problem: null }) : redirectAnswer(back);
    const principal = sessions.principalOf(sessionId) ?? "";
    const cookies = [
      writeCookie(request, { kind: "session", value: sessionId }),
      writeCookie(request, {
        kind: "known",
        value: attempts.remember(principal),
        maxAgeSeconds: KNOWN_SECONDS,
      }),
    ];
    for (const cookie of cookies) answer.headers.append("set-cookie", cookie);
    return answer;
  };
}

/** Ends the sessions whose cookies a request has. */
export function signOut(request: Request, sessions: Sessions): Response {
  for (const id of readCookie(request, "session")) sessions.end(id);
  const answer = wantsJson(request) ? jsonAnswer({ problem: null }) : redirectAnswer("/sign-in");
  const gone = writeCookie(request, { kind: "session", value: "", maxAgeSeconds: 0 });
  return addHeaders(answer, { "set-cookie": gone });
}

/** Says that somebody is not signed in: as a page, the form that asks for a token. */
export function askToSignIn(
  request: Request,
  { problem = null, back = "/" }: { readonly problem?: string | null; readonly back?: string } = {},
): Response {
  return wantsJson(request)
    ? jsonAnswer({ problem: problem ?? "Sign in first." }, { status: 401, headers: CHALLENGE })
    : addHeaders(formAnswer({ status: 401, problem, back }), {
      ...CHALLENGE,
      ...isFollowingLink(request)
        ? { refresh: `0; url=/sign-in?back=${encodeURIComponent(back)}` }
        : {},
    });
}

/**
 * Whether a browser comes from another site, so that it sends no `SameSite=Strict` cookie. Once it has
 * a page of ours, it does: `/sign-in` then leads those on who are signed in.
 */
function isFollowingLink({ headers }: Request): boolean {
  return headers.get("sec-fetch-site") === "cross-site" &&
    headers.get("sec-fetch-mode") === "navigate";
}

/** The form that asks for a token. */
export function formAnswer(
  form: { readonly status: number; readonly problem: string | null; readonly back: string },
): Response {
  const { status, problem, back } = form;
  return htmlResponse({
    title: "Sign in · lmcp-hub",
    body: html`<${SignIn} problem=${problem} back=${back} />`,
    status,
  });
}

function refuseForNow(
  request: Request,
  { back, waitMs }: { readonly back: string; readonly waitMs: number },
): Response {
  const seconds = Math.ceil(waitMs / 1000);
  const problem = `Too many wrong tokens were entered. Try again in ${seconds} s.`;
  const headers = { "retry-after": String(seconds) };
  return wantsJson(request)
    ? jsonAnswer({ problem }, { status: 429, headers })
    : addHeaders(formAnswer({ status: 429, problem, back }), headers);
}
