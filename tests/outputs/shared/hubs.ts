import { createPause } from "../../../lib/base/bursts.ts";
import { systemClock } from "../../../lib/base/time/clock.ts";
import type { NatsSettings } from "../../../lib/nats/settings.ts";
import type { FoundOutput } from "../../../lib/outputs/shelf.ts";
import { createOutputs, type Outputs, type OwnOutputs } from "../../../lib/outputs/store.ts";
import {
  SHARED_ID_LETTERS,
  shareOutputs,
  type SharingOptions,
} from "../../../lib/outputs/shared/open.ts";
import { joinHubs, type SharingHub } from "../../shared/open_hubs.ts";

/** The outputs of one hub of several. */
export interface OutputsHub extends AsyncDisposable {
  readonly own: OwnOutputs;
  readonly outputs: Outputs;
  readonly shared: SharingHub["shared"];
  readonly crash: () => Promise<void>;
  /** The kind of what is found, or the text of an answer. */
  readonly find: (principal: string, id: string | null) => Promise<string | null>;
}

/** Opens the outputs of a hub; "operator" is one. */
export async function openOutputs(
  id: string,
  settings: NatsSettings,
  options: Partial<SharingOptions> = {},
): Promise<OutputsHub> {
  const hub = await joinHubs(id, settings);
  const { maxBytes, maxIds } = options;
  const claimantOf = (name: string) => ({ name, isOperator: name === "operator" });
  const own = createOutputs({
    claimantOf,
    now: systemClock.now,
    idLetters: SHARED_ID_LETTERS,
    ...maxBytes !== undefined && { maxBytes },
    ...maxIds !== undefined && { maxIds },
  });
  const outputs = shareOutputs({
    own,
    shared: hub.shared,
    ownerOf: (principal) => `of-${principal}`,
    claimantOf,
    redact: (text) => text.replaceAll("s3cret", "[secret]"),
    pause: createPause(),
    clock: systemClock,
    log: console,
    ...options,
  });
  return {
    own,
    outputs,
    shared: hub.shared,
    crash: hub.crash,
    find: async (principal, id) =>
      id === null ? "not kept" : show(await outputs.find(principal, id)),
    [Symbol.asyncDispose]: async () => {
      await outputs.close();
      own.forget(["ann", "ben", "operator"]);
      await hub[Symbol.asyncDispose]();
    },
  };
}

function show(found: FoundOutput | null): string | null {
  if (found?.kind !== "ended") return found?.kind ?? null;
  using reading = found.read();
  return `${found.isError ? "error: " : ""}${new TextDecoder().decode(reading.bytes)}`;
}
