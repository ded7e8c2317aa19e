import assert from "node:assert/strict";
import type { HostSort } from "../../../../../lib/http/pages/fleet/model.ts";
import { countOf, renderPage, textOf } from "./render_page.ts";
import { NOW, sampleCall, sampleDetail, sampleHost, sampleOverview } from "./sample.ts";

const DOWN = sampleHost({
  name: "db01",
  status: "down",
  reason: "lmcp: timeout",
  since: NOW - 720_000,
  latencyMs: null,
});

Deno.test("the overview says what is wrong with the registry first, and only then", () => {
  const problems = ['hosts.toml: line 4: host "web07" has no address'];
  const markup = renderPage({ page: "overview", overview: sampleOverview({ problems }) });
  assert.match(textOf(markup), /The registry has a problem hosts\.toml: line 4: .*Hosts up/);
  assert.equal(countOf(markup, 'role="alert"'), 1);
  assert.equal(
    countOf(renderPage({ page: "overview", overview: sampleOverview() }), 'role="alert"'),
    0,
  );
});

Deno.test("a registry with many problems does not hide the fleet", () => {
  const problems = Array.from({ length: 1_000 }, (_, line) => `line ${line + 1}: unknown field`);
  const markup = renderPage({ page: "overview", overview: sampleOverview({ problems }) });
  const [open = "", folded = ""] = markup.split("<details>");
  assert.match(textOf(open), /The registry has 1,000 problems line 1: .* line 5: unknown field$/);
  assert.match(textOf(folded), /^995 more line 6: .* line 1000: unknown field .*Hosts up/);
});

Deno.test("the overview says how the fleet is", () => {
  const { tiles } = sampleOverview();
  const text = textOf(renderPage({
    page: "overview",
    overview: sampleOverview({
      hosts: [DOWN, sampleHost()],
      tiles: {
        ...tiles,
        hosts: 2,
        down: 1,
        onSshInstead: 1,
        running: 1,
        longestSince: NOW - 60_000,
        unknownInDay: 2,
      },
    }),
  }));
  for (
    const part of [
      "Hosts up 1 of 2 1 down",
      "Over ssh instead 1 agent not reached",
      "Calls running 1 longest since 27 Nov 03:47",
      "Calls in 24 h 1,204 2 unknown",
      "Median latency 12 ms",
      "1 in the last minute, at most 3",
      "1 up, 1 down",
      "db01 down since 27 Nov 03:36 : lmcp: timeout",
    ]
  ) assert.ok(text.includes(part), `${part} is missing in: ${text}`);
});

Deno.test("the overview shows few hosts, the bad ones first, and leads to all of them", () => {
  const up = Array.from({ length: 40 }, (_, index) => sampleHost({ name: `a${index}` }));
  const markup = renderPage({
    page: "overview",
    overview: sampleOverview({ hosts: [...up, DOWN] }),
  });
  const table = /<table class="rows hosts".*?<\/table>/s.exec(markup)?.[0] ?? "";
  assert.deepEqual(
    [...table.matchAll(/href="\/hosts\/([^"]+)"/g)].slice(0, 2).map(([, name]) => name),
    ["db01", "a0"],
  );
  assert.equal(countOf(table, 'scope="row"'), 12);
  assert.match(textOf(markup), /All 41 hosts/);
});

Deno.test("the table of hosts says status, age and reason in words", () => {
  const text = textOf(renderPage({
    page: "hosts",
    overview: sampleOverview({
      hosts: [
        DOWN,
        sampleHost({ status: "ssh", reason: "lmcp: connection refused", running: 3 }),
        sampleHost({ name: "x1", status: "unknown", since: null, lastCall: null, latencyMs: null }),
      ],
    }),
    query: "",
    sort: "status",
    match: { kind: "hosts", names: [] },
  }));
  assert.match(text, /0 up , 1 over ssh , 1 down , 1 not probed/);
  assert.match(text, /db01 down since 27 Nov 03:36 : lmcp: timeout lmcp, ssh –/);
  assert.match(text, /web01 over ssh since .*: lmcp: connection refused .* 12 ms web 3 ok/);
  assert.match(text, /x1 not probed lmcp, ssh – web 0$|x1 not probed lmcp, ssh – web 0 /);
});

