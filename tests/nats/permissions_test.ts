import assert from "node:assert/strict";
import { formatUser } from "../../lib/nats/permissions.ts";
import {
  AGENT_QUEUE,
  agentSubject,
  ALL_PRESENCE,
  hostNoticeSubject,
  hostSubject,
  hubSubject,
  inboxPrefix,
  presenceSubject,
  WHO_SUBJECT,
} from "../../lib/nats/subjects.ts";
import { until } from "../processes.ts";
import { listen, say } from "./messages.ts";
import { NATS_SERVER } from "./server.ts";
import { SHIPPED, startShipped } from "./shipped.ts";

const ignore = NATS_SERVER === null;

Deno.test({
  name: "with the shipped configuration of the broker, an agent serves its own host",
  ignore,
  fn: async () => {
    await using broker = await startShipped(["web.1", "db1"]);
    const [hub, web] = [await broker.connect("hub"), await broker.connect("web.1")];
    const heard = ["host", "notice", "agent", "who"] as const;
    const subjects = {
      host: hostSubject("web.1"),
      notice: hostNoticeSubject("web.1"),
      agent: agentSubject("web.1", "a-1"),
      who: WHO_SUBJECT,
    };
    const came = heard.map((name) =>
      listen(web, subjects[name], name === "host" ? AGENT_QUEUE : undefined)
    );
    const presence = listen(hub, ALL_PRESENCE);
    const inbox = inboxPrefix("hub");
    const answers = listen(hub, `${inbox}.*`);
    await Promise.all([hub.flush(), web.flush()]);
    for (const name of heard) say(hub, subjects[name], name, `${inbox}.${name}`);
    say(web, presenceSubject("web.1"), "here");
    await until(() => answers.length === heard.length && presence.length === 1);
    assert.deepEqual(came, heard.map((name) => [name]));
    assert.deepEqual([...broker.complaints("hub"), ...broker.complaints("web.1")], []);
  },
});

Deno.test({
  name: "with the shipped configuration of the broker, an agent can do nothing else",
  ignore,
  fn: async () => {
    await using broker = await startShipped(["web.1", "db1"]);
    const [hub, web, db] = [
      await broker.connect("hub"),
      await broker.connect("web.1"),
      await broker.connect("db1"),
    ];
    const inbox = `${inboxPrefix("hub")}.1`;
    const foreign = [
      hostSubject("web.1"),
      hostNoticeSubject("web.1"),
      agentSubject("web.1", "a-1"),
      presenceSubject("web.1"),
      WHO_SUBJECT,
      hubSubject("cancel"),
      inbox,
      "$JS.API.INFO",
      "$KV.lmcp_outputs.a",
      "elsewhere",
    ];
    const real = [...foreign.map((subject) => listen(hub, subject)), listen(web, foreign[0] ?? "")];
    const spied = [...foreign, "lmcp.>", "lmcp.host.*", "_INBOX.>", ">"].filter((subject) =>
      subject !== WHO_SUBJECT
    ).map((subject) => listen(db, subject));
    await Promise.all([hub.flush(), web.flush(), db.flush()]);
    // Some of these the broker would hand on, if it let them pass.
    for (const subject of foreign) say(db, subject, "forged");
    await db.flush();
    for (const subject of [hostSubject("web.1"), inbox]) say(hub, subject, "a secret");
    await Promise.all([hub.flush(), web.flush()]);
    await until(() => real.some((texts) => texts.includes("a secret")));
    assert.ok(!real.flat().includes("forged"));
    assert.deepEqual(spied.flat(), []);
  },
});

Deno.test({
  name: "the shipped configuration of the broker does not serve before it names a key",
  ignore,
  fn: async () => {
    const path = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(path, SHIPPED.replace(/^tls \{[^}]*\}$/m, ""));
      const { code, stderr } = await new Deno.Command(NATS_SERVER ?? "", {
        args: ["-t", "-c", path],
      }).output();
      assert.notEqual(code, 0);
      assert.match(new TextDecoder().decode(stderr), /Not a valid public nkey for a user/);
    } finally {
      await Deno.remove(path);
    }
  },
});

Deno.test("the shipped configuration of the broker has the entries that --nats-key prints", () => {
  const shipped = words(SHIPPED.replaceAll(/^ *# /gm, ""));
  const entries = [
    formatUser("PUBLIC-KEY-OF-THE-HUB", { kind: "hub" }),
    formatUser("PUBLIC-KEY-OF-web1", { kind: "agent", host: "web1" }),
  ];
  for (const entry of entries) assert.ok(shipped.includes(words(entry)), entry);
});

function words(text: string): string {
  return text.split(/\s+/).join(" ");
}
