import type { Socket } from "node:net";

/** What undici reads a connection's answers with. */
interface Parser {
  paused: boolean;
  readonly resume: () => void;
  readonly ptr: unknown;
  readonly llhttp: { readonly llhttp_resume: (ptr: unknown) => void };
}

/**
 * Has the answer that a connection carries go on, if it is paused when the server closes the
 * connection: all of it has come by then. Otherwise undici 7 fails an assertion, and the call is lost.
 * Undici 8 does it itself (https://github.com/nodejs/undici/pull/5474), but Deno 2.6 cannot load that.
 * Call it before undici gets the socket, so that undici hears of the end later.
 */
export function resumeAtEnd(socket: Socket): void {
  socket.on("end", () => {
    const parser = findParser(socket);
    if (parser?.paused !== true) return;
    parser.resume();
    if (!parser.paused || parser.ptr === null) return;
    // Whoever paused it still wants that, which an answer without a length obeys at once.
    parser.llhttp.llhttp_resume(parser.ptr);
    parser.paused = false;
  });
}

function findParser(socket: Socket): Parser | null {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const value: unknown = symbol.description === "parser" ? Reflect.get(socket, symbol) : null;
    if (isParser(value)) return value;
  }
  return null;
}

function isParser(value: unknown): value is Parser {
  return typeof value === "object" && value !== null && "paused" in value && "resume" in value &&
    "ptr" in value && "llhttp" in value;
}
