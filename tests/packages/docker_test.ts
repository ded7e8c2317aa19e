import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { installProgram, testWithNpm } from "../clients/npm.ts";
import { ROOT } from "../docs/documents.ts";
import { untilListening } from "../e2e/client.ts";
import { startProgram } from "../e2e/program.ts";
import { makeCertificate } from "../certificate.ts";
import { freePort } from "../free_port.ts";
import { run } from "./shared_files.ts";

const DOCKERFILE = await Deno.readTextFile(`${ROOT}Dockerfile`);
const IS_HEALTHY = `${ROOT}scripts/docker/is-healthy`;
const LINTER = {
  title: "Dockerfile linter",
  name: "dockerfile-utils",
  version: "0.16.3",
  command: "dockerfile-utils",
};

testWithNpm("a linter finds nothing wrong in the Dockerfile", async () => {
  const command = await installProgram(LINTER);
  assert.deepEqual(await run(command, ["lint", `${ROOT}Dockerfile`]), {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

/** The instructions of the last stage, in order. */
function lastStage(): { readonly name: string; readonly text: string }[] {
  const joined = DOCKERFILE.replace(/^#.*\n/gm, "").replace(/\\\n/g, " ");
  const stage = joined.slice(joined.lastIndexOf("FROM "));
  return [...stage.matchAll(/^([A-Z]+) (.*)$/gm)].map(([, name = "", text = ""]) => ({
    name,
    text,
  }));
}

Deno.test("the image runs the hub as a user, below an init, where it may write", () => {
  const instructions = lastStage();
  const find = (wanted: string) => instructions.find(({ name }) => name === wanted)?.text ?? "";
  assert.equal(find("USER"), "lmcp-hub");
  assert.equal(find("ENTRYPOINT"), '["tini", "--", "lmcp-hub"]');
  for (const name of ["openssh-client", "tini", "ca-certificates"]) {
    assert.match(find("RUN"), new RegExp(` ${name}\\b`));
  }
  const volumes: unknown = JSON.parse(find("VOLUME"));
  assert.ok(Array.isArray(volumes));
  const writable: readonly string[] = config.permissions.hub.write;
  assert.deepEqual(volumes.filter((path) => !writable.includes(path)), []);
  // Nothing is copied from the build but the binary, and nothing that is not there.
  const copied = instructions.filter(({ name }) => name === "COPY").map(({ text }) => text);
  assert.deepEqual(copied, [
    "--from=build /src/dist/lmcp-hub /usr/local/bin/lmcp-hub",
    "--chmod=0755 scripts/docker/is-healthy /usr/local/bin/is-healthy",
  ]);
});

Deno.test("the image is built with the version of Deno that the project is tested with", async () => {
  const tested = /deno@([\d.]+)/.exec(await Deno.readTextFile(`${ROOT}.ci/run`))?.[1];
  assert.equal(/^FROM denoland\/deno:(\S+) AS build$/m.exec(DOCKERFILE)?.[1], tested);
});

Deno.test("the build sees everything that compiling needs", async () => {
  const ignored = (await Deno.readTextFile(`${ROOT}.dockerignore`)).split("\n").filter(Boolean);
  for (const name of ["lib", "scripts", "main.ts", "deno.json", "deno.lock"]) {
    assert.ok(!ignored.includes(name), name);
  }
  assert.ok(ignored.includes("hosts.toml") && ignored.includes(".dev"), "they may hold tokens");
});

async function isHealthy(env: Readonly<Record<string, string>>): Promise<boolean> {
  const { success } = await new Deno.Command(IS_HEALTHY, { env: { ...env }, stderr: "null" })
    .output();
  return success;
}

Deno.test("is-healthy asks the hub, on its port, with TLS or without", async () => {
  const none = String(freePort());
  assert.equal(await isHealthy({ LMCP_PORT: none }), false);
  for (const tls of [false, true]) {
    await using certificate = await makeCertificate();
    const env = tls ? certificate.env : {};
    await using hub = startProgram({
      args: ["--registry", "/none"],
      env: { ...env, LMCP_HOST: "0.0.0.0", LMCP_TOKEN: "t0ken-of-the-hub" },
    });
    await untilListening(hub.port);
    assert.equal(await isHealthy({ ...env, LMCP_PORT: String(hub.port) }), true);
  }
});

Deno.test("is-healthy fails where something else than a hub answers", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(null, { status: 503 }),
  );
  assert.equal(await isHealthy({ LMCP_PORT: String(server.addr.port) }), false);
});
