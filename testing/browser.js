// A browser for tests of pages, where there is one.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const places = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const executablePath = places.find((path) => path !== "" && existsSync(path));

export const noBrowser = executablePath === undefined ? "there is no Chromium here (CHROMIUM_PATH names one)" : false;

export const openBrowser = () => chromium.launch({ executablePath, args: ["--no-sandbox"] });
