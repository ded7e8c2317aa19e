import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parse } from "smol-toml";

const FUNCTIONS = fileURLToPath(new URL("../../../scripts/add-host-toml.sh", import.meta.url));

const LINES = '[hosts.web1]\nlmcp_url = "ssh://web1:8080/mcp"\ntoken_file = "tokens/web1"\n';

/** Runs functions of `add-host-toml.sh` on a registry. */
async function edit(registry: string, script: string): Promise<string> {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/registry`, registry);
    await Deno.writeTextFile(`${directory}/lines`, LINES);
    const { code, stdout, stderr } = await new Deno.Command("/bin/sh", {
      args: ["-euc", `tmp=.\n. ${FUNCTIONS}\n${script}`],
      cwd: directory,
    }).output();
    assert.equal(`${code} ${new TextDecoder().decode(stderr)}`, "0 ", script);
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** What `describe_entry` finds of `web1`. */
async function describe(registry: string): Promise<Record<string, string>> {
  const text = await edit(registry, "describe_entry registry web1 ssh://web1:8080/mcp");
  return Object.fromEntries(
    text.trimEnd().split("\n").filter(Boolean).map((line) => {
      const [key = "", ...rest] = line.split(" ");
      return [key, rest.join(" ")];
    }),
  );
}

const TEXTS = [
  "",
  "# Nothing here.",
  "\n",
  "\n\n",
  '# é\n[defaults]\ntags = [\n  "a", # one\n]\n',
  '[hosts.other]\nssh_host = "other"',
  '[hosts.other]\nssh_host = "other"\n',
  '[hosts.other]\nssh_host = "other"\n\n\n',
  '[hosts.other]\nssh_host = "other"\n   ',
  "[hosts.other]\nssh_host = '[hosts.web1]' # [hosts.web1]\n# [hosts.web1]\n",
  '[hosts]\n"web1.example" = { ssh_host = "x" }\n[groups]\na = "web1"\n',
];

Deno.test("a table is added and removed without a change to any other byte", async () => {
  for (const unix of TEXTS) {
    for (const text of [unix, unix.replaceAll("\n", "\r\n")]) {
      const added = await edit(text, "with_table registry lines");
      assert.ok(added.startsWith(text), JSON.stringify(text));
      const hosts = parse(added).hosts;
      assert.ok(typeof hosts === "object" && "web1" in hosts, JSON.stringify(added));
      if (text.includes("\r\n")) assert.doesNotMatch(added, /(^|[^\r])\n/, JSON.stringify(added));
      assert.equal(/\n$/.test(added), text === "" || /\n$/.test(text), JSON.stringify(added));
      const { first, last, ...rest } = await describe(added);
      assert.deepEqual(rest, { lmcp_url: "ssh://web1:8080/mcp", token_file: "tokens/web1" });
      const removed = await edit(added, `without_lines registry ${first} ${last}`);
      assert.equal(removed, text);
    }
  }
});

Deno.test("a table between others is removed with its empty line, and nothing else", async () => {
  const before = '# one\n[hosts.a]\nssh_host = "a"\n';
  const after = '\n# two\n[hosts.b]\nssh_host = "b"\n';
  const text = `${before}\n${LINES}${after}`;
  const { first, last } = await describe(text);
  assert.equal(await edit(text, `without_lines registry ${first} ${last}`), before + after);
});

Deno.test("lines are added to a table that is there, and removed again", async () => {
  for (const end of ["\n", "\r\n"]) {
    for (const header of ["[hosts.web1]", ' [ hosts . "web1" ]  # mine', "[hosts.'web1']"]) {
      for (const last of ["", end, `${end}${end}[hosts.b]`]) {
        const text = `# one${end}${header}${end}ssh_host = "web1"${last}`;
        const found = await describe(text);
        assert.equal(found.ssh_host, "web1");
        const added = await edit(
          text,
          `sed -i '1d; s/$/  # add-host.sh/' lines; with_lines registry lines ${found.first}`,
        );
        const now = await describe(added);
        assert.deepEqual(
          [now.lmcp_url, now.token_file, now.ssh_host, now.marked],
          ["ssh://web1:8080/mcp", "tokens/web1", "web1", "yes"],
        );
        assert.equal(
          await edit(added, `without_marked registry ${now.first} ${now.last}`),
          text,
          JSON.stringify(text),
        );
      }
    }
  }
});

Deno.test("the tags of a table are found, however they are written", async () => {
  for (
    const list of [
      '["a", "b"]',
      '["a","b"]  # add-host.sh',
      "[ 'a', 'b', ] # mine [x]",
      '["a", "b"]\r',
    ]
  ) {
    const { tags } = await describe(`[hosts.web1]\nssh_host = "web1"\ntags = ${list}\n`);
    assert.equal(tags, '["a", "b"]', list);
  }
});

Deno.test("another host with the same address is found, and no name that only begins alike", async () => {
  const text = '[hosts."web1.example.org"]\nlmcp_url = "ssh://web1:8080/mcp"\n[hosts.web10]\n';
  assert.deepEqual(await describe(text), { other: "web1.example.org" });
  assert.deepEqual(await describe("[clients.web1]\n[groups]\nweb1 = 'b'\n"), {});
});
