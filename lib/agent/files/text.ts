import { Failure } from "../../work/failure.ts";
import { FILE_FAULTS } from "../../work/read_file.ts";

/** A file is no UTF-8. */
export class NotText extends Failure {}

/** The text of a file, exactly, a byte order mark included, while the file is read. */
export class FileText {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #onPart: (part: string) => void;

  /** `onPart` is called with each part of the text. */
  constructor(onPart: (part: string) => void) {
    this.#onPart = onPart;
  }

  /** Reads a piece, which may end within a character. Throws a `NotText` if it is no UTF-8. */
  readonly take = (piece: Uint8Array): void => this.#decode(piece, true);

  /** The file has ended. Throws a `NotText` if it did so within a character. */
  end(): void {
    this.#decode(new Uint8Array(), false);
  }

  #decode(piece: Uint8Array, stream: boolean): void {
    let part: string;
    try {
      part = this.#decoder.decode(piece, { stream });
    } catch {
      throw new NotText(FILE_FAULTS.notText);
    }
    if (part !== "") this.#onPart(part);
  }
}
