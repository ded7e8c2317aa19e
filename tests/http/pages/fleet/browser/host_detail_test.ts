import assert from "node:assert/strict";
import { followHost } from "../../../../../lib/http/pages/fleet/browser/host_detail.js";
import type { HostDetail, PageData } from "../../../../../lib/http/pages/fleet/model.ts";
import { createFakeClock } from "../../../../base/time/fake_clock.ts";
import { sampleDetail, sampleHost, sampleOverview } from "../views/sample.ts";

const [IDLE, BUSY] = [0, 1].map((running) =>
  sampleOverview({ hosts: [sampleHost({ name: "web01", running })] })
);

/** The page of a host, whose requests a test answers. */
function openHostPage({ isHidden = false } = {}) {
  const detail = sampleDetail({ row: sampleHost({ name: "web01" }) });
  const page = { page: "host", overview: sampleOverview(), detail } as const;
  const asked: ((detail: HostDetail | null) => void)[] = [];
  const shown: PageData[] = [];
  const { after, advance } = createFakeClock();
  const follower = followHost({
    requests: {
      host: () => {
        const answer = Promise.withResolvers<HostDetail | null>();
        asked.push(answer.resolve);
        return answer.promise;
      },
    },
    screen: { data: () => page, show: (data) => void shown.push(data) },
    after,
    isHidden: () => isHidden,
  });
  /** The hub answers what it was asked last. */
  async function answer() {
    asked.at(-1)?.(detail);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return {
    asked,
    shown,
    advance,
    answer,
    change: () => follower.onOverview(IDLE ?? assert.fail(), BUSY ?? assert.fail()),
  };
}

Deno.test("a host's page is read again each 15 s, and soon after its row has changed", async () => {
  const { asked, shown, advance, answer, change } = openHostPage();
  advance(14_999);
  assert.equal(asked.length, 0);
  advance(1);
  assert.equal(asked.length, 1);
  await answer();
  assert.equal(shown.length, 1);
  change();
  change();
  advance(500);
  assert.equal(asked.length, 2);
  await answer();
  advance(14_999);
  assert.equal(asked.length, 2);
});

Deno.test("what changes while a host's page is read is read soon after, and not meanwhile", async () => {
  const { asked, advance, answer, change } = openHostPage();
  advance(15_000);
  change();
  advance(1_000);
  assert.equal(asked.length, 1);
  await answer();
  advance(500);
  assert.equal(asked.length, 2);
});

Deno.test("nothing is read for a host's page that nobody sees", () => {
  const { asked, advance } = openHostPage({ isHidden: true });
  advance(60_000);
  assert.equal(asked.length, 0);
});
