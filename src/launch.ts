/**
 * What users run. CommonJS once it is built: Node has that loaded anyway, and `--version`, which scripts and packages
 * ask for, then costs next to nothing.
 */
import { DescriptorWriter, endedWith } from './io/descriptor-writer.ts';

declare const LANACME_VERSION: string;

const [first, ...others] = process.argv.slice(2);
if (first === '--version' && others.length === 0) {
  void answer(`${LANACME_VERSION}\n`);
} else {
  void import('./main.ts');
}

async function answer(text: string): Promise<void> {
  const output = new DescriptorWriter(1, () => process.stdout);
  output.write(text);
  process.exitCode = await endedWith(0, output);
}
