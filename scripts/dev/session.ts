import { type Channel, createChannel } from "./channel.ts";
import { type Programs, startPrograms } from "./programs.ts";
import { type SourceChange, watchSources } from "./sources.ts";
import { type DevState, writeRegistry } from "./state.ts";

/** Between two attempts to reach a program. */
const POLL_MS = 50;

/** A run of `deno task dev`. */
export interface Session {
  /** The checkout, with a final slash. */
  readonly root: string;
  readonly state: DevState;
  /** What all connect to the broker with; empty: there is none. */
  readonly brokerEnv: Readonly<Record<string, string>>;
  /** Called once, when the hubs and the agent listen. */
  readonly onReady: () => void;
  /** Subscribes to signals that ask to stop. */
  readonly onStopSignal: (listener: () => void) => void;
}

type Event =
  | { readonly kind: "changed"; readonly what: SourceChange }
  | { readonly kind: "ended"; readonly name: string; readonly code: number }
  | { readonly kind: "ready" }
  | { readonly kind: "stop" };

/** Runs the agent and the hubs, again after each change of the code, until asked to stop. */
export async function runPrograms(session: Session): Promise<void> {
  const { root, state, brokerEnv } = session;
  const ports = [state.agentPort, ...state.hubs.map(({ port }) => port)];
  const events = createChannel<Event>();
  await using _sources = watchSources(root, (what) => events.push({ kind: "changed", what }));
  let programs: Programs | null = null;
  let isStopping = false;
  session.onStopSignal(() => {
    if (isStopping) programs?.stop();
    isStopping = true;
    events.push({ kind: "stop" });
  });
  let isAnnounced = false;
  while (!isStopping) {
    await writeRegistry(state);
    await using running = startPrograms({
      root,
      state,
      brokerEnv,
      onEnd: (name, code) => events.push({ kind: "ended", name, code }),
    });
    programs = running;
    using _waiting = isAnnounced ? null : waitForPorts(ports, () => {
      isAnnounced = true;
      events.push({ kind: "ready" });
    });
    await untilRestart(events, session);
  }
}

/** Returns when the programs are to start again, or to stop. A change of hosts alone needs neither. */
async function untilRestart({ next }: Channel<Event>, { state, onReady }: Session): Promise<void> {
  let hasEnded = false;
  for (;;) {
    const event = await next();
    switch (event.kind) {
      case "stop":
        return;
      case "ready":
        onReady();
        break;
      case "ended":
        hasEnded = true;
        console.error(
          `The ${event.name} has ended with status ${event.code}; it starts again when the code ` +
            "or hosts.toml changes",
        );
        break;
      case "changed":
        if (event.what === "code" || hasEnded) return;
        await writeRegistry(state);
        break;
    }
  }
}

/** Calls back when something listens on each port, unless that is disposed of before. */
function waitForPorts(ports: readonly number[], onReady: () => void): Disposable {
  let isOver = false;
  async function poll(): Promise<void> {
    for (const port of ports) {
      while (!isOver && !await isListening(port)) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
    if (!isOver) onReady();
  }
  void poll();
  return { [Symbol.dispose]: () => void (isOver = true) };
}

async function isListening(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
