/** `npm run docs`: writes what is made from the table of settings into `.env.example` and the README. */
import { readFile, writeFile } from 'node:fs/promises';
import { envExample, withOptionTables } from '../config/settings-documents.ts';

const root = new URL('../../', import.meta.url);
const readme = new URL('README.md', root);

await writeFile(new URL('.env.example', root), envExample());
await writeFile(readme, withOptionTables(await readFile(readme, 'utf8')));
