const [SPACE, QUOTE, BACKSLASH, U] = [0x20, 0x22, 0x5c, 0x75];
/** What a byte means behind a backslash; 0: nothing, or it begins four digits. */
const MEANINGS = new Uint8Array(256);
for (const [index, letter] of [...'"\\/bfnrt'].entries()) {
  MEANINGS[letter.charCodeAt(0)] = '"\\/\b\f\n\r\t'.charCodeAt(index);
}
const CONTINUATION = 0x80;
/** To call what copies many bytes at once takes longer than to copy these. */
const SHORT_RUN = 32;

/** Turns the inside of a JSON string into the UTF-8 of its text, in place: it never gets longer. */
export class Unescape {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  #from: number;
  #to: number;
  #isWellFormed = true;

  /** `start` is right behind the opening quote. */
  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#start = this.#from = this.#to = start;
  }

  /** Where it is: at the closing quote, once there is no more to do. */
  get at(): number {
    return this.#from;
  }

  /** The text's UTF-8. */
  get text(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#to);
  }

  /** Whether no half of a surrogate pair is alone; one that is has three bytes in `text`. */
  get isWellFormed(): boolean {
    return this.#isWellFormed;
  }

  /** Goes on for some bytes; false: it came to the closing quote. Throws a `SyntaxError`. */
  advance(count: number): boolean {
    const bytes = this.#bytes;
    const limit = this.#from + count;
    while (this.#from < limit) {
      this.#movePlain(Math.min(limit, bytes.length));
      const byte = bytes[this.#from];
      if (byte === BACKSLASH) this.#readEscapes(limit);
      else if (byte === QUOTE) return false;
      else if (this.#from < limit) throw new SyntaxError("a string does not end, or has a control");
    }
    return true;
  }

  /** Bytes up to the next that means something. */
  #movePlain(end: number): void {
    const bytes = this.#bytes;
    const start = this.#from;
    let at = start;
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) break;
      at++;
    }
    if (this.#to !== start) move(bytes, { to: this.#to, start, end: at });
    this.#to += at - start;
    this.#from = at;
  }

  /** One or more escapes in a row. */
  #readEscapes(limit: number): void {
    const bytes = this.#bytes;
    let [from, to] = [this.#from, this.#to];
    while (from < limit && bytes[from] === BACKSLASH) {
      const meant = MEANINGS[bytes[from + 1] ?? 0] ?? 0;
      if (meant !== 0) {
        bytes[to++] = meant;
        from += 2;
      } else {
        [this.#from, this.#to] = [from, to];
        this.#readUnicode();
        [from, to] = [this.#from, this.#to];
      }
    }
    [this.#from, this.#to] = [from, to];
  }

  #readUnicode(): void {
    const next = this.#bytes[this.#from + 1];
    if (next !== U) throw new SyntaxError("a backslash means nothing");
    const unit = this.#readUnit(this.#from);
    this.#from += 6;
    const low = unit >= 0xd800 && unit < 0xdc00 ? this.#findLowHalf() : null;
    if (low === null) {
      if (unit >= 0xd800 && unit < 0xe000) this.#isWellFormed = false;
      return this.#write(unit);
    }
    this.#from += 6;
    this.#write(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
  }

  /** The low half of a pair, if its escape follows. */
  #findLowHalf(): number | null {
    const at = this.#from;
    if (this.#bytes[at] !== BACKSLASH || this.#bytes[at + 1] !== U) return null;
    const unit = this.#readUnit(at);
    return unit >= 0xdc00 && unit < 0xe000 ? unit : null;
  }

  /** The four digits of the escape at a place. */
  #readUnit(at: number): number {
    let unit = 0;
    for (let digit = at + 2; digit < at + 6; digit++) {
      unit = unit << 4 | hexValue(this.#bytes[digit] ?? 0);
    }
    return unit;
  }

  #write(character: number): void {
    if (character < 0x80) return this.#put(character);
    if (character < 0x800) {
      this.#put(0xc0 | character >> 6);
    } else if (character < 0x10000) {
      this.#put(0xe0 | character >> 12);
      this.#put(CONTINUATION | character >> 6 & 0x3f);
    } else {
      this.#put(0xf0 | character >> 18);
      this.#put(CONTINUATION | character >> 12 & 0x3f);
      this.#put(CONTINUATION | character >> 6 & 0x3f);
    }
    this.#put(CONTINUATION | character & 0x3f);
  }

  #put(byte: number): void {
    this.#bytes[this.#to++] = byte;
  }
}

function move(
  bytes: Uint8Array,
  { to, start, end }: { readonly to: number; readonly start: number; readonly end: number },
): void {
  if (end - start > SHORT_RUN) bytes.copyWithin(to, start, end);
  else for (let at = start; at < end; at++) bytes[to + at - start] = bytes[at] ?? 0;
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x66) return letter - 0x57;
  throw new SyntaxError("an escape has no four digits");
}

/** The text of UTF-8 in which halves of surrogate pairs may be alone, as `Unescape` writes them. */
export function decodeHalves(bytes: Uint8Array): string {
  const units: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const lead = bytes[at] ?? 0;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let character = length === 1 ? lead : lead & (0x7f >> length);
    for (let next = 1; next < length; next++) {
      character = character << 6 | (bytes[at + next] ?? 0) & 0x3f;
    }
    if (character < 0x10000) units.push(character);
    else units.push(0xd800 + (character - 0x10000 >> 10), 0xdc00 + (character - 0x10000 & 0x3ff));
    at += length;
  }
  return String.fromCharCode(...units);
}
