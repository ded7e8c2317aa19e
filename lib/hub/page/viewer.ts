import { OWN_PRINCIPALS } from "../../fleet/client.ts";
import type { HostList } from "../../fleet/host.ts";
import type { Sources } from "./sources.ts";

/** Whose call it is, and the names of its hosts. */
interface SeenCall {
  readonly principal: string;
  readonly names: readonly string[];
}

/** A visitor of the page, with the rights of this moment. */
export interface PageViewer {
  readonly principal: string;
  readonly isOperator: boolean;
  readonly visible: HostList;
  /** An operator sees all calls, a client its own, unless they went to hosts that it may not see any more. */
  readonly maySee: (call: SeenCall) => boolean;
}

/** Looks up what a principal may see now. */
export function viewerOf(principal: string, { state }: Pick<Sources, "state">): PageViewer {
  const { access, configuration: { registry } } = state();
  const isOperator = OWN_PRINCIPALS.has(principal);
  const visible = access.hostsFor(principal);
  const isHidden = (name: string) => registry.hosts.has(name) && !visible.hosts.has(name);
  return {
    principal,
    isOperator,
    visible,
    maySee: (call) => isOperator || call.principal === principal && !call.names.some(isHidden),
  };
}
