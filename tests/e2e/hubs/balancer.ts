import assert from "node:assert/strict";
import { codeBlocks, readDocument, section } from "../../docs/documents.ts";
import { startNginx } from "../../nginx.ts";
import { until } from "../../processes.ts";
import type { RunningProgram } from "../program.ts";

/** An nginx in front of hubs, with the configuration that `docs/scaling.md` gives. */
export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** The ports of the hubs to which requests went that have been answered, in that order. */
  readonly ports: () => Promise<readonly number[]>;
}

/** Starts nginx, and waits until it listens. */
export async function startBalancer(hubs: readonly RunningProgram[]): Promise<Balancer> {
  const nginx = await startNginx({
    advice: await adapt(hubs),
    accessLog: (directory) =>
      `log_format upstreams '$upstream_addr';\naccess_log ${directory}/upstreams upstreams;`,
  });
  return {
    url: `http://127.0.0.1:${nginx.port}/mcp`,
    ports: async () => {
      const log = await Deno.readTextFile(`${nginx.directory}/upstreams`);
      return log.split("\n").filter(Boolean).map((address) => Number(address.split(":").at(-1)));
    },
    [Symbol.asyncDispose]: nginx[Symbol.asyncDispose],
  };
}

/** Waits until so many requests have been answered, which went to different hubs. */
export async function assertWentToBoth(balancer: Balancer, count: number): Promise<void> {
  await until(async () => (await balancer.ports()).length >= count);
  const ports = (await balancer.ports()).slice(-count);
  assert.equal(new Set(ports).size, 2, ports.join(" "));
}

/** The advice of the document, for these hubs. */
async function adapt(hubs: readonly RunningProgram[]): Promise<string> {
  const blocks = codeBlocks(section(await readDocument("docs/scaling.md"), "Several hubs"));
  const advice = blocks.find(({ language }) => language === "nginx")?.code ?? assert.fail();
  const servers = hubs.map((hub) => `  server 127.0.0.1:${hub.port};\n`).join("");
  assert.match(advice, /listen 443 ssl;/);
  return advice.replaceAll(/(?: *server 10\.0\.0\.\d:8090;\n)+/g, servers);
}
