import assert from "node:assert/strict";
import { newClaimId } from "../../../lib/work/claims/id.ts";
import { OWN_JOBS } from "../../../lib/work/jobs/place.ts";
import { until } from "../../processes.ts";
import { modeOf, onlyPrograms } from "./host_files.ts";
import { openHostJobs } from "./host_jobs.ts";
import { removeDirectory } from "../../remove_directory.ts";

Deno.test("a job goes on behind the script that has started it, and keeps both streams and its exit code", async () => {
  await using jobs = await openHostJobs();
  const go = `${jobs.directory}/go`;
  const { id, pid, log, text } = await jobs.start(
    `echo out; until [ -e '${go}' ]; do sleep 0.05; done; echo err >&2; exit 3`,
  );
  assert.equal(text, `PID ${pid}, log ${log}`);
  assert.equal(log, `${jobs.path}/${id}/out`);
  assert.equal((await jobs.find(id)).state, "running");
  await Deno.writeTextFile(go, "");
  const { state, exit_code } = await jobs.untilEnded(id);
  assert.deepEqual([state, exit_code], ["exited", 3]);
  assert.equal(await Deno.readTextFile(log), "out\nerr\n");
});

Deno.test("what a job leaves is for its user alone", async () => {
  await using jobs = await openHostJobs();
  const { id } = await jobs.start("true", { name: "a" });
  await jobs.untilEnded(id);
  assert.deepEqual([await modeOf(jobs.path), await modeOf(`${jobs.path}/${id}`)], [0o700, 0o700]);
  for (const name of ["command", "name", "out", "run"]) {
    assert.equal(await modeOf(`${jobs.path}/${id}/${name}`), 0o600, name);
  }
});

Deno.test("a job's command finds its id in the environment, and nothing else of what started it", async () => {
  await using jobs = await openHostJobs();
  const script = "compgen -v | sort; declare -F; echo $#; umask; trap";
  const { id, log } = await jobs.start(script);
  await jobs.untilEnded(id);
  const known = await new Deno.Command("bash", {
    args: ["--norc", "-c", `LMCP_JOB=1\neval '${script}'`],
  }).output();
  const withoutShell = (text: string) =>
    text.split("\n").filter((line) =>
      !/^(_|SHLVL|OLDPWD|PIPESTATUS|PPID|LD_LIBRARY_PATH)$/.test(line)
    );
  const plain = withoutShell(new TextDecoder().decode(known.stdout));
  const found = withoutShell(await Deno.readTextFile(log));
  assert.deepEqual(found.filter((line) => !plain.includes(line)), ["trap -- '' SIGHUP"]);
  const own = await jobs.start('echo "$LMCP_JOB"');
  await jobs.untilEnded(own.id);
  assert.equal(await Deno.readTextFile(own.log), `${own.id}\n`);
});

Deno.test("a job's command of 300 KB, with quotes and line feeds, arrives whole", async () => {
  await using jobs = await openHostJobs();
  const { id } = await jobs.start(`x='${"y\n".repeat(150_000)}'; echo "\${#x}" "it's"`);
  await jobs.untilEnded(id);
  assert.equal((await jobs.read(id)).text, "300000 it's\n");
});

Deno.test("a job leads a process group, in a session that is not its starter's", async () => {
  await using jobs = await openHostJobs();
  const { id, pid } = await jobs.start("cut -d ' ' -f 5,6 /proc/$$/stat; sleep 60");
  await until(async () => (await jobs.read(id)).text !== "");
  const [group, session] = (await jobs.read(id)).text.trim().split(" ").map(Number);
  assert.equal(group, pid);
  const runner = await new Deno.Command("ps", {
    args: ["-o", "ppid=,sess=", "-p", String(pid)],
  }).output();
  const [parent, same] = new TextDecoder().decode(runner.stdout).trim().split(/\s+/).map(Number);
  assert.deepEqual([session, same], [parent, parent]);
});

