/** A browser for tests of pages, where there is one. */
import type { Browser } from "playwright-core";

/** For the option `skip` of a test: why it cannot run, or false. */
export const noBrowser: string | false;

export function openBrowser(): Promise<Browser>;
