import { type Asset, ASSETS } from "./assets.ts";
import { answerHostDetail, answerJobOutput, answerJobs, answerMatch } from "./data.ts";
import { answerCalls, answerHost, answerHosts, answerOverview } from "./pages.ts";
import { type Act, allowCall, denyCall, endCall, endJob, probeHosts } from "./actions.ts";
import type { Visit } from "./request/visit.ts";

/** What there is at a path, and the variable part of that path. */
export type Route =
  | { readonly kind: "page" | "data"; readonly answer: AnswerVisit; readonly name: string }
  | { readonly kind: "action"; readonly act: Act }
  | { readonly kind: "asset"; readonly asset: Asset }
  /** The page is at `to`. */
  | { readonly kind: "moved"; readonly to: string }
  | { readonly kind: "events" | "sign_in" | "sign_out" | "nowhere" };

/** Answers a visit; `name` is the variable part of its path, empty where there is none. */
type AnswerVisit = (visit: Visit, name: string) => Response | Promise<Response>;

const page = (answer: AnswerVisit): Route => ({ kind: "page", answer, name: "" });
const data = (answer: AnswerVisit): Route => ({ kind: "data", answer, name: "" });
const action = (act: Act): Route => ({ kind: "action", act });

const ROUTES: ReadonlyMap<string, Route> = new Map([
  ["/", page(answerOverview)],
  ["/hosts", page(answerHosts)],
  ["/calls", page(answerCalls)],
  ["/api/match", data(answerMatch)],
  ["/api/jobs/output", data(answerJobOutput)],
  ["/probe", action(probeHosts)],
  ["/calls/end", action(endCall)],
  ["/jobs/end", action(endJob)],
  ["/approvals/allow", action(allowCall)],
  ["/approvals/deny", action(denyCall)],
  ["/api/events", { kind: "events" }],
  ["/sign-in", { kind: "sign_in" }],
  ["/sign-out", { kind: "sign_out" }],
]);

/** Those whose path has the name of a host. */
const NAMED_ROUTES: readonly (readonly [RegExp, "page" | "data", AnswerVisit])[] = [
  [/^\/hosts\/([^/]+)$/, "page", answerHost],
  [/^\/api\/hosts\/([^/]+)$/, "data", answerHostDetail],
  [/^\/api\/hosts\/([^/]+)\/jobs$/, "data", answerJobs],
];

/** The route of a path; null: there is none. */
export function findRoute(path: string): Route | null {
  const route = ROUTES.get(path);
  if (route !== undefined) return route;
  const asset = ASSETS.get(path);
  if (asset !== undefined) return { kind: "asset", asset };
  for (const [pattern, kind, answer] of NAMED_ROUTES) {
    const name = decode(pattern.exec(path)?.[1]);
    if (name !== null) return { kind, answer, name };
  }
  return findMoved(path);
}

/** What people write behind the path of a page. */
function findMoved(path: string): Route | null {
  const to = path.replace(/\/+$/, "");
  return to !== path && findRoute(to)?.kind === "page" ? { kind: "moved", to } : null;
}

/** The methods of a route. */
export function methodsOf({ kind }: Route): readonly string[] {
  switch (kind) {
    case "page":
    case "data":
    case "events":
    case "asset":
    case "moved":
    case "nowhere":
      return ["GET", "HEAD"];
    case "sign_in":
      return ["GET", "HEAD", "POST"];
    case "action":
    case "sign_out":
      return ["POST"];
  }
}

/** Whether strangers get more there than the form that asks for a token. */
export function isPublic({ kind }: Route): boolean {
  return PUBLIC.has(kind);
}

const PUBLIC: ReadonlySet<Route["kind"]> = new Set([
  "asset",
  "moved",
  "nowhere",
  "sign_in",
  "sign_out",
]);

/** Whether nothing but the script of a page of this site asks for it. */
export function isForScripts({ kind }: Route): boolean {
  return kind === "data" || kind === "events";
}

/** Null where there is no text, or it is not encoded as texts in paths are. */
function decode(text: string | undefined): string | null {
  try {
    return text === undefined ? null : decodeURIComponent(text);
  } catch {
    return null;
  }
}
