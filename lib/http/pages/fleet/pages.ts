import { html } from "./views/html.js";
import { foreignText } from "../../../base/text/foreign_text.ts";
import { type Problem, problemAnswer } from "./answer/content.ts";
import { htmlResponse } from "./document.ts";
import type { HostSort, Match, Overview, PageData } from "./model.ts";
import type { FleetView } from "./view.ts";
import { Page } from "./views/page.js";
import type { Visit } from "./request/visit.ts";

const SORTS: readonly HostSort[] = ["status", "name", "latency", "running", "last_call"];
/** The longest target expression of a URL. */
const MAX_QUERY_CHARS = 4_096;

/** `/`. */
export function answerOverview(visit: Visit): Response {
  return pageAnswer("Fleet", { page: "overview", overview: overviewOf(visit) });
}

/** `/hosts?q=EXPRESSION&sort=SORT`. */
export function answerHosts(visit: Visit): Response {
  const { searchParams } = visit.url;
  const query = searchParams.get("q") ?? "";
  const sort = SORTS.find((sort) => sort === searchParams.get("sort")) ?? "status";
  const match = matchHosts(visit.view, query);
  return pageAnswer("Hosts", { page: "hosts", overview: overviewOf(visit), query, sort, match });
}

/** `/hosts/NAME`. */
export function answerHost(visit: Visit, name: string): Response {
  const { view, viewer, now } = visit;
  const found = view.host(name);
  if (found === null) return problemAnswer(visit.request, noSuchHost(name));
  const detail = { ...found, viewer, now };
  return pageAnswer(name, { page: "host", overview: overviewOf(visit), detail });
}

/** `/calls?order=ORDER`. */
export function answerCalls(visit: Visit): Response {
  const order = visit.url.searchParams.get("order") === "time" ? "time" : "trouble";
  return pageAnswer("Calls", { page: "calls", overview: overviewOf(visit), order });
}

/** What the target expression of a URL names. */
export function matchHosts(view: FleetView, query: string): Match {
  if (query.length <= MAX_QUERY_CHARS) return view.match(query);
  const problem = `a target expression here may have at most ${MAX_QUERY_CHARS} characters`;
  return { kind: "problem", problem };
}

/** Said of hosts that there are not, and of those that the visitor may not see. */
export function noSuchHost(name: string): Problem {
  const text = `There is no host "${foreignText(name)}" that you may see.`;
  return { status: 404, title: "No such host", text, back: "/hosts" };
}

/** Everything at this moment, for one visitor. */
function overviewOf({ view, viewer, now }: Visit): Overview {
  return { ...view.snapshot(), viewer, now };
}

function pageAnswer(title: string, data: PageData): Response {
  return htmlResponse({
    title: `${title} · lmcp-hub`,
    body: html`<${Page} data=${data} />`,
    data,
  });
}