Deno.test("where there is no setsid, a job is out of reach of the script's end all the same", async () => {
  await using programs = await onlyPrograms(["mkdir", "mv", "rm", "ls", "date", "sleep", "wc"]);
  await using jobs = await openHostJobs({ PATH: programs.path });
  const { id } = await jobs.start("sleep 0.3; echo end");
  assert.equal((await jobs.untilEnded(id)).exit_code, 0);
  assert.equal(await jobs.file(id, "out"), "end\n");
});

Deno.test("a job needs bash, mkdir, mv, ls and date alone to start", async () => {
  await using programs = await onlyPrograms(["mkdir", "mv", "ls", "date"]);
  await using jobs = await openHostJobs({ PATH: programs.path, TMPDIR: "/nowhere" });
  const { id } = await jobs.start("echo begun; echo end", { waitSeconds: 5 });
  assert.equal(await jobs.file(id, "out"), "begun\nend\n");
});

Deno.test("a job appends to the log that it is given, and its output is what it has appended", async () => {
  await using jobs = await openHostJobs();
  const path = `${jobs.directory}/it's.log`;
  await Deno.writeTextFile(path, "before\n");
  const { id, log } = await jobs.start("echo after", { cwd: jobs.directory, log: "it's.log" });
  assert.equal(log, path);
  await jobs.untilEnded(id);
  assert.equal(await Deno.readTextFile(path), "before\nafter\n");
  const { text, offset, size } = await jobs.read(id);
  assert.deepEqual([text, offset, size], ["after\n", 7, 13]);
  assert.equal((await jobs.find(id)).log, path);
});

Deno.test("nothing is started, and no job left, where the cwd or the log cannot be used", async () => {
  await using jobs = await openHostJobs();
  const ran = `touch ${jobs.directory}/ran`;
  for (
    const [options, reason] of [
      [{ cwd: "/no/such" }, /^cannot enter directory "\/no\/such": no such file/],
      [{ log: "/no/such/log" }, /^cannot start the command with log "\/no\/such\/log": no such/],
      [{ log: jobs.directory }, /: is a directory$/],
      [{ log: "~root/x" }, /^cannot keep a log in "~root\/x": only ~ and ~\/ are expanded/],
    ] as const
  ) {
    const { failure } = await jobs.tryStart(ran, options);
    assert.match(failure ?? "", reason);
  }
  assert.deepEqual(await jobs.list(), []);
  await assert.rejects(Deno.stat(`${jobs.directory}/ran`), Deno.errors.NotFound);
});

Deno.test("nothing is started in a folder that others may enter, or that cannot be made", async () => {
  await using jobs = await openHostJobs();
  await Deno.mkdir(jobs.path, { mode: 0o755 });
  await Deno.chmod(jobs.path, 0o755);
  const { failure } = await jobs.tryStart("true");
  assert.equal(
    failure,
    `cannot keep a job in "${jobs.path}": only its user must be able to enter it`,
  );
  await Deno.remove(jobs.path);
  await Deno.writeTextFile(jobs.path, "");
  assert.match((await jobs.tryStart("true")).failure ?? "", /: only its user|: file exists/i);
  await Deno.remove(jobs.path);
});

Deno.test("a job that is started again by the same id is not, but another day's is", async () => {
  await using jobs = await openHostJobs();
  const id = newClaimId();
  const command = `echo run >>${jobs.directory}/runs; sleep 60`;
  const first = await jobs.start(command, { id });
  assert.deepEqual(await jobs.start(command, { id }), first);
  const runs = async () => await Deno.readTextFile(`${jobs.directory}/runs`).catch(() => "");
  await until(async () => await runs() !== "");
  await jobs.kill(id, { signal: "KILL" });
  assert.deepEqual(await jobs.start(command, { id }), first);
  assert.equal(await runs(), "run\n");
  const [boot, init, pid, start, group, since] = (await jobs.file(id, "run")).trim().split(" ");
  const yesterday = Number(since) - 86_401;
  await jobs.write(id, "run", [boot, init, pid, start, group, yesterday].join(" ") + "\n");
  const second = await jobs.start(command, { id });
  assert.notEqual(second.pid, first.pid);
  assert.equal((await jobs.find(id)).state, "running");
  await until(async () => await runs() === "run\nrun\n");
});

