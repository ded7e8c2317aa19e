import { createSocket } from "node:dgram";

/** How a host is woken. */
export interface Wake {
  /** Six bytes, as in `52:54:00:12:34:56`. */
  readonly mac: string;
  /** IPv4 address to send to, mostly a network's broadcast address. */
  readonly broadcast: string;
  /** UDP port to send to. */
  readonly port: number;
  /** Name of the host that sends it, since it is on the same network; null: the hub does. */
  readonly via: string | null;
}

/** Datagrams may be lost. */
const COPIES = 3;

/** The magic packet of Wake-on-LAN: six bytes 0xff, and the address 16 times. */
export function magicPacket(mac: string): Uint8Array {
  const address = mac.split(":").map((byte) => parseInt(byte, 16));
  return Uint8Array.from([
    ...Array.from({ length: 6 }, () => 0xff),
    ...Array.from({ length: 16 }, () => address).flat(),
  ]);
}

/** Sends the magic packet of a host. Rejects if it cannot be sent. */
export async function sendMagicPacket({ mac, broadcast, port }: Wake): Promise<void> {
  const socket = createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(0, () => resolve());
    });
    socket.setBroadcast(true);
    for (let copy = 0; copy < COPIES; copy++) {
      await new Promise<void>((resolve, reject) => {
        socket.send(
          magicPacket(mac),
          port,
          broadcast,
          (error) => error ? reject(error) : resolve(),
        );
      });
    }
  } finally {
    socket.close();
  }
}

/** A command that sends the same from another host, with what is there. Nothing in it needs quotes. */
export function magicCommand({ mac, broadcast, port }: Wake): string {
  const hex = magicPacket(mac).toHex();
  const perl = `perl -MSocket -e 'socket(S,PF_INET,SOCK_DGRAM,17) or die "$!\\n"; ` +
    `setsockopt(S,SOL_SOCKET,SO_BROADCAST,1); for(1..${COPIES}){` +
    `send(S,pack("H*","${hex}"),0,sockaddr_in(${port},inet_aton("${broadcast}"))) or die "$!\\n"}'`;
  const python = `python3 -c 'import socket as k; s=k.socket(k.AF_INET,k.SOCK_DGRAM); ` +
    `s.setsockopt(k.SOL_SOCKET,k.SO_BROADCAST,1); ` +
    `[s.sendto(bytes.fromhex("${hex}"),("${broadcast}",${port})) for _ in range(${COPIES})]'`;
  return `if command -v perl >/dev/null; then ${perl}; else ${python}; fi`;
}
