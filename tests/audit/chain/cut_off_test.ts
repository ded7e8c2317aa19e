import assert from "node:assert/strict";
import { checkAuditFiles } from "../../../lib/audit/check_files.ts";
import { openAuditFile } from "../../../lib/audit/file.ts";
import { readRawLines } from "../../../lib/audit/lines.ts";
import { mountSmall } from "../../mount_small.ts";
import { openChainLab } from "../chained.ts";

Deno.test("a chain goes on behind a line that a crash has cut off, which is reported as that", async () => {
  for (const cut of [1, 30, 90, 100]) {
    await using lab = await openChainLab();
    await lab.write(3);
    const text = await lab.read();
    const torn = text.slice(0, -cut);
    await Deno.writeTextFile(lab.path, torn);
    await lab.start();
    await lab.write(2);
    assert.ok((await lab.read()).startsWith(`${torn}\n`), "what is there stays there");
    const problems = await lab.check();
    const broken = "audit:3: warning: is cut off or damaged, " +
      "so it is not known which call it was about";
    assert.deepEqual(problems, cut === 1 ? [] : [broken], `cut by ${cut}`);
  }
});

Deno.test("a line before one that was cut off is protected, in the same file and in another", async () => {
  for (const isRotated of [false, true]) {
    await using lab = await openChainLab();
    await lab.write(3);
    const files = isRotated ? [".1", ""] : [""];
    if (isRotated) await Deno.rename(lab.path, `${lab.path}.1`);
    await Deno.writeTextFile(lab.path, '{"time":"20', { append: true, mode: 0o600 });
    await lab.start();
    await lab.write(1);
    await lab.start();
    await lab.write(2);
    const broken = /warning: is cut off or damaged/;
    assert.match(
      (await lab.check(files)).join("\n"),
      /^[^\n]*warning: is cut off or damaged[^\n]*$/,
    );
    const first = lab.path + (files[0] ?? "");
    const text = await Deno.readTextFile(first);
    await Deno.writeTextFile(first, text.replace("line 3", "lime 3"));
    const [problem = ""] = (await lab.check(files)).filter((line) => !broken.test(line));
    assert.equal(
      problem,
      `audit:${
        isRotated ? 1 : 4
      }: error: was changed, or a line before it: it has no hash any more, ` +
        "or another than the next line says",
    );
  }
});

Deno.test("lines that were cut off one after the other, and no whole one since, are spared", async () => {
  await using lab = await openChainLab();
  await lab.write(3);
  await Deno.writeTextFile(lab.path, '{"time":"20\n{"time":"20\n{"time":', { append: true });
  assert.deepEqual((await lab.check()).filter((line) => line.includes(": error: ")), []);
  await Deno.writeTextFile(lab.path, '"26"}\n', { append: true });
  assert.equal((await lab.check()).filter((line) => line.includes(": error: ")).length, 1);
});

Deno.test("a line that a crash has cut off is not spoilt by the next one, chained or not", async () => {
  await using lab = await openChainLab();
  await Deno.writeTextFile(lab.path, '{"time":"20');
  await lab.start({ isChained: false });
  await lab.write(1);
  assert.equal(await lab.read(), '{"time":"20\n{"time":"2026-11-27","what":"line 1"}\n');
});

Deno.test("a file that holds nothing but the beginning of a line is no sign of tampering", async () => {
  await using lab = await openChainLab();
  const crash = async (suffix: string) => {
    await Deno.writeTextFile(lab.path, '{"time":"2026-11-27","request_id":', { mode: 0o600 });
    await Deno.rename(lab.path, lab.path + suffix);
  };
  await lab.write(3);
  await Deno.rename(lab.path, `${lab.path}.3`);
  await crash(".2");
  await crash(".1");
  await lab.start();
  await lab.write(2);
  const torn = (suffix: string) =>
    `audit${suffix}:1: warning: is cut off or damaged, so it is not known which call it was about`;
  assert.deepEqual(await lab.check([".3", ".2", ".1", ""]), [torn(".2"), torn(".1")]);
  assert.deepEqual(await lab.check([".1", ""]), [torn(".1")]);
  await Deno.writeTextFile(`${lab.path}.2`, "\n", { append: true });
  const added = "audit.2:1: error: was added: the chain leads past it";
  assert.ok((await lab.check([".3", ".2", ".1", ""])).includes(added), "it is ended");
  await Deno.writeTextFile(`${lab.path}.1`, '{"time":"2026-11-27","request_id":"x"}');
  const whole = "audit.1:1: error: was added: the chain leads past it";
  assert.ok((await lab.check([".3", ".1", ""])).includes(whole), "it is a whole line");
});

Deno.test("the beginning of a line alone in its file may follow one that was counted, or be counted", async () => {
  await using lab = await openChainLab();
  const tear = () => Deno.writeTextFile(lab.path, '{"time":"20', { append: true, mode: 0o600 });
  await lab.write(3);
  await tear();
  await Deno.rename(lab.path, `${lab.path}.3`);
  await tear();
  await Deno.rename(lab.path, `${lab.path}.2`);
  await lab.start();
  await lab.write(2);
  await tear();
  await lab.start();
  await lab.write(1);
  const problems = await lab.check([".3", ".2", ""]);
  assert.deepEqual(problems.map((line) => line.replace(/ and .*| or .*/, "")), [
    "audit.3:4: warning: is cut off",
    "audit.2:1: warning: is cut off",
    "audit:3: warning: is cut off",
  ]);
  await Deno.writeTextFile(`${lab.path}.3`, (await lab.read(".3")).replace("line 3", "lime 3"));
  assert.match((await lab.check([".3", ".2", ""])).join(), /audit\.3:4: error: was changed/);
});

Deno.test("a chain goes on behind what a full disk has cut off", {
  ignore: Deno.uid() !== 0 || Deno.build.os !== "linux",
}, async () => {
  const directory = await Deno.makeTempDir({ prefix: "audit-" });
  {
    await using _disk = await mountSmall(directory, { size: "64k" });
    const path = `${directory}/audit.jsonl`;
    const file = await openAuditFile(path, { now: () => 0, isChained: true });
    const batch = `{"time":"2026-11-27","what":"${"x".repeat(900)}"}\n`.repeat(7);
    let written = 0;
    for (let room = 8; room <= 40; room += 8) {
      await Deno.writeFile(`${directory}/filler`, new Uint8Array((56 - room) * 1024));
      while (await file.append(batch).then(() => true, () => false)) written += 7;
    }
    assert.ok(written > 0);
    await Deno.remove(`${directory}/filler`);
    await file.append(batch);
    file.close();
    const { problems, chain } = await checkAuditFiles([path], { readLines: readRawLines });
    assert.equal(chain.first, 1);
    assert.ok(chain.head.seq > written + 7, JSON.stringify([chain.head.seq, written]));
    assert.deepEqual(problems.filter(({ severity }) => severity === "error"), []);
    assert.ok(problems.length > 0, "some lines were cut off");
  }
  await Deno.remove(directory, { recursive: true });
});
