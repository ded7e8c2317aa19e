import type { Section } from "./bench.ts";
import { files } from "./section_files.ts";
import { growth } from "./section_growth.ts";
import { isolation } from "./section_isolation.ts";
import { latency } from "./section_latency.ts";
import { listing } from "./section_listing.ts";
import { memory } from "./section_memory.ts";
import { ssh } from "./section_ssh.ts";
import { start } from "./section_start.ts";

/** All sections, in the order in which they run. */
export const SECTIONS: readonly Section[] = [
  latency,
  memory,
  start,
  ssh,
  listing,
  files,
  isolation,
  growth,
];
