import assert from "node:assert/strict";
import { until } from "../../processes.ts";
import { errorOf, startAgent, textOf } from "../agent.ts";
import { removeDirectory } from "../../remove_directory.ts";

Deno.test("jobs, job_output and job_kill follow what shell_bg has started", async () => {
  await using agent = await startAgent();
  const command = "seq 1000; sleep 60";
  const started = await agent.call("shell_bg", { command, name: "numbers" });
  const { id, pid, log } = started.structuredContent ?? {};
  assert.equal(textOf(started), `PID ${pid}, log ${log}\njob ${id}`);
  const short = String(id).slice(0, 8);
  const read = (args: Record<string, unknown>) => agent.call("job_output", { id, ...args });
  await until(async () => (await read({})).structuredContent?.size === 3893);
  assert.match(
    textOf(await agent.call("jobs", {})),
    new RegExp(`^${short} {2}running {2}\\d+ s ago {2}numbers$`),
  );
  const how = `job_output id="${short}"`;
  const running = "running for \\d+ s";
  const ask = `${how} offset=3893 wait=45`;
  for (
    const [args, text] of [
      [{ tail: 2 }, `^999\n1000\n\\[${running}: ${ask}\\]$`],
      [{ offset: 3884 }, `^999\n1000\n\\[from byte 3884 of 3893, ${running}: ${ask}\\]$`],
      [
        { grep: "^99.$", max_chars: 25 },
        `\\[2 matching lines, ${running}: the same with offset=3856 goes on\\]$`,
      ],
      [
        { max_chars: 40 },
        `^1\n2\n3\n4\n5\n\\[3\\.9 kB left out: ${how} offset=10\\]\n994\n[^]*\n1000\n\\[${running}: ${ask}\\]$`,
      ],
    ] as const
  ) {
    assert.match(textOf(await read(args)), new RegExp(text));
  }
  assert.match(errorOf(await read({ grep: "(" })), /^Error: bad `grep` parameter: /);
  const killed = await agent.call("job_kill", { id: short, by: "ann" });
  assert.match(
    textOf(killed),
    new RegExp(`^job ${short}: killed by ann, exited 143 after \\d+ s$`),
  );
  assert.match(
    textOf(await read({ tail: 1 })),
    /^1000\n\[killed by ann, exited 143 after \d+ s\]$/,
  );
  assert.equal(textOf(await agent.call("jobs", { state: "running" })), "no jobs");
});

Deno.test("job_output waits for the end of a job, and with an offset for more", async () => {
  await using agent = await startAgent();
  const command = "echo one; sleep 0.3; echo two; exit 3";
  const { structuredContent } = await agent.call("shell_bg", { command });
  const { id } = structuredContent ?? {};
  const more = await agent.call("job_output", { id, offset: 4, wait: 10 });
  assert.equal(more.structuredContent?.text, "two\n");
  assert.match(textOf(await agent.call("job_output", { id, wait: 10 })), /^one\ntwo\n\[exited 3/);
});

Deno.test("shell_bg uses the claim of its call as the job's id, and says how an early end was", async () => {
  await using agent = await startAgent();
  const claim = "0123456789abcdef0123456789abcdef";
  const args = { command: "echo a; exit 2", wait: 10 };
  const result = await agent.call("shell_bg", args, { meta: { "lmcp-hub/claim": { id: claim } } });
  const { id, log, state, exit_code } = result.structuredContent ?? {};
  assert.deepEqual([id, state, exit_code], [claim, "exited", 2]);
  assert.equal(log, `${agent.stateDirectory}/jobs/${claim}/out`);
  assert.match(textOf(result), /\njob 0123456789abcdef0123456789abcdef exited 2 after \d+ s\na\n$/);
});

Deno.test("an agent sees what its user has started over ssh", async () => {
  const home = await Deno.realPath(await Deno.makeTempDir());
  await using agent = await startAgent({ home, childEnv: { HOME: home, XDG_STATE_HOME: "" } });
  const jobs = `${home}/.local/state/lmcp/jobs`;
  const id = "fedcba9876543210fedcba9876543210";
  await Deno.mkdir(`${jobs}/${id}`, { recursive: true });
  await Deno.chmod(jobs, 0o700);
  await Deno.writeTextFile(`${jobs}/${id}/run`, "b 1 1 1 1 1700000000\n");
  await Deno.writeTextFile(`${jobs}/${id}/rc`, "0 1700000060\n");
  await Deno.writeTextFile(`${jobs}/${id}/out`, "over ssh\n");
  assert.match(textOf(await agent.call("jobs", {})), /^fedcba98 {2}exited 0 {2}\d+ d ago {2}$/);
  assert.equal(
    textOf(await agent.call("job_output", { id: "fedcba98" })),
    "over ssh\n[exited 0 after 60 s]",
  );
  await removeDirectory(home);
});
