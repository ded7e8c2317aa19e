import { isIP } from "node:net";

/** Parses a port, 0 for any free one; null where the text is none. */
export function parsePort(text: string): number | null {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : null;
}

/** What a port must be; follows "must be". */
export const PORT_RULE = "a number from 0 to 65535";

/** Whether a text can be an address to listen on. */
export function isAddress(text: string): boolean {
  return /^[\w.:%-]+$/.test(text);
}

/** What an address to listen on must be; follows "must be". */
export const ADDRESS_RULE = "an IP address without brackets, or a name";

/** Whether an address to listen on is a name, which must be looked up first. */
export function isName(address: string): boolean {
  return address !== "localhost" && isIP(address) === 0;
}

/** Whether only this machine can reach an address. What is not surely loopback is not. */
export function isLoopback(address: string): boolean {
  return address === "localhost" || address === "::1" || /^127(\.\d{1,3}){3}$/.test(address);
}
