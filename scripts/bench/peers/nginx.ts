import { freePort } from "../../../tests/free_port.ts";
import type { Bench } from "../bench.ts";
import { type RunningProgram, startProgram } from "../programs.ts";

/** Starts nginx as a proxy with kept-alive connections in front of a backend. */
export async function startNginx(
  nginx: string,
  backend: RunningProgram,
  bench: Bench,
): Promise<RunningProgram> {
  const port = freePort();
  const directory = await Deno.makeTempDir({ dir: bench.directory, prefix: "nginx-" });
  const config = `${directory}/nginx.conf`;
  await Deno.writeTextFile(config, describeProxy(directory, port, backend.port));
  // If root runs the bench, nginx's workers run as another user.
  await Deno.chmod(bench.directory, 0o711);
  await Deno.chmod(directory, 0o755);
  return await startProgram({ program: nginx, args: ["-c", config, "-p", directory], port }, bench);
}

function describeProxy(directory: string, port: number, backendPort: number): string {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path ${directory}/${name};`);
  return `
daemon off;
worker_processes 1;
pid ${directory}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
${paths.join("\n")}
  access_log off;
  keepalive_requests 1000000;
  upstream backend { server 127.0.0.1:${backendPort}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}
