import { openBlackHole } from "../../../tests/lab/black_hole.ts";
import { type Bench, type Section } from "../bench.ts";
import { manyHosts } from "../registry.ts";
import { startBackend, startHub } from "../servers.ts";
import { measure } from "../statistics.ts";
import type { Cell, Table, Target } from "../table.ts";
import { callOnce } from "../tool_request.ts";

const SIZES = [10, 100, 1_000];
const BACKEND_PORTS = 10;
const MARGIN_SECONDS = 2;

/** Forced listings of fleets, with all hosts answering or half of them silent. */
export const listing: Section = { name: "listing", run: runListing };

async function runListing(bench: Bench): Promise<Table[]> {
  const connectTimeout = bench.options.isQuick ? 1 : 3;
  await using backend = await startBackend(bench, BACKEND_PORTS);
  using hole = await openBlackHole();
  const holePorts = [Number(new URL(hole.url).port)];
  const rows: Cell[][] = [];
  const targets: Target[] = [];
  for (const size of SIZES) {
    for (const silent of [0, size / 2]) {
      const hosts = [
        ...manyHosts("host", size - silent, backend.ports),
        ...manyHosts("silent", silent, holePorts),
      ];
      await using hub = await startHub({ hosts, connectTimeout }, bench);
      const { seconds, seenUp } = await listHosts(hub.port, bench);
      const measured = measure(seconds);
      rows.push([size, silent, measured, measure(seenUp)]);
      if (silent > 0 && size === Math.max(...SIZES)) {
        const name = `seconds for ${size} hosts, half of them silent`;
        targets.push({ name, measured, sense: "at most", limit: connectTimeout + MARGIN_SECONDS });
      }
    }
  }
  return [{
    title: `Forced listing, connect timeout ${connectTimeout} s`,
    columns: ["hosts", "of them silent", "s", "seen up"],
    rows,
    targets,
    notes: [`the hosts share ${BACKEND_PORTS} ports of one backend, the silent ones one port`],
  }];
}

async function listHosts(port: number, { options, signal }: Bench) {
  const seconds: number[] = [];
  const seenUp: number[] = [];
  const isForProgram = true;
  for (let round = 0; round < options.rounds; round++) {
    signal.throwIfAborted();
    const startedAt = performance.now();
    const answer = await callOnce({
      port,
      tool: "remote_list_hosts",
      args: { force: true },
      isForProgram,
    });
    seconds.push((performance.now() - startedAt) / 1000);
    seenUp.push(answer.match(/"up":true/g)?.length ?? 0);
  }
  return { seconds, seenUp };
}
