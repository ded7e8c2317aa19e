import assert from "node:assert/strict";
import { openNats } from "../../lib/nats/connection.ts";
import { hostSubject, inboxPrefix, presenceSubject } from "../../lib/nats/subjects.ts";
import { readDocument, section } from "../docs/documents.ts";
import { freePort } from "../free_port.ts";
import { until } from "../processes.ts";
import { listen, say } from "./messages.ts";
import { NATS_SERVER, startNats } from "./server.ts";
import { startShipped } from "./shipped.ts";

/** The blocks of configuration that the page on several sites has, in its order. */
async function readBlocks(): Promise<readonly string[]> {
  const { text } = section(await readDocument("docs/scaling.md"), "Several sites");
  return [...text.matchAll(/^```conf\n(.*?)^```$/gms)].map(([, block = ""]) => block);
}

Deno.test({
  name: "the broker of a site joins as the documents say, and leads to its hosts",
  ignore: NATS_SERVER === null,
  fn: async () => {
    const [leafs = "", entry = "", remotes = ""] = await readBlocks();
    const port = freePort();
    await using broker = await startShipped(["db1"], {
      entries: [entry],
      blocks: [leafs.replace("0.0.0.0:7422", `127.0.0.1:${port}`)],
    });
    await using site = await startNats({
      config: [
        remotes.replace("broker.example.org:7422", `127.0.0.1:${port}`)
          .replace("/etc/nats/ca.pem", broker.certificate),
      ],
    });
    const hub = await broker.connect("hub");
    const log = { info: () => {}, warn: () => {}, debug: () => {} };
    const here = openNats({ settings: site.settings, name: "here", log });
    try {
      await until(here.isUp);
      const asked = listen(here, hostSubject("web1"), "agents");
      const inbox = inboxPrefix("hub");
      const answers = listen(hub, `${inbox}.*`);
      const presence = listen(hub, presenceSubject("web1"));
      await Promise.all([here.flush(), hub.flush()]);
      await until(() => {
        say(here, presenceSubject("web1"), "here");
        say(hub, hostSubject("web1"), "a request", `${inbox}.${crypto.randomUUID()}`);
        return presence.length > 0 && answers.includes("an answer");
      }, 10_000);
      assert.equal(asked[0], "a request");
      const unheard = listen(hub, `${inbox}.unheard`);
      await hub.flush();
      say(hub, hostSubject("web2"), "a request", `${inbox}.unheard`);
      await until(() => unheard.length > 0);
      assert.deepEqual(unheard, [""]);
    } finally {
      await here.close();
    }
  },
});
