import type { AuditTrail } from "../../audit/trail.ts";
import type { HubSettings } from "../../config/settings.ts";
import { type Approvals, openApprovals } from "../approvals/open.ts";
import { type Fleet, openFleet } from "../fleet.ts";
import { type Recording, startRecording } from "../page/recording.ts";
import { type HubSharing, openSharing } from "../sharing/open.ts";
import type { HubState } from "../state.ts";
import type { HubResources } from "./resources.ts";

/** What the tools, the operators and other hubs need of a hub. */
export interface HubServices {
  /** Null over stdio, where nobody can look at it. */
  readonly recording: Recording | null;
  readonly sharing: HubSharing;
  readonly fleet: Fleet;
  readonly approvals: Approvals;
  readonly close: () => Promise<void>;
}

/** Options of `openServices()`. */
export interface ServicesOptions extends HubResources {
  readonly settings: HubSettings;
  /** Not called before all is open. */
  readonly state: () => HubState;
  /** Reads the configuration again; never rejects. */
  readonly reload: () => Promise<void>;
  readonly trail: AuditTrail;
}

/** Opens them; they follow the hub's state. */
export async function openServices(options: ServicesOptions): Promise<HubServices> {
  const { settings, state, reload, capacity, clock, log } = options;
  const registry = () => state().configuration.registry;
  const isServing = settings.transport === "http";
  const recording = isServing ? startRecording({ state, clock }) : null;
  const sharing = await openSharing({ ...options, state, recording });
  const fleet = openFleet({
    ...options,
    registry,
    isShort: capacity.isShort,
    onAnnounced: async () => {
      if (state().configuration.discovers) await reload();
    },
    onState: (...observed) => {
      recording?.onState(...observed);
      sharing.onState(...observed);
    },
  });
  const approvals = openApprovals({
    registry,
    redact: (text) => state().redactRecord(text),
    trail: options.trail,
    directories: settings.controlDirectories,
    hasPage: isServing,
    ...(sharing.approvals && { store: sharing.approvals }),
    onChange: () => recording?.changes.mark(),
    clock,
    log,
  });
  return {
    recording,
    sharing,
    fleet,
    approvals,
    close: async () => {
      await approvals.close();
      await sharing.close();
      await fleet.close();
    },
  };
}
