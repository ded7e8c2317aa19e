import assert from "node:assert/strict";
import type { LiveEvent } from "../../../../../lib/http/pages/fleet/model.ts";
import { createFakeView, hostRow } from "../fake_view.ts";
import { ANN, createTestSite, form, type TestSite, TOKEN } from "../served_site.ts";

const BEARER = { authorization: `Bearer ${ANN}` };

/** Reads events one by one. */
function readerOf(response: Response) {
  const reader = response.body?.getReader() ?? assert.fail();
  const decoder = new TextDecoder();
  let text = "";
  const next = async (): Promise<LiveEvent | null> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end >= 0) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        return JSON.parse(event.slice(event.indexOf("data: ") + "data: ".length));
      }
      const { value, done } = await reader.read();
      if (done) return null;
      text += decoder.decode(value, { stream: true });
    }
  };
  return { next, cancel: () => reader.cancel() };
}

async function openEvents({ ask }: TestSite, headers: Record<string, string> = BEARER) {
  const response = await ask("/api/events", { headers });
  assert.equal(response.status, 200);
  return { response, ...readerOf(response) };
}

Deno.test("an event stream begins with everything, for the one who looks", async () => {
  const site = createTestSite();
  const { response, next, cancel } = await openEvents(site);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(response.headers.get("x-accel-buffering"), "no");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.deepEqual(await next(), {
    kind: "all",
    overview: {
      ...site.fleet.snapshot(),
      viewer: { name: "ann", isSignedIn: false, isOperator: false },
      now: site.clock.wall(),
    },
    sparklines: { web1: [1, null] },
  });
  await cancel();
});

Deno.test("an event stream says what has changed, and nothing where nothing has", async () => {
  const site = createTestSite();
  const { next, cancel } = await openEvents(site);
  await next();
  const web = hostRow("web1", { status: "down", reason: "refused" });
  site.fleet.change({});
  site.fleet.change({ hosts: [...site.fleet.snapshot().hosts] });
  site.fleet.change({ hosts: [web] });
  site.fleet.change({ problems: ["x"] });
  const change = { kind: "change", now: site.clock.wall(), hosts: [], gone: [], problems: null };
  const rest = { tiles: null, groups: null, calls: null, approvals: null };
  assert.deepEqual(await next(), { ...change, ...rest, hosts: [web], gone: ["db1"] });
  assert.deepEqual(await next(), { ...change, ...rest, problems: ["x"] });
  await cancel();
});

Deno.test("an event stream beats where nothing else was sent for five seconds, with one timer", async () => {
  const site = createTestSite();
  const { next, cancel } = await openEvents(site);
  await next();
  assert.equal(site.clock.pending(), 1);
  site.clock.advance(5_000);
  assert.deepEqual(await next(), { kind: "beat", now: site.clock.wall() });
  site.clock.advance(4_999);
  site.fleet.change({ problems: ["x"] });
  assert.equal((await next())?.kind, "change");
  site.clock.advance(4_999);
  site.fleet.change({});
  site.clock.advance(1);
  assert.deepEqual(await next(), { kind: "beat", now: site.clock.wall() });
  assert.equal(site.clock.pending(), 1);
  await cancel();
});

Deno.test("a stream that nobody changes takes no snapshots", async () => {
  let snapshots = 0;
  const plain = createFakeView().open("ann");
  const snapshot = () => {
    snapshots++;
    return plain.snapshot();
  };
  const site = createTestSite({ fleet: createFakeView({ snapshot }) });
  const { next, cancel } = await openEvents(site);
  await next();
  site.clock.advance(60_000);
  assert.equal(snapshots, 1);
  await cancel();
});

Deno.test("a stream whose reader leaves watches no more, and has no timer", async () => {
  const site = createTestSite();
  const { next, cancel } = await openEvents(site);
  await next();
  assert.equal(site.fleet.watchers.size, 1);
  await cancel();
  assert.equal(site.fleet.watchers.size, 0);
  assert.equal(site.clock.pending(), 0);
});

for (const when of ["at the next change", "within five seconds"]) {
  Deno.test(`a stream ends ${when} when its token is taken back`, async () => {
    const site = createTestSite();
    const { next } = await openEvents(site);
    await next();
    site.accept({ default: TOKEN });
    if (when === "at the next change") site.fleet.change({ problems: ["canary"] });
    else site.clock.advance(5_000);
    assert.deepEqual([await next(), await next()], [{ kind: "signed_out" }, null]);
    assert.equal(site.fleet.watchers.size, 0);
    assert.equal(site.clock.pending(), 0);
  });
}

Deno.test("signing out ends the streams of that session at once, and of no other", async () => {
  const site = createTestSite();
  const [own, other] = [await site.signIn(ANN), await site.signIn(ANN)];
  const [first, second] = [await openEvents(site, own), await openEvents(site, other)];
  await Promise.all([first.next(), second.next()]);
  await site.ask("/sign-out", form({}, own));
  assert.deepEqual([await first.next(), await first.next()], [{ kind: "signed_out" }, null]);
  assert.equal(site.fleet.watchers.size, 1);
  await second.cancel();
});