Deno.test("hosts are filtered and sorted without a script", () => {
  const hosts = [DOWN, sampleHost({ latencyMs: 4 }), sampleHost({ name: "web02", latencyMs: 9 })];
  const render = (query: string, sort: HostSort, names: readonly string[]) =>
    renderPage({
      page: "hosts",
      overview: sampleOverview({ hosts }),
      query,
      sort,
      match: { kind: "hosts", names },
    });
  const markup = render("web*&!x", "latency", ["web01", "web02"]);
  assert.deepEqual(
    [...markup.matchAll(/href="\/hosts\/([^"]+)"/g)].map(([, name]) => name),
    ["web02", "web01"],
  );
  assert.ok(markup.includes('value="web*&amp;!x"'));
  assert.ok(markup.includes('href="/hosts?q=web*%26!x&amp;sort=name"'));
  assert.match(markup, /aria-sort="descending"><a[^>]*>Latency/);
  assert.match(textOf(markup), /2 up \(2 of 3 hosts\)/);
  assert.equal(countOf(render("", "name", []), 'scope="row"'), 3);
  assert.match(textOf(render("none", "name", [])), /No host matches the filter/);
});

Deno.test("a long table begins with some rows, and leads to all of them", () => {
  const hosts = Array.from(
    { length: 1000 },
    (_, index) => sampleHost({ name: `a${1000 + index}` }),
  );
  const names = hosts.map(({ name }) => name);
  const render = (query: string) =>
    renderPage({
      page: "hosts",
      overview: sampleOverview({ hosts: [...hosts, DOWN] }),
      query,
      sort: "status",
      match: { kind: "hosts", names },
    });
  const markup = render("");
  assert.equal(countOf(markup, 'scope="row"'), 60);
  assert.match(markup, /href="\/hosts\?q=%40all&amp;sort=status">Show all 1,001 hosts</);
  assert.match(textOf(markup), /1,000 up , 1 down/);
  assert.equal(countOf(render("a*"), 'scope="row"'), 1000);
});

Deno.test("a filter that cannot be read is said beside its field, and filters nothing", () => {
  const markup = renderPage({
    page: "hosts",
    overview: sampleOverview(),
    query: "web[0",
    sort: "name",
    match: { kind: "problem", problem: "the range has no end" },
  });
  assert.match(markup, /aria-invalid="true" aria-describedby="q-problem"/);
  assert.match(markup, /id="q-problem"[^>]*>the range has no end</);
  assert.match(markup, /<button disabled>Probe now/);
  assert.equal(countOf(markup, 'scope="row"'), 1);
});

Deno.test("Probe now probes what the filter shows", () => {
  const probe = (query: string, sort: HostSort = "status") =>
    renderPage({
      page: "hosts",
      overview: sampleOverview(),
      query,
      sort,
      match: { kind: "hosts", names: ["web01"] },
    });
  assert.match(probe(""), /<button>Probe now/);
  assert.match(probe(""), /action="\/probe".*name="targets" value="@all".*value="\/hosts"/);
  assert.match(probe("@web"), /action="\/probe".*value="@web".*value="\/hosts\?q=%40web"/);
  assert.match(probe("", "latency"), /name="back" value="\/hosts\?sort=latency"/);
  assert.match(probe("@web", "name"), /name="back" value="\/hosts\?q=%40web&amp;sort=name"/);
});

