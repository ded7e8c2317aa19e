import { terminate } from "../scripts/dev/terminate.ts";
import { findFile, startDaemon } from "./daemon.ts";
import { freePort } from "./free_port.ts";

/** Path of nginx, or null where it is not installed. Tests that need it are ignored then. */
export const NGINX = findFile(["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"]);

/** An nginx on loopback. */
export interface TestNginx extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
}

/** What a document says of nginx, to be run without TLS on a port of the test. */
export interface DocumentedNginx {
  /** The block of the document, with other upstreams; it must have `listen 443 ssl`. */
  readonly advice: string;
  /** Where it logs, as it writes that, for its directory. */
  readonly accessLog: (directory: string) => string;
}

/** Starts nginx as a document says, and waits until it listens. */
export async function startNginx({ advice, accessLog }: DocumentedNginx): Promise<TestNginx> {
  await using stack = new AsyncDisposableStack();
  const directory = await Deno.makeTempDir({ prefix: "nginx-" });
  stack.defer(() => Deno.remove(directory, { recursive: true }));
  const port = freePort();
  const plain = advice.replace("listen 443 ssl", `listen 127.0.0.1:${port}`)
    .replaceAll(/ *ssl_.*\n/g, "");
  if (!plain.includes(String(port))) throw new Error("The document has no `listen 443 ssl`");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join("\n");
  await Deno.writeTextFile(
    `${directory}/nginx.conf`,
    `daemon off; master_process off; pid ${directory}/pid; error_log ${directory}/error.log;
events {}
http {
${temporary}
${accessLog(directory)}
${plain}}
`,
  );
  const args = ["-p", directory, "-c", `${directory}/nginx.conf`];
  const nginx = await startDaemon({ program: NGINX ?? "nginx", args, port });
  stack.defer(async () => {
    terminate(nginx);
    await nginx.status;
  });
  const owned = stack.move();
  return { port, directory, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
