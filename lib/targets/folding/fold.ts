import { getOrAdd } from "../../base/get_or_add.ts";
import { cutText } from "../../outputs/cut.ts";
import { joinCutField } from "../../outputs/marker.ts";
import { type HostOutcome, type HostResult, leaveOutName, normalizeLines } from "./host_result.ts";

/** Hosts with the same result. */
export interface ResultGroup {
  /** In the order in which their results came. */
  readonly hosts: readonly string[];
  readonly outcome: HostOutcome;
  readonly exitCode: number | null;
  /** With LF at the ends of lines, none at the last one's, and `{host}` for the name of each host. */
  readonly stdout: string;
  readonly stderr: string;
  readonly note: string | null;
  /** Whether the middle of an output is missing here. */
  readonly isCut: boolean;
}

/** Characters of one stream that are kept, and of those that come when much is kept already. */
const KEPT_CHARS = 1024 * 1024;
const LATE_CHARS = 4 * 1024;
/** What all together may keep before that. */
const ALL_CHARS = 16 * 1024 * 1024;

interface GrowingGroup extends Omit<ResultGroup, "hosts"> {
  readonly hosts: string[];
  /** The words of its first host with its name, which are shown while it is the only one. */
  readonly own: Pick<ResultGroup, "stdout" | "stderr" | "note">;
}

/** Puts hosts with the same results together as they come, and keeps each result once. */
export class Folding {
  readonly #groups = new Map<string, GrowingGroup>();
  #keptChars = 0;

  add(result: HostResult): void {
    const nameless = leaveOutName(result);
    getOrAdd(this.#groups, nameless.digest, () => this.#newGroup(result, nameless))
      .hosts.push(result.host);
  }

  /** Those that did not do it first (not run, unknown, failed), then the largest. */
  groups(): ResultGroup[] {
    return [...this.#groups.values()]
      .map(({ own, ...group }) => group.hosts.length === 1 ? { ...group, ...own } : group)
      .sort((a, b) => rankOf(a) - rankOf(b) || b.hosts.length - a.hosts.length);
  }

  #newGroup(result: HostResult, { stdout, stderr, note }: Words): GrowingGroup {
    const { outcome, exitCode } = result;
    const own = {
      stdout: this.#keep(normalizeLines(result.stdout)),
      stderr: this.#keep(normalizeLines(result.stderr)),
      note: result.note,
    };
    const words = { stdout: this.#keep(stdout), stderr: this.#keep(stderr), note };
    const isCut = words.stdout.length < stdout.length || words.stderr.length < stderr.length;
    return { hosts: [], outcome, exitCode, ...words, isCut, own };
  }

  #keep(text: string): string {
    const cut = cutText(text, this.#keptChars < ALL_CHARS ? KEPT_CHARS : LATE_CHARS);
    const kept = cut === null ? text : joinCutField(cut);
    this.#keptChars += kept.length;
    return kept;
  }
}

type Words = Pick<ResultGroup, "stdout" | "stderr" | "note">;

/** Whether a command did what it should. */
export function isSuccess({ outcome, exitCode }: ResultGroup): boolean {
  return outcome === "ok" && exitCode === 0;
}

const RANKS: Readonly<Record<HostOutcome, number>> = {
  not_delivered: 0,
  unknown: 1,
  failed: 2,
  ok: 3,
  skipped: 5,
};

function rankOf(group: ResultGroup): number {
  return isSuccess(group) ? 4 : RANKS[group.outcome];
}
