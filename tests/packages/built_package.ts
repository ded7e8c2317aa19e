import { build } from "./deb_lab.ts";

/** A program that builds the hub's package in the directory that it is given, and prints its path. */
const [output = ""] = Deno.args;
console.log(await build({ role: "hub", output, version: "1.0.0" }));
