import assert from "node:assert/strict";
import { checkText, hostsOf, makeFiles, needs, runImportOf } from "./import_into.ts";

const SECRET = "c4nary-secret";

const INVENTORY = {
  _meta: {
    hostvars: {
      web1: { ansible_host: "10.0.0.1", ansible_user: "deploy", ansible_port: 2222 },
      web2: { ansible_ssh_host: "10.0.0.2", ansible_ssh_user: "deploy", ansible_port: 22 },
      six: { ansible_host: "2001:db8::1", ansible_port: "2200", ansible_user: "a@b" },
      db1: {
        ansible_password: SECRET,
        ansible_become_password: SECRET,
        ansible_ssh_common_args: `-o ProxyCommand='sshpass -p ${SECRET}'`,
        ansible_user: { __ansible_vault: SECRET },
        other: SECRET,
      },
      templated: { ansible_host: "{{ inventory_hostname }}.lan", ansible_user: "x" },
      half: { ansible_user: "{{ user }}", ansible_port: "{{ port }}" },
      win: { ansible_connection: "winrm", ansible_password: SECRET },
      evil: { ansible_host: "-oProxyCommand=x" },
      evil2: { ansible_host: "a\n[hosts.injected]" },
    },
  },
  all: { children: ["ungrouped", "prod"], hosts: ["direct"] },
  ungrouped: { hosts: ["alone"] },
  prod: { children: ["web", "db"] },
  web: { hosts: ["web1", "web2", "six"], children: ["prod"] },
  db: { hosts: ["db1", "web1", "templated", "win", "evil", "evil2", "bad name"] },
  "od,d": { hosts: ["alone"] },
  plain: ["alone", "half"],
};

Deno.test("--import ansible makes hosts of an inventory, with its groups as tags", async () => {
  const stdin = JSON.stringify(INVENTORY);
  const { status, stdout, stderr } = await runImportOf(["ansible", "-"], { stdin });
  assert.equal(status, 0);
  assert.deepEqual(hostsOf(stdout), {
    direct: { ssh_host: "direct" },
    alone: { ssh_host: "alone", tags: ["plain"] },
    half: { ssh_host: "half", tags: ["plain"] },
    web1: { ssh_host: "ssh://deploy@10.0.0.1:2222", tags: ["prod", "web", "db"] },
    web2: { ssh_host: "deploy@10.0.0.2", tags: ["prod", "web"] },
    six: { ssh_host: "ssh://a%40b@[2001:db8::1]:2200", tags: ["prod", "web"] },
    db1: { ssh_host: "db1", tags: ["prod", "web", "db"] },
  });
  assert.ok(!stdout.includes(SECRET) && !stderr.join().includes(SECRET));
  assert.ok(stdout.includes("# ansible_user is a template or a secret, and left out\n"));
  assert.ok(stdout.includes("# ansible_port is a template or a secret, and left out\n"));
  assert.deepEqual((await checkText(stdout)).status, 0);
  const said = stderr.join("\n");
  assert.match(said, /<stdin>: warning: "win": is left out: Ansible reaches it by "winrm"/);
  assert.match(
    said,
    /"evil": is left out: what ssh would connect to must not hold a host or a user/,
  );
  assert.match(said, /"evil2": is left out: what ssh would connect to must not hold characters/);
  assert.match(said, /"bad name": is left out: a host name holds/);
  assert.match(said, /"alone": is imported without the tag "od,d", which no call could name/);
});

