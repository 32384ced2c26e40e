/** `datasets.utils`: fetching and extracting of files, while the program waits. */
export {
  calculateMd5,
  checkIntegrity,
  downloadAndExtractArchive,
  downloadUrl,
  extractArchive,
} from "./fetch/archive.js";
