/**
 * How V8 treats the memory of the hub and of the agent, in the binaries and from source. The young
 * generation has so many MiB a half, whatever the machine has: more only lets garbage pile up, and with
 * 8 a sixth of the calls a second are lost. A copy asks for its garbage to be collected.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=16,--expose-gc";
