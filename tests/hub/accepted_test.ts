import assert from "node:assert/strict";
import { parseCommand } from "../../lib/cli/command.ts";
import { loadConfiguration, type LoadContext } from "../../lib/config/load.ts";
import { createLogger } from "../../lib/base/log.ts";
import { createLiveState } from "../../lib/hub/live.ts";
import { type FakeFile, fakeSources } from "../config/fake_sources.ts";

const HOST = '[hosts.a]\nssh_host = "a"\ntags = ["lab"]\n[hosts.b]\nssh_host = "b"\n';
const ANN = '[clients.ann]\ntoken_file = "/ann"\n';
const BEN = '[clients.ben]\ntoken = "of-ben-and-long-enough"\n';
const COMMANDS = '[commands.c]\nrun = ["a"]\n[commands.d]\nrun = ["b"]\n';
const TYPO = '[hosts.c]\nssh_hots = "c"\n';
const OF = { ann: "of-ann-and-long-enough", ben: "of-ben-and-long-enough", hub: "of-hub-and-long" };

/** A hub that knows ann, ben and the holder of its own token, and whose files change. */
async function start(env: Readonly<Record<string, string>> = {}) {
  const files: Record<string, FakeFile> = {
    "/r.toml": HOST + ANN + BEN,
    "/ann": OF.ann,
    "/hub": OF.hub,
  };
  const sources = fakeSources({
    env: { LMCP_HUB_BACKENDS: "/r.toml", LMCP_TOKEN_FILE: "/hub", ...env },
    files,
  });
  const command = parseCommand([]);
  assert.ok(command.mode === "serve");
  const load = (context: Partial<LoadContext>) =>
    loadConfiguration("serve", command.flags, sources, context);
  const { configuration } = await load({});
  const gone: string[][] = [];
  const narrowed: string[][] = [];
  const lines: string[] = [];
  const live = createLiveState(configuration, {
    load,
    tools: [],
    onGone: (principals) => gone.push([...principals]),
    onNarrowed: (principals) => narrowed.push([...principals]),
    log: createLogger({
      format: "text",
      level: "warn",
      write: (line) => lines.push(line),
      now: () => new Date(0),
    }),
  });
  const principalOf = (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    return live.current().authenticate(new Request("http://127.0.0.1/mcp", { headers }))?.name;
  };
  return {
    live,
    lines,
    gone,
    narrowed,
    principalOf,
    /** Who is let in. */
    accepted: () => Object.values(OF).flatMap((token) => principalOf(token) ?? []),
    /** Changes files, and reads them. */
    change: async (changes: Readonly<Record<string, FakeFile | null>>) => {
      for (const [path, file] of Object.entries(changes)) {
        if (file === null) delete files[path];
        else files[path] = file;
      }
      await live.reload();
      return live.current().problems.length > 0;
    },
  };
}

const changes: readonly (readonly [
  what: string,
  files: Readonly<Record<string, FakeFile | null>>,
  gone: readonly string[],
])[] = [
  ["a client is taken out beside a mistake", { "/r.toml": HOST + BEN + TYPO }, ["ann"]],
  ["a client is taken out, and its token file too", {
    "/r.toml": HOST + BEN + TYPO,
    "/ann": null,
  }, ["ann"]],
  ["a client's token file is deleted", { "/ann": null }, ["ann"]],
  ["a client's token file is empty", { "/ann": "\n" }, ["ann"]],
  ["a client's token file has another token, beside a mistake", {
    "/ann": "another-and-long-enough",
    "/r.toml": HOST + ANN + BEN + TYPO,
  }, ["ann"]],
  ["a client's token file cannot be read", { "/ann": new Deno.errors.PermissionDenied() }, ["ann"]],
  ["a client's token is replaced beside a mistake in its entry", {
    "/r.toml": `${HOST}${ANN}${BEN.replace("of-ben", "new")}hots = []\n`,
  }, ["ben"]],
  ["a client loses its token field", { "/r.toml": `${HOST}${ANN}[clients.ben]\n` }, ["ben"]],
  ["both clients are taken out beside a mistake", { "/r.toml": HOST + TYPO }, ["ann", "ben"]],
  ["the hub's own token file is deleted", { "/hub": null }, ["default"]],
  ["the hub's own token is replaced beside a mistake", {
    "/hub": "another-and-long-enough",
    "/r.toml": HOST + ANN + BEN + TYPO,
  }, ["default"]],
  ["there is a mistake elsewhere", { "/r.toml": HOST + ANN + BEN + TYPO }, []],
  ["there is a mistake in a client's entry", { "/r.toml": `${HOST}${ANN}${BEN}hots = []\n` }, []],
  ["the registry cannot be parsed", { "/r.toml": `${HOST}[clients.ann\n` }, []],
  ["the registry is deleted", { "/r.toml": null }, []],
  ["the registry cannot be read", { "/r.toml": new Deno.errors.PermissionDenied() }, []],
  ["the registry is empty, as its writer has only begun", { "/r.toml": "" }, []],
  ["clients is no table", { "/r.toml": `clients = 1\n${HOST}` }, []],
];