Deno.test("a page that is open keeps its session in use, but for no more than seven days", async () => {
  const site = createTestSite();
  const { next } = await openEvents(site, await site.signIn(ANN));
  await next();
  const hours: number[] = [];
  for (let hour = 11; hour < 200; hour += 11) {
    site.clock.setWall(site.clock.wall() + 11 * 3_600_000);
    site.clock.advance(5_000);
    if ((await next())?.kind !== "beat") break;
    hours.push(hour);
  }
  assert.equal(hours.at(-1), 165);
  assert.equal(await next(), null);
});

Deno.test("a reader that is too slow gets everything again once it has caught up", async () => {
  const site = createTestSite();
  const { next, cancel } = await openEvents(site);
  await next();
  for (let count = 0; count < 200; count++) {
    site.fleet.change({ problems: [`${count}`, "x".repeat(1_000)] });
  }
  for (let count = 0; count < 50; count++) assert.equal((await next())?.kind, "change");
  let event: LiveEvent | null = null;
  for (let count = 0; count < 20 && event?.kind !== "all"; count++) {
    site.clock.advance(5_000);
    event = await next();
  }
  assert.equal(event?.kind === "all" && event.overview.problems[0], "199");
  site.fleet.change({ problems: ["after"] });
  assert.equal((await next())?.kind, "change");
  await cancel();
});

Deno.test("a reader that reads nothing for 30 s is cut off", async () => {
  const site = createTestSite();
  await site.ask("/api/events", { headers: BEARER });
  site.clock.advance(29_999);
  assert.equal(site.fleet.watchers.size, 1);
  site.clock.advance(1);
  assert.equal(site.fleet.watchers.size, 0);
  assert.equal(site.clock.pending(), 0);
});

Deno.test("a reader that was cut off keeps its place while it is connected", async () => {
  const site = createTestSite();
  const completed = Promise.withResolvers<void>();
  const open = async () => {
    const request = new Request("http://localhost:8090/api/events", { headers: BEARER });
    return (await site.handler(request, { completed: completed.promise })).status;
  };
  for (let count = 0; count < 32; count++) assert.equal(await open(), 200);
  site.clock.advance(30_000);
  assert.equal(site.fleet.watchers.size, 0);
  assert.equal(await open(), 503);
  completed.resolve();
  await completed.promise;
  assert.equal(await open(), 200);
});

Deno.test("a principal may have 32 streams of 64, and eight are for operators", async () => {
  const site = createTestSite();
  const bob = { authorization: "Bearer bobs-token" };
  site.accept({ default: TOKEN, ann: ANN, bob: "bobs-token" });
  const openMany = async (headers: Record<string, string>) => {
    const responses = [];
    for (let count = 0; count < 65; count++) {
      const response = await site.ask("/api/events", { headers });
      if (response.status === 200) responses.push(response);
      else assert.deepEqual([response.status, response.headers.get("retry-after")], [503, "30"]);
    }
    return responses;
  };
  const streams = [BEARER, bob, { authorization: `Bearer ${TOKEN}` }].map(openMany);
  const opened = (await Promise.all(streams)).flat();
  assert.equal(opened.length, 64);
  const refused = await site.ask("/api/events", { headers: BEARER });
  assert.match((await refused.json()).problem, /^Too many pages are open/);
  for (const { body } of opened) await body?.cancel();
  const again = await openEvents(site);
  await again.cancel();
  assert.equal(site.fleet.watchers.size, 0);
});

Deno.test("all streams end when the hub stops, and no other begins", async () => {
  const site = createTestSite();
  const { next } = await openEvents(site);
  await next();
  site.stop.abort();
  assert.equal(await next(), null);
  assert.equal(site.fleet.watchers.size, 0);
  assert.equal(site.clock.pending(), 0);
  const refused = await site.ask("/api/events", { headers: BEARER });
  assert.deepEqual([refused.status, await refused.json()], [503, {
    problem: "The hub is stopping.",
  }]);
});

Deno.test("a view that fails ends its stream, and is logged", async () => {
  const bug = new TypeError("a bug");
  let isBroken = false;
  const plain = createFakeView().open("ann");
  const snapshot = () => {
    if (isBroken) throw bug;
    return plain.snapshot();
  };
  const site = createTestSite({ fleet: createFakeView({ snapshot }) });
  const { next } = await openEvents(site);
  await next();
  isBroken = true;
  site.fleet.change({});
  assert.equal(await next(), null);
  assert.deepEqual(site.bugs, [bug]);
  assert.equal(site.fleet.watchers.size, 0);
});

Deno.test("streams that nobody reads hold no more than all may, and send everything once there is room", async () => {
  const site = createTestSite();
  // A principal may have three times as much on its way, less the rest of it.
  site.fleet.change({ problems: ["x".repeat(8 * 1024 * 1024)] });
  const [one, two, three] = [
    await openEvents(site),
    await openEvents(site),
    await openEvents(site),
  ];
  let third: LiveEvent | null = null;
  const waiting = three.next().then((event) => third = event);
  site.clock.advance(5_000);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(third, null);
  for (let count = 0; count < 2; count++) {
    // What it has read makes room for what it has missed.
    assert.equal((await one.next())?.kind, "all");
    site.clock.advance(5_000);
  }
  assert.equal(third, null);
  await two.cancel();
  site.clock.advance(5_000);
  assert.equal((await waiting)?.kind, "all");
  for (const { cancel } of [one, three]) await cancel();
});
