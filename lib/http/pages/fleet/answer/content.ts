import { html } from "../views/html.js";
import { htmlResponse, SECURITY_HEADERS } from "../document.ts";
import { Notice } from "../views/notice.js";

/** Headers of all that no cache may keep. */
const UNCACHED = { ...SECURITY_HEADERS, "cache-control": "no-store" };

/** What goes into an answer beside its content. */
export interface AnswerOptions {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON that no cache may keep. */
export function jsonAnswer(value: unknown, options: AnswerOptions = {}): Response {
  return new Response(JSON.stringify(value), {
    status: options.status ?? 200,
    headers: {
      ...UNCACHED,
      "content-type": "application/json; charset=utf-8",
      ...options.headers,
    },
  });
}

/** Sends a browser on with GET. */
export function redirectAnswer(path: string): Response {
  return new Response(null, { status: 303, headers: { ...UNCACHED, location: path } });
}

/** What is wrong with a request. */
export interface Problem {
  readonly status: number;
  /** The heading of the page. */
  readonly title: string;
  readonly text: string;
  /** Where the page leads on; default `/`. */
  readonly back?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Says what is wrong as JSON to those that ask for it, else as a page. */
export function problemAnswer(request: Request, problem: Problem): Response {
  const { status, title, text, back = "/", headers = {} } = problem;
  if (wantsJson(request)) return jsonAnswer({ problem: text }, { status, headers });
  const body = html`<${Notice} title=${title} text=${text} back=${back} />`;
  return addHeaders(htmlResponse({ title: `${title} · lmcp-hub`, body, status }), headers);
}

/** Whether a request asks for JSON, or is for what is never anything else. */
export function wantsJson(request: Request): boolean {
  const path = URL.parse(request.url)?.pathname ?? "";
  return path.startsWith("/api/") ||
    (request.headers.get("accept") ?? "").includes("application/json");
}

/** Adds headers to an answer, which is returned. */
export function addHeaders(
  response: Response,
  headers: Readonly<Record<string, string>>,
): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.append(name, value);
  return response;
}