for (const [what, files, gone] of changes) {
  Deno.test(`createLiveState() lets in all but ${gone.join(", ") || "nobody"} when ${what}`, async () => {
    const hub = await start();
    assert.deepEqual(hub.accepted(), ["ann", "ben", "default"]);
    assert.equal(await hub.change(files), true, "the files have an error");
    const expected = ["ann", "ben", "default"].filter((name) => !gone.includes(name));
    assert.deepEqual(hub.accepted(), expected);
    assert.deepEqual(hub.gone.flat().sort(), [...gone].sort());
    assert.equal(hub.principalOf("another-and-long-enough"), undefined);
    await hub.change({ "/r.toml": HOST + ANN + BEN, "/ann": OF.ann, "/hub": OF.hub });
    assert.deepEqual(hub.accepted(), ["ann", "ben", "default"]);
    assert.doesNotMatch(hub.lines.join(), /of-ann|of-ben|of-hub/);
  });
}

Deno.test("createLiveState() reports who is gone from a registry without mistakes", async () => {
  const hub = await start();
  assert.equal(await hub.change({ "/r.toml": HOST + BEN }), false);
  assert.deepEqual([hub.accepted(), hub.gone], [["ben", "default"], [["ann"]]]);
  assert.match(hub.lines.join(), /tokens are no longer accepted, .* of=\["ann"\]/);
});

Deno.test("createLiveState() does not end what a client does when its token is replaced", async () => {
  const hub = await start();
  assert.equal(await hub.change({ "/ann": "another-and-long-enough" }), false);
  assert.equal(hub.principalOf("another-and-long-enough"), "ann");
  assert.deepEqual([hub.accepted(), hub.gone], [["ben", "default"], []]);
});

for (
  const [before, after, narrowed] of [
    ["", 'hosts = ["a"]\n', true],
    ['hosts = ["a"]\n', 'hosts = ["b"]\n', true],
    ['hosts = ["a"]\n', 'hosts = ["a", "b"]\n', false],
    ['hosts = ["a"]\n', "", false],
    ["", 'tools = ["remote_shell"]\n', true],
    ['tools = ["remote_shell"]\n', 'tools = ["remote_shell", "remote_list_dir"]\n', false],
    ["", "read_only = true\n", true],
    ["read_only = true\n", "", false],
    ["", "max_timeout = 1\n", false],
    ["", 'commands = ["c"]\n', true],
    ['commands = ["c", "d"]\n', 'commands = ["c"]\n', true],
    ['commands = ["c"]\n', 'commands = ["c", "d"]\n', false],
  ] as const
) {
  for (const mistake of ["", TYPO]) {
    const title = JSON.stringify([before, after, mistake]);
    Deno.test(`createLiveState() reports who may do less than before: ${title}`, async () => {
      const hub = await start();
      await hub.change({ "/r.toml": HOST + ANN + before + BEN + COMMANDS });
      hub.narrowed.length = 0;
      await hub.change({ "/r.toml": HOST + ANN + after + BEN + COMMANDS + mistake });
      assert.deepEqual(hub.narrowed, narrowed ? [["ann"]] : []);
      assert.deepEqual(hub.gone, []);
    });
  }
}

