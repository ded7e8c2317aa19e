const PATHS = /^\/(?:$|(?:approvals|hosts|calls|jobs|probe|sign-in|sign-out|api|assets)(?:\/|$))/;

/** Whether a path is of the page, also if nothing is there; known before the page is loaded. */
export function isOfPage(path: string): boolean {
  return PATHS.test(path);
}
