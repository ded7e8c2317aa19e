import assert from "node:assert/strict";
import { startBackend } from "../../lab/backend.ts";
import { createFakeSsh } from "../../lab/fake_ssh.ts";
import { errorText } from "../../lab/dialect.ts";
import { clientTable, hostTable, INBOUND, openViewLab } from "./view_lab.ts";

const OTHERS = "token-of-another-host-canary";

/** Refuses everything with a text. */
const refusal = (text: string) => () => ({
  answer: (request: Parameters<typeof errorText>[0]) => ({
    body: errorText(request, -32000, text),
  }),
});

Deno.test("what hosts say of their trouble is shown without secrets, on one line", async () => {
  const said = `bad\u202e token ${OTHERS}\n${INBOUND} <script>alert(1)</script>`;
  await using backend = await startBackend({ dialect: refusal(said) });
  const registry = hostTable("a", { lmcp_url: backend.url, ssh_host: "a" }) +
    hostTable("b", { lmcp_url: backend.url }) +
    hostTable("c", { ssh_host: "c", token: OTHERS }) + clientTable("ann", {});
  await using lab = await openViewLab({ registry, ssh: createFakeSsh() });
  await lab.probeAll();
  await lab.call("ann", "remote_list_dir", { host: "a", path: "/" });
  for (const principal of ["default", "ann"]) {
    const view = lab.open(principal);
    const details = ["a", "b"].map((name) => view.host(name));
    const all = JSON.stringify([view.snapshot(), details]);
    assert.doesNotMatch(all, /canary|\\u202e|\u202e|\\n/);
    const reasons = details.flatMap((detail) => [
      detail?.row.reason,
      ...detail?.spans.map(({ reason }) => reason) ?? [],
    ]);
    assert.equal(reasons.length, 4);
    for (const reason of reasons) {
      assert.match(reason ?? "", /rpc: bad token \[secret\] \[secret\] <script>/);
    }
    assert.match(view.snapshot().calls.recent[0]?.reason ?? "", /\[secret\]/);
  }
});

Deno.test("a secret that becomes known later is hidden in what was recorded before", async () => {
  await using backend = await startBackend({ dialect: refusal(`it is ${OTHERS}`) });
  const registry = hostTable("a", { lmcp_url: backend.url, ssh_host: "a" });
  await using lab = await openViewLab({ registry, ssh: createFakeSsh() });
  await lab.call("default", "remote_list_dir", { host: "a", path: "/" });
  const view = lab.open("default");
  const shown = () => JSON.stringify([view.snapshot(), view.host("a")]);
  assert.match(shown(), new RegExp(OTHERS));
  await lab.reload(registry + hostTable("c", { ssh_host: "c", token: OTHERS }));
  assert.doesNotMatch(shown(), /canary/);
});