for (
  const [what, fields, commands, left] of [
    ["may run no longer", 'commands = ["c"]\n', COMMANDS, ["c"]],
    ["that is gone", 'commands = ["c", "d"]\n', '[commands.d]\nrun = ["b"]\n', ["d"]],
    ["that has a mistake", 'commands = ["c", "d"]\n', COMMANDS.replace('"a"', "1"), ["d"]],
    ["of several at first", "", COMMANDS, ["c", "d"]],
  ] as const
) {
  Deno.test(`createLiveState() takes from a client a command ${what}, in spite of mistakes`, async () => {
    const hub = await start();
    const all = 'commands = ["c", "d"]\n';
    assert.equal(await hub.change({ "/r.toml": HOST + ANN + all + BEN + COMMANDS }), false);
    assert.equal(
      await hub.change({ "/r.toml": HOST + ANN + fields + BEN + commands + TYPO }),
      true,
    );
    const { access, accepted } = hub.live.current();
    assert.deepEqual([...accepted.clients.get("ann")?.commands ?? []], left);
    assert.deepEqual([...access.commandsFor("ann").commands.keys()], left);
  });
}

Deno.test("createLiveState() lets nobody in where everybody is gone", async () => {
  const hub = await start();
  await hub.change({ "/hub": null, "/r.toml": HOST + TYPO });
  assert.deepEqual([hub.accepted(), hub.principalOf("")], [[], undefined]);
  assert.equal(hub.live.current().authenticate(new Request("http://127.0.0.1/mcp")), null);
});

Deno.test("createLiveState() takes permissions away at once, and gives none beside a mistake", async () => {
  const hub = await start();
  const ann = (fields: string) => hub.change({ "/r.toml": HOST + ANN + fields + BEN + TYPO });
  const hosts = () => [...hub.live.current().access.hostsFor("ann").hosts.keys()];
  const rules = () => hub.live.current().accepted.clients.get("ann")?.rules;
  assert.deepEqual(hosts(), ["a", "b"]);
  await ann('hosts = ["@lab"]\ntools = ["remote_shell", "remote_list_dir"]\nread_only = true\n');
  assert.deepEqual(hosts(), ["a"]);
  const tools = new Set(["remote_shell", "remote_list_dir"]);
  assert.deepEqual(rules(), { tools, readOnly: true });
  await hub.change({ "/r.toml": `${HOST}${ANN}hosts = ["a"]\nread_only = true\n${BEN}` });
  await ann("");
  assert.deepEqual([hosts(), rules()], [["a"], { tools: null, readOnly: true }]);
});

Deno.test("createLiveState() lowers a client's limits beside a mistake, and raises none", async () => {
  const hub = await start();
  const limits = () => hub.live.current().accepted.clients.get("ann")?.limits;
  await hub.change({ "/r.toml": `${HOST}${ANN}rate = 60\nconcurrent = 4\n${BEN}` });
  assert.deepEqual(limits(), { perMinute: 60, atOnce: 4 });
  await hub.change({ "/r.toml": `${HOST}${ANN}rate = 90\nconcurrent = 2\n${BEN}${TYPO}` });
  assert.deepEqual(limits(), { perMinute: 60, atOnce: 2 });
  await hub.change({ "/r.toml": HOST + ANN + BEN + TYPO });
  assert.deepEqual(limits(), { perMinute: 60, atOnce: 4 });
});

const OAUTH = `[oauth]
issuer = ["https://a.example.org", "https://b.example.org"]
audience = "https://hub.example.org/mcp"
claim = "sub"
[clients.eve]
`;
const ONE = OAUTH.replace(', "https://b.example.org"', "");

for (
  const [what, oauth, issuers, isOut] of [
    ["keeps those that are still named", OAUTH, ["a", "b"], false],
    ["takes issuers out", ONE, ["a"], false],
    ["adds none", OAUTH.replace('"]', '", "https://c.example.org"]'), ["a", "b"], false],
    [
      "takes all out where what they must say is another thing",
      OAUTH.replace("sub", "x"),
      [],
      true,
    ],
    ["takes all out that the files have no more", "", [], true],
    [
      "keeps all while what the file says of them has a mistake",
      `${OAUTH}`.replace("claim", "cliam"),
      ["a", "b"],
      false,
    ],
  ] as const
) {
  Deno.test(`createLiveState() ${what}, beside a mistake`, async () => {
    const hub = await start();
    assert.equal(await hub.change({ "/r.toml": HOST + ANN + BEN + OAUTH }), false);
    assert.equal(await hub.change({ "/r.toml": HOST + ANN + BEN + oauth + TYPO }), true);
    const { oauth: left, clients } = hub.live.current().accepted;
    const urls = left?.issuers.map(({ url }) => url) ?? [];
    assert.deepEqual(urls, issuers.map((name) => `https://${name}.example.org`));
    assert.equal(clients.has("eve"), !isOut);
    assert.deepEqual(hub.gone, isOut ? [["eve"]] : []);
  });
}
