/**
 * The time that is written into what is built: `SOURCE_DATE_EPOCH`, seconds since 1970, so that
 * building the same twice makes the same, or else now. Throws an `Error` if that is no number.
 * https://reproducible-builds.org/specs/source-date-epoch/
 */
export function buildDate(sourceDateEpoch: string | undefined): Date {
  if (sourceDateEpoch === undefined || sourceDateEpoch === "") return new Date();
  if (!/^\d{1,11}$/.test(sourceDateEpoch)) {
    throw new Error(`SOURCE_DATE_EPOCH must be seconds since 1970, not "${sourceDateEpoch}"`);
  }
  return new Date(Number(sourceDateEpoch) * 1000);
}
