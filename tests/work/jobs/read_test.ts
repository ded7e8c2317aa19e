import assert from "node:assert/strict";
import { PatternError } from "../../../lib/outputs/search.ts";
import { until } from "../../processes.ts";
import { type HostJobs, openHostJobs } from "./host_jobs.ts";
import { plant } from "./planted.ts";

/** A job that has ended, with this output. */
async function plantOutput(jobs: HostJobs, output: string | Uint8Array): Promise<string> {
  const id = await plant(jobs, { run: ["b", 1, 1, 1, 1, 1_700_000_000], rc: "0 1700000060\n" });
  const bytes = typeof output === "string" ? new TextEncoder().encode(output) : output;
  await Deno.writeFile(`${jobs.path}/${id}/out`, bytes);
  return id;
}

const NUMBERS = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join("");

Deno.test("a short output is read whole", async () => {
  await using jobs = await openHostJobs();
  assert.deepEqual(await jobs.read(await plantOutput(jobs, "ä\n\nb")), {
    id: (await jobs.list())[0]?.id,
    state: "exited",
    exit_code: 0,
    killed_by: null,
    duration_s: 60,
    text: "ä\n\nb",
    left_out: 0,
    rest: "",
    matches: null,
    full: false,
    offset: 0,
    next_offset: null,
    size: 5,
  });
  const { text, size, next_offset } = await jobs.read(await plantOutput(jobs, ""));
  assert.deepEqual([text, size, next_offset], ["", 0, null]);
});

Deno.test("a long output is read at its beginning and its end, by lines", async () => {
  await using jobs = await openHostJobs();
  const { text, rest, left_out, offset, next_offset, size } = await jobs.read(
    await plantOutput(jobs, NUMBERS),
    { maxChars: 1_000 },
  );
  assert.ok(text.length <= 250 && rest.length <= 750);
  assert.ok(NUMBERS.startsWith(text) && NUMBERS.endsWith(rest));
  assert.ok(text.endsWith("\n") && rest.startsWith("line "));
  assert.equal(text.length + left_out + rest.length, NUMBERS.length);
  assert.deepEqual([offset, next_offset, size], [0, text.length, NUMBERS.length]);
});

Deno.test("an output is read in pieces that make up the whole, at any size of a piece", async () => {
  await using jobs = await openHostJobs();
  const whole = `äöü\n${"€".repeat(40)}\n😀 x\n${"z".repeat(30)}`;
  const id = await plantOutput(jobs, whole);
  for (const maxChars of [4, 7, 30]) {
    const pieces: string[] = [];
    for (let offset: number | null = 0; offset !== null;) {
      const { text, next_offset }: { text: string; next_offset: number | null } = await jobs.read(
        id,
        { offset, maxChars },
      );
      assert.ok(text.length <= maxChars && text !== "");
      pieces.push(text);
      offset = next_offset;
    }
    assert.equal(pieces.join(""), whole);
  }
});

Deno.test("an output that is no UTF-8 keeps its offsets", async () => {
  await using jobs = await openHostJobs();
  const bytes = new Uint8Array([0xff, 0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x0a, 0x61, 0xc3]);
  const id = await plantOutput(jobs, bytes);
  const { text, size } = await jobs.read(id);
  assert.deepEqual([text, size], ["\ufffd\n\ufffd\ufffd\ufffd\ufffd\ufffd\na\ufffd", 10]);
  const from = await jobs.read(id, { offset: 1 });
  assert.deepEqual([from.text, from.offset], ["\n\ufffd\ufffd\ufffd\ufffd\ufffd\na\ufffd", 1]);
  assert.equal((await jobs.read(id, { tail: 1 })).text, "a\ufffd");
});

Deno.test("an output without lines or characters is searched, too", async () => {
  await using jobs = await openHostJobs();
  const bytes = new Uint8Array(100_000).fill(0x80);
  bytes.set(new TextEncoder().encode("needle"), 70_000);
  const id = await plantOutput(jobs, bytes);
  const { text, matches, next_offset } = await jobs.read(id, { grep: "needle" });
  assert.deepEqual([matches, next_offset], [1, null]);
  assert.match(text, /needle/);
});

Deno.test("the last lines of an output are read, as many as fit", async () => {
  await using jobs = await openHostJobs();
  const id = await plantOutput(jobs, NUMBERS);
  const three = await jobs.read(id, { tail: 3 });
  assert.equal(three.text, "line 9998\nline 9999\nline 10000\n");
  assert.equal(three.offset, NUMBERS.length - three.text.length);
  assert.equal((await jobs.read(id, { tail: 20_000 })).text, NUMBERS);
  const { text } = await jobs.read(id, { tail: 1_000, maxChars: 100 });
  assert.match(
    text,
    /^\[the beginning of these lines is left out\]\nline 99\d\d\n[^]*line 10000\n$/,
  );
});

Deno.test("an output is searched part by part, with the offset of each line that matches", async () => {
  await using jobs = await openHostJobs();
  // Three parts, and a match on each side of where they meet.
  const filler = `${"-".repeat(99)}\n`.repeat(9_000);
  const whole = `a first\n${filler}a second\n${filler}b\na third\nc\n${filler}last a`;
  const id = await plantOutput(jobs, whole);
  const found: string[] = [];
  let parts = 0;
  for (let offset: number | null = 0; offset !== null; parts++) {
    const { text, next_offset, full }: Awaited<ReturnType<HostJobs["read"]>> = await jobs.read(
      id,
      { offset, grep: "\\ba\\b" },
    );
    assert.equal(full, false);
    found.push(...text.split("\n").filter((line) => line !== ""));
    offset = next_offset;
  }
  assert.ok(parts >= 3);
  assert.deepEqual(
    found,
    ["a first", "a second", "a third", "last a"].map((line) => `${whole.indexOf(line)}:${line}`),
  );
});

