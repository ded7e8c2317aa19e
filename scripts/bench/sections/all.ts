import type { Section } from "../bench.ts";
import { answers } from "./answers.ts";
import { files } from "./files.ts";
import { growth } from "./growth.ts";
import { isolation } from "./isolation.ts";
import { latency } from "./latency.ts";
import { listing } from "./listing.ts";
import { many } from "./many.ts";
import { memory } from "./memory.ts";
import { nats } from "./nats.ts";
import { ssh } from "./ssh.ts";
import { start } from "./start.ts";

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
  many,
  nats,
  answers,
];