Deno.test({
  ...await needs(
    "ansible-inventory",
    "--import ansible reads what ansible-inventory prints, with --export or without",
  ),
  fn: async () => {
    await using place = await makeFiles({
      "hosts.ini": [
        "lonely",
        "[web]",
        "web[01:02] ansible_host=192.0.2.1",
        "[db]",
        "db1 ansible_port=2200",
        "[prod:children]",
        "web",
        "db",
        "[web:vars]",
        "ansible_user=deploy",
        "",
      ].join("\n"),
    });
    const [whole, exported] = await Promise.all([[], ["--export"]].map(async (flags) => {
      const { success, stdout } = await new Deno.Command("ansible-inventory", {
        args: ["-i", `${place.path}/hosts.ini`, "--list", ...flags],
        env: { ANSIBLE_LOCAL_TEMP: place.path, ANSIBLE_HOME: place.path },
        stdin: "null",
      }).output();
      assert.ok(success);
      return await runImportOf(["ansible", "-"], { stdin: new TextDecoder().decode(stdout) });
    }));
    assert.deepEqual(whole?.stderr, []);
    assert.deepEqual(hostsOf(whole?.stdout ?? ""), {
      db1: { ssh_host: "ssh://db1:2200", tags: ["db", "prod"] },
      lonely: { ssh_host: "lonely" },
      web01: { ssh_host: "deploy@192.0.2.1", tags: ["prod", "web"] },
      web02: { ssh_host: "deploy@192.0.2.1", tags: ["prod", "web"] },
    });
    assert.match(
      exported?.stderr.join("\n") ?? "",
      /"web": sets variables that are not heeded: run/,
    );
  },
});

/** Texts that cannot be used, and what is said. */
const REFUSED = [
  ["", /^<stdin>: error: is empty: it must be JSON$/],
  ["[]", /^<stdin>: error: must be a JSON object$/],
  ['{"_meta": {}', /^<stdin>:1: error: it is not JSON from here on$/],
  [`{\n"all": ${SECRET}}`, /^<stdin>:2: error: it is not JSON from here on$/],
  [
    '{"Peer": {}}',
    /^<stdin>: error: is not what ansible-inventory --list prints: there is no group/,
  ],
  [
    JSON.stringify({ all: { hosts: Array.from({ length: 10_001 }, (_, at) => `h${at}`) } }),
    /^<stdin>: error: names too many hosts: at most 10000 are imported$/,
  ],
] as const;

Deno.test("--import ansible refuses what is no inventory, in one line without a word of it", async () => {
  for (const [stdin, wanted] of REFUSED) {
    const { status, stdout, stderr } = await runImportOf(["ansible", "-"], { stdin });
    assert.deepEqual([status, stdout, stderr.length], [2, "", 1]);
    assert.match(stderr.join(), wanted);
    assert.ok(!stderr.join().includes(SECRET));
  }
});

Deno.test("--import ansible takes hosts by names that objects have of themselves", async () => {
  const stdin = `{"_meta": {"hostvars": {"__proto__": {"ansible_host": "192.0.2.1"}}},
    "all": {"hosts": ["__proto__", "constructor", "toString"]},
    "__proto__": {"hosts": ["constructor"]}}`;
  const { stdout } = await runImportOf(["ansible", "-"], { stdin });
  const sections = stdout.split(/^(?=\[)/m).slice(1).map((section) => section.trim());
  assert.deepEqual(sections, [
    '[hosts.__proto__]\nssh_host = "192.0.2.1"',
    '[hosts.constructor]\nssh_host = "constructor"\ntags = [ "__proto__" ]',
    '[hosts.toString]\nssh_host = "toString"',
  ]);
  assert.equal((await checkText(stdout)).status, 0);
});

Deno.test("--import ansible makes tags of a hundred groups of a host, and says so", async () => {
  const names = Array.from({ length: 500 }, (_, at) => `g${at}`);
  const groups = names.map((name, at) => [name, { children: [names[at + 1] ?? "web"] }] as const);
  const stdin = JSON.stringify({
    all: {},
    ...Object.fromEntries(groups),
    web: { hosts: ["h1", "h2"] },
  });
  const { status, stdout } = await runImportOf(["ansible", "-"], { stdin });
  assert.equal(status, 0);
  const hosts = hostsOf(stdout);
  assert.deepEqual(Object.keys(hosts), ["h1", "h2"]);
  for (const { tags } of Object.values(hosts)) {
    assert.ok(Array.isArray(tags) && tags.length === 100);
  }
  assert.equal([...stdout.matchAll(/^# is in more groups: 100 are tags here$/gm)].length, 2);
});
