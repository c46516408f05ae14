// Preloaded into a measured run (`node --import`): says at its end how much memory it had at most, in kilobytes.
import { writeFileSync } from 'node:fs';

const { PEAK_MEMORY_FILE } = process.env;
process.on('exit', () => {
  if (PEAK_MEMORY_FILE) writeFileSync(PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS));
});
