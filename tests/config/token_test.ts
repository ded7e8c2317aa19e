import assert from "node:assert/strict";
import { type InboundTokenPlaces, loadInboundToken, parseToken } from "../../lib/config/token.ts";
import { formatProblem } from "../../lib/base/problem.ts";
import { type FakeFile, fakeSources } from "./fake_sources.ts";

interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, FakeFile>>;
  readonly places?: Partial<InboundTokenPlaces>;
}

async function load({ places, ...world }: World) {
  const { token, problems } = await loadInboundToken({
    tokenFile: undefined,
    conf: undefined,
    confVariable: "LMCP_HUB_CONF",
    defaultConf: "/default.conf",
    ...places,
  }, fakeSources(world));
  return { token: token?.reveal() ?? null, problems: problems.map(formatProblem) };
}

const badTokens: readonly (readonly [string, string])[] = [
  ["", "the token is empty"],
  ["a b", "the token holds white space or a control character"],
  ["a\u00a0b", "the token holds white space or a control character"],
  ["a\u0000", "the token holds white space or a control character"],
  ["a\u007f", "the token holds white space or a control character"],
  ["é", "the token holds a character beyond ASCII"],
];

for (const [text, complaint] of badTokens) {
  Deno.test(`parseToken() refuses ${JSON.stringify(text)}`, () => {
    assert.deepEqual(parseToken(text), { complaint });
  });
}

Deno.test("parseToken() accepts every visible ASCII character", () => {
  const text = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 33 + index));
  const result = parseToken(text);
  assert.equal("token" in result && result.token.reveal(), text);
});

Deno.test("loadInboundToken() finds no token where none is set", async () => {
  assert.deepEqual(await load({}), { token: null, problems: [] });
  assert.deepEqual(await load({ places: { defaultConf: null } }), { token: null, problems: [] });
});

Deno.test("loadInboundToken() uses the variable, else the file, else the conf", async () => {
  const files = { "/token": "file\r\n\n", "/default.conf": ".godparticle = conf\n" };
  const places = { tokenFile: "/token" };
  const env = { LMCP_TOKEN: "variable" };
  assert.deepEqual(await load({ env, files }), { token: "variable", problems: [] });
  assert.deepEqual(await load({ files, places }), { token: "file", problems: [] });
  assert.deepEqual(await load({ files }), { token: "conf", problems: [] });
});

Deno.test("loadInboundToken() refuses LMCP_TOKEN beside LMCP_TOKEN_FILE", async () => {
  const env = { LMCP_TOKEN: "a" };
  assert.deepEqual(await load({ env, files: { "/t": "b" }, places: { tokenFile: "/t" } }), {
    token: null,
    problems: ["LMCP_TOKEN_FILE: error: is set together with LMCP_TOKEN: unset one of them"],
  });
});

Deno.test("loadInboundToken() treats an empty LMCP_TOKEN as an error, not as no token", async () => {
  assert.deepEqual(await load({ env: { LMCP_TOKEN: "" } }), {
    token: null,
    problems: ["LMCP_TOKEN: error: the token is empty"],
  });
});

const badFiles: readonly (readonly [string, FakeFile, string])[] = [
  [
    "others may read",
    { text: "t", mode: 0o100644 },
    'token file "/t" is open to other users (mode 0644): chmod it to 0600',
  ],
  [
    "others may change",
    { text: "t", mode: 0o602 },
    'token file "/t" is open to other users (mode 0602): chmod it to 0600',
  ],
  ["is empty", "\n", 'token file "/t": the token is empty'],
  [
    "has two lines",
    "a\nb\n",
    'token file "/t": the token holds white space or a control character',
  ],
  ["is missing", new Deno.errors.NotFound(), 'cannot read token file "/t": no such file'],
  [
    "may not be read",
    new Deno.errors.PermissionDenied(),
    'cannot read token file "/t": permission denied',
  ],
  [
    "is a directory",
    new Deno.errors.IsADirectory(),
    'cannot read token file "/t": it is a directory',
  ],
];

for (const [what, file, message] of badFiles) {
  Deno.test(`loadInboundToken() refuses a token file that ${what}`, async () => {
    assert.deepEqual(await load({ files: { "/t": file }, places: { tokenFile: "/t" } }), {
      token: null,
      problems: [`LMCP_TOKEN_FILE: error: ${message}`],
    });
  });
}

Deno.test("loadInboundToken() accepts a token file whose group may read, or without mode", async () => {
  for (const mode of [0o640, null]) {
    const files = { "/t": { text: "token", mode } };
    assert.deepEqual(await load({ files, places: { tokenFile: "/t" } }), {
      token: "token",
      problems: [],
    });
  }
});

Deno.test("loadInboundToken() reads the line .godparticle of a conf with other lines", async () => {
  const conf = "# conf\r\n.port = 1\r\n  .godparticle=t0ken==  \r\ngodparticle = no\r\n";
  assert.deepEqual(await load({ files: { "/default.conf": conf } }), {
    token: "t0ken==",
    problems: [],
  });
});

Deno.test("loadInboundToken() uses the later of two lines .godparticle, with a warning", async () => {
  const conf = ".godparticle = first\n.godparticle = second\n";
  assert.deepEqual(await load({ files: { "/default.conf": conf } }), {
    token: "second",
    problems: [
      "/default.conf:2: warning: .godparticle: is set again; this later line counts",
    ],
  });
});

Deno.test("loadInboundToken() refuses an empty token in a conf, and names the line", async () => {
  assert.deepEqual(await load({ files: { "/default.conf": "\n.godparticle =\n" } }), {
    token: null,
    problems: ["/default.conf:2: error: .godparticle: the token is empty"],
  });
});

Deno.test("loadInboundToken() refuses a conf that is named but missing, whatever sets the token", async () => {
  assert.deepEqual(await load({ env: { LMCP_TOKEN: "token" }, places: { conf: "/conf" } }), {
    token: "token",
    problems: ['LMCP_HUB_CONF: error: cannot read "/conf": no such file'],
  });
});

Deno.test("loadInboundToken() refuses a default conf that is there but cannot be read", async () => {
  const files = { "/default.conf": new Deno.errors.PermissionDenied() };
  assert.deepEqual(await load({ files }), {
    token: null,
    problems: ['/default.conf: error: cannot read "/default.conf": permission denied'],
  });
});

Deno.test("loadInboundToken() warns of a named conf that sets no token", async () => {
  const places = { conf: "/conf" };
  const files = { "/conf": "godparticle = a\n" };
  assert.deepEqual(await load({ files, places }), {
    token: null,
    problems: [
      'LMCP_HUB_CONF: warning: "/conf" has no line ".godparticle = TOKEN": ' +
      "there is no inbound token",
    ],
  });
  assert.deepEqual(await load({ files, places, env: { LMCP_TOKEN: "token" } }), {
    token: "token",
    problems: [],
  });
});

Deno.test("loadInboundToken() never shows a token in a problem", async () => {
  const worlds: World[] = [
    { env: { LMCP_TOKEN: "canary beef" } },
    { files: { "/t": "canary\u0001" }, places: { tokenFile: "/t" } },
    { files: { "/default.conf": ".godparticle = canary beef\n.godparticle = canary\n" } },
  ];
  for (const world of worlds) {
    const { problems } = await load(world);
    assert.notEqual(problems.length, 0);
    assert.doesNotMatch(problems.join(), /canary/);
  }
});
