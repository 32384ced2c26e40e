/** A browser for tests of pages, where there is one. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const places = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

/** Where a browser is installed. */
export const browserPath = places.find((path) => path !== "" && existsSync(path));

/** For the option `skip` of a test: why it cannot run, or false. */
export const noBrowser = browserPath === undefined ? "there is no Chromium here (CHROMIUM_PATH names one)" : false;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath as string, args: ["--no-sandbox"] });
}