Deno.test("calls that are not ok come first, unless they are sorted by time", () => {
  const recent = [
    sampleCall({ id: "1", tool: "remote_read" }),
    sampleCall({ id: "2", tool: "remote_shell", outcome: "unknown", reason: "lost" }),
    sampleCall({ id: "3", tool: "remote_run", outcome: "failed", exitCode: 7 }),
  ];
  const overview = sampleOverview({ calls: { running: [], recent } });
  const tools = (text: string) =>
    [...text.matchAll(/remote_\w+/g)].map(([tool]) => tool.slice(7)).join(" ");
  const text = textOf(renderPage({ page: "calls", overview, order: "trouble" }));
  assert.equal(tools(text), "shell run read");
  assert.equal(
    tools(textOf(renderPage({ page: "calls", overview, order: "time" }))),
    "read shell run",
  );
  assert.match(text, /unknown remote_shell web\[01-03\] alice editor 1\.2 2\.3 s lmcp .* lost/);
  assert.match(text, /failed exit 7 remote_run/);
  assert.match(text, /3 calls, 2 not ok/);
});

Deno.test("only a running call that the viewer may end has a button", () => {
  const running = { outcome: null, durationMs: null, exitCode: null } as const;
  const render = (calls: Parameters<typeof sampleCall>[0][]) =>
    renderPage({
      page: "calls",
      order: "trouble",
      overview: sampleOverview({ calls: { running: calls.map(sampleCall), recent: [] } }),
    });
  const markup = render([{ ...running, id: "own", mayEnd: true }, { ...running, id: "foreign" }]);
  assert.equal(countOf(markup, 'action="/calls/end"'), 1);
  assert.match(markup, /name="id" value="own"/);
  assert.match(markup, /aria-label="Cancel remote_shell on web\[01-03\]"/);
  assert.ok(!markup.includes('value="foreign"'));
});

Deno.test("a host's page says its past, its rules, and what its agent is", () => {
  const text = textOf(
    renderPage({ page: "host", overview: sampleOverview(), detail: sampleDetail() }),
  );
  for (
    const part of [
      "up for 10 min, 03:38 until now",
      "down for 10 min, 03:28 to 03:38 : lmcp: timeout",
      "median 9 ms, from 9 ms to 15 ms",
      "All tools may be used.",
      "Program lmcp-hub 0.1.0",
      "Claims calls yes: none runs twice",
    ]
  ) assert.ok(text.includes(part), `${part} is missing in: ${text}`);
});

Deno.test("a host that is gone is said to be", () => {
  const overview = sampleOverview({ hosts: [] });
  const markup = renderPage({ page: "host", overview, detail: sampleDetail() });
  assert.match(textOf(markup), /The registry no longer has this host/);
  assert.match(markup, /<button disabled/);
});

Deno.test("jobs are on the page of those who may list them alone", () => {
  const render = (list: boolean) =>
    textOf(renderPage({
      page: "host",
      overview: sampleOverview(),
      detail: sampleDetail({ jobs: { list, output: false, end: false } }),
    }));
  assert.match(render(true), / Jobs /);
  assert.doesNotMatch(render(false), /Jobs/);
});

Deno.test("only who has signed in by a form can sign out", () => {
  const render = (isSignedIn: boolean) =>
    renderPage({
      page: "calls",
      order: "trouble",
      overview: sampleOverview({ viewer: { name: "alice", isSignedIn, isOperator: false } }),
    });
  assert.match(render(true), /action="\/sign-out"/);
  assert.doesNotMatch(render(false), /sign-out/);
  assert.match(textOf(render(false)), /alice/);
});

Deno.test("an empty fleet is said to be empty", () => {
  const overview = sampleOverview({ hosts: [], calls: { running: [], recent: [] } });
  assert.match(
    textOf(renderPage({ page: "overview", overview })),
    /There are no hosts that you may see\..*There were no calls yet\./,
  );
});

Deno.test("no page has inline styles or scripts", () => {
  const overview = sampleOverview({ hosts: [DOWN, sampleHost()] });
  for (
    const markup of [
      renderPage({ page: "overview", overview }),
      renderPage({ page: "calls", overview, order: "trouble" }),
      renderPage({ page: "host", overview, detail: sampleDetail() }),
    ]
  ) assert.doesNotMatch(markup, /<script|<style| style=| on[a-z]+=/);
});
