import assert from "node:assert/strict";
import { html } from "../../../../../lib/http/pages/fleet/views/html.js";
import { render } from "preact-render-to-string";
import { JobTable } from "../../../../../lib/http/pages/fleet/views/parts/job_table.js";
import { renderPage } from "./render_page.ts";
import { sampleCall, sampleDetail, sampleHost, sampleOverview } from "./sample.ts";

/** Markup that ends an attribute, too. */
const planted = (place: string) => `"'><img src=x alt=${place}>`;
const ESCAPED = (place: string) => `><img src=x alt=${place}>`.replaceAll("<", "&lt;");

function assertShownAsText(markup: string, places: readonly string[]): void {
  for (const place of places) {
    assert.ok(markup.includes(ESCAPED(place)), `${place} is not shown`);
    assert.ok(!markup.includes(`"'><img src=x alt=${place}`), `${place} ends an attribute`);
  }
  assert.ok(!markup.includes("<img"), "there is an element that nobody wrote");
}

const HOST = sampleHost({
  status: "down",
  reason: planted("reason"),
  tags: [planted("tag")],
  lastCall: { at: 0, tool: planted("last-tool"), outcome: "failed" },
});
const CALL = sampleCall({
  principal: planted("principal"),
  client: planted("client"),
  tool: planted("tool"),
  hosts: planted("hosts"),
  reason: planted("call-reason"),
  outcome: null,
  durationMs: null,
  mayEnd: true,
  id: planted("id"),
});
const HOST_TEXTS = ["reason", "tag", "last-tool"];
const CALL_TEXTS = ["principal", "client", "tool", "hosts", "call-reason", "id"];
const OVERVIEW = sampleOverview({
  problems: [planted("problem")],
  viewer: { name: planted("viewer"), isSignedIn: true, isOperator: true },
  hosts: [HOST],
  calls: { running: [CALL], recent: [] },
});

Deno.test("texts of others are shown as text on the overview", () => {
  const markup = renderPage({ page: "overview", overview: OVERVIEW });
  assertShownAsText(markup, ["problem", "viewer", ...HOST_TEXTS, ...CALL_TEXTS]);
});

Deno.test("texts of others are shown as text on the page of hosts", () => {
  const markup = renderPage({
    page: "hosts",
    overview: OVERVIEW,
    query: planted("query"),
    sort: "name",
    match: { kind: "problem", problem: planted("match") },
  });
  assertShownAsText(markup, ["viewer", "query", "match", ...HOST_TEXTS]);
});

Deno.test("texts of others are shown as text on the page of calls", () => {
  assertShownAsText(
    renderPage({ page: "calls", overview: OVERVIEW, order: "trouble" }),
    CALL_TEXTS,
  );
});

Deno.test("texts of others are shown as text on a host's page", () => {
  const markup = renderPage({
    page: "host",
    overview: OVERVIEW,
    detail: sampleDetail({
      row: HOST,
      spans: [{ status: "down", reason: planted("span"), from: OVERVIEW.now - 1000, to: null }],
      calls: [CALL],
      rules: [planted("rule")],
      agent: {
        name: planted("agent"),
        version: planted("version"),
        protocol: planted("protocol"),
        claims: false,
        tools: null,
      },
    }),
  });
  assertShownAsText(markup, [
    "reason",
    "tag",
    "span",
    "rule",
    "agent",
    "version",
    "protocol",
    ...CALL_TEXTS,
  ]);
});

Deno.test("texts of jobs are shown as text, and only what the viewer may do is offered", () => {
  const job = {
    id: planted("job-id"),
    name: planted("job-name"),
    command: planted("command"),
    state: planted("state"),
    exitCode: null,
    startedAt: 0,
    endedAt: null,
    mayEnd: true,
  };
  const renderJobs = (rights: { list: boolean; output: boolean; end: boolean }) =>
    render(html`
      <${JobTable} host="web01" back="/" rights=${rights}
        list=${{ jobs: [job], problem: planted("job-problem") }} />
    `);
  const all = renderJobs({ list: true, output: true, end: true });
  assertShownAsText(all, ["job-id", "job-name", "command", "state", "job-problem"]);
  assert.match(all, /aria-label="Output of .*action="\/jobs\/end"/s);
  const few = renderJobs({ list: true, output: false, end: false });
  assert.doesNotMatch(few, /Output of|\/jobs\/end|<button/);
});