Deno.test("a job that ends within the wait is answered with its output", async () => {
  await using jobs = await openHostJobs();
  const { id, pid, log, text } = await jobs.start("echo a; exit 2", { waitSeconds: 10 });
  assert.equal(
    text.replace(/after \d+ s/, "after 0 s"),
    `PID ${pid}, log ${log}\njob ${id} exited 2 after 0 s\na\n`,
  );
  const later = await jobs.start("echo a; sleep 60", { waitSeconds: 1, name: "later" });
  assert.equal(later.text, `PID ${later.pid}, log ${later.log}\njob ${later.id}`);
  assert.equal((await jobs.find(later.id)).name, "later");
  const { text: long } = await jobs.start("seq 100000", { waitSeconds: 10 });
  assert.ok(/\n1\n2\n[^]*\n\[326751 bytes left out\]\n[^]*\n100000\n$/.test(long));
});

Deno.test("a job may be kept in the home of its user", async () => {
  const home = await Deno.realPath(await Deno.makeTempDir());
  await using jobs = await openHostJobs({ HOME: home, XDG_STATE_HOME: "" });
  const { id, log } = await jobs.start("true", { place: OWN_JOBS, waitSeconds: 5 });
  assert.equal(log, `${home}/.local/state/lmcp/jobs/${id}/out`);
  // Claims are kept in the folder above.
  assert.equal(await modeOf(`${home}/.local/state/lmcp`), 0o700);
  const there = await jobs.start("true", { preferred: OWN_JOBS, waitSeconds: 5 });
  assert.equal(there.log, `${home}/.local/state/lmcp/jobs/${there.id}/out`);
  await Deno.chmod(`${home}/.local/state/lmcp/jobs`, 0o750);
  const elsewhere = await jobs.start("true", { preferred: OWN_JOBS, waitSeconds: 5 });
  assert.equal(elsewhere.log, `${jobs.path}/${elsewhere.id}/out`);
  await removeDirectory(home);
});

const NOTE = /^The host ends all processes of \w+ when the last ssh connection ends \(KillUser/m;

for (
  const [what, properties, isSaid] of [
    ["kills at logout", { KillUserProcesses: "yes", Linger: "no" }, true],
    ["does not kill at logout", { KillUserProcesses: "no", Linger: "no" }, false],
    ["lets the user linger", { KillUserProcesses: "yes", Linger: "yes" }, false],
    ["leaves the user out", { KillUserProcesses: "yes", KillExcludeUsers: "adm USER" }, false],
    ["kills others", { KillUserProcesses: "yes", KillOnlyUsers: "adm" }, false],
    ["kills the user", { KillUserProcesses: "yes", KillOnlyUsers: "USER adm" }, true],
  ] as const
) {
  Deno.test(`the answer ${isSaid ? "warns" : "does not warn"} where logind ${what}`, async () => {
    await using programs = await onlyPrograms([]);
    const lines = Object.entries(properties).map(([name, value]) =>
      `*" ${name}"|*" ${name} "*) echo "${name}=${value.replace("USER", "$(id -un)")}" ;;`
    );
    await programs.add("loginctl", `case " $* " in\n${lines.join("\n")}\nesac`);
    const env = { PATH: `${programs.path}:${Deno.env.get("PATH")}` };
    await using jobs = await openHostJobs({ ...env, XDG_SESSION_ID: "7" });
    const { text } = await jobs.start("true");
    assert.equal(NOTE.test(text), isSaid, text);
    await using without = await openHostJobs({ ...env, XDG_SESSION_ID: "" });
    assert.doesNotMatch((await without.start("true")).text, NOTE);
  });
}
