import { jsonAnswer, problemAnswer } from "./answer/content.ts";
import { matchHosts, noSuchHost } from "./pages.ts";
import type { Visit } from "./request/visit.ts";

/** How long a page may wait for more of a job's output. */
const MAX_WAIT_SECONDS = 30;

/** `/api/match?q=EXPRESSION`. */
export function answerMatch({ view, url }: Visit): Response {
  return jsonAnswer(matchHosts(view, url.searchParams.get("q") ?? ""));
}

/** `/api/hosts/NAME`. */
export function answerHostDetail({ request, view, viewer, now }: Visit, name: string): Response {
  const detail = view.host(name);
  if (detail === null) return problemAnswer(request, noSuchHost(name));
  return jsonAnswer({ ...detail, viewer, now });
}

/** `/api/hosts/NAME/jobs`. */
export async function answerJobs(visit: Visit, name: string): Promise<Response> {
  const { request, view, signal } = visit;
  if (view.host(name) === null) return problemAnswer(request, noSuchHost(name));
  return jsonAnswer(await view.jobs(name, signal));
}

/** `/api/jobs/output?host=NAME&id=ID&offset=BYTES&wait=SECONDS`. */
export async function answerJobOutput(visit: Visit): Promise<Response> {
  const { request, view, url, signal } = visit;
  const read = (name: string) => url.searchParams.get(name) ?? "";
  const [host, id] = [read("host"), read("id")];
  const offset = parseCount(read("offset"));
  const wait = parseCount(read("wait"));
  if (host === "" || id === "" || offset === null || wait === null) {
    const text = "host, id, offset (bytes) and wait (seconds) are needed, the latter as numbers.";
    return problemAnswer(request, { status: 400, title: "Bad request", text });
  }
  if (view.host(host) === null) return problemAnswer(request, noSuchHost(host));
  const waitSeconds = Math.min(wait, MAX_WAIT_SECONDS);
  return jsonAnswer(await view.jobOutput({ host, id, offset, waitSeconds }, signal));
}

/** A whole number, 0 where there is none; null: something else. */
function parseCount(text: string): number | null {
  if (text === "") return 0;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