Deno.test("a search shows lines around a match, also those of another part", async () => {
  await using jobs = await openHostJobs();
  const line = (number: number) => `${String(number).padStart(7, "0")}\n`;
  const count = 300_000;
  const whole = Array.from({ length: count }, (_, index) => line(index)).join("");
  const id = await plantOutput(jobs, whole);
  const plain = await jobs.read(id, { grep: "^0000000$" });
  const next = plain.next_offset ?? 0;
  assert.ok(next > 0 && next % 8 === 0);
  const [first, last] = [next / 8, next / 8 - 1];
  const shown = (number: number, sign: string) => `${number * 8}${sign}${line(number)}`;
  const around = (number: number) =>
    `${shown(number - 1, "-")}${shown(number, ":")}${shown(number + 1, "-")}`.trimEnd();
  const before = await jobs.read(id, { grep: line(last).trim(), context: 1 });
  assert.equal(before.text, around(last));
  const behind = await jobs.read(id, { offset: next, grep: line(first).trim(), context: 1 });
  assert.equal(behind.text, around(first));
  assert.equal(behind.matches, 1);
});

Deno.test("a search that has no room for more says so, and goes on where it stopped", async () => {
  await using jobs = await openHostJobs();
  const id = await plantOutput(jobs, NUMBERS);
  const { text, full, next_offset, matches } = await jobs.read(id, { grep: "9", maxChars: 100 });
  assert.ok(full && text.length <= 100);
  assert.equal(text.split("\n").length, matches);
  const more = await jobs.read(id, { grep: "9", offset: next_offset, maxChars: 100 });
  const [first = ""] = more.text.split("\n");
  assert.equal(first, `${next_offset}:${NUMBERS.slice(next_offset ?? 0).split("\n")[0]}`);
  const tail = await jobs.read(id, { grep: "9$", tail: 20 });
  assert.deepEqual(tail.text.split("\n").map((line) => line.split(":")[1]), [
    "line 9989",
    "line 9999",
  ]);
  await assert.rejects(jobs.read(id, { grep: "(" }), PatternError);
});

Deno.test("while a job runs, a line that is not complete is not searched yet", async () => {
  await using jobs = await openHostJobs();
  const { id } = await jobs.start("echo done; printf don; sleep 60");
  await until(async () => (await jobs.read(id)).size === 8);
  const { text, next_offset } = await jobs.read(id, { grep: "do" });
  assert.deepEqual([text, next_offset], ["0:done", 5]);
});

Deno.test("whoever waits gets what comes, or the end", async () => {
  await using jobs = await openHostJobs();
  const until = (name: string) => `until [ -e '${jobs.directory}/${name}' ]; do sleep 0.05; done`;
  const go = (name: string) => Deno.writeTextFile(`${jobs.directory}/${name}`, "");
  const { id } = await jobs.start(`${until("a")}; echo one; ${until("b")}; echo two; exit 3`);
  const one = jobs.read(id, { offset: 0, waitSeconds: 10, beyond: 0 });
  await go("a");
  const first = await one;
  assert.deepEqual([first.text, first.state, first.next_offset], ["one\n", "running", 4]);
  const two = jobs.read(id, { offset: 4, waitSeconds: 10, beyond: 4 });
  await go("b");
  const second = await two;
  assert.deepEqual([second.text, second.offset], ["two\n", 4]);
  const end = await jobs.read(id, { waitSeconds: 10 });
  assert.deepEqual([end.text, end.state, end.exit_code], ["one\ntwo\n", "exited", 3]);
  const { id: quiet } = await jobs.start("sleep 60");
  const startedAt = performance.now();
  assert.equal((await jobs.read(quiet, { waitSeconds: 1 })).state, "running");
  assert.ok(performance.now() - startedAt < 6_000);
});

Deno.test("of a job whose log is no file, only the state is known", async () => {
  await using jobs = await openHostJobs();
  const { id } = await jobs.start("echo lost", { log: "/dev/null", waitSeconds: 5 });
  const { state, size, text, next_offset } = await jobs.read(id);
  assert.deepEqual([state, size, text, next_offset], ["exited", null, "", null]);
});

Deno.test("a log that was cut since is read from its beginning", async () => {
  await using jobs = await openHostJobs();
  const log = `${jobs.directory}/log`;
  await Deno.writeTextFile(log, "long before\n");
  const { id } = await jobs.start("echo after", { log, waitSeconds: 5 });
  await Deno.writeTextFile(log, "new\n");
  assert.equal((await jobs.read(id)).text, "new\n");
});

Deno.test("of an output of 100 GB no more is read than is shown", async () => {
  await using jobs = await openHostJobs();
  const id = await plantOutput(jobs, "first\n");
  await using out = await Deno.open(`${jobs.path}/${id}/out`, { write: true });
  await out.truncate(100 * 1024 ** 3);
  await out.seek(-5, Deno.SeekMode.End);
  await out.write(new TextEncoder().encode("last\n"));
  // To read all of it would take longer than a script here may take.
  const { text, rest, left_out } = await jobs.read(id, { maxChars: 1_000 });
  assert.ok(text.startsWith("first\n") && rest.endsWith("last\n"));
  assert.equal(left_out, 100 * 1024 ** 3 - 1_000);
});
