// `npm run check`: types, lint, format, import arrows and dead code, in two lanes because most machines it runs on have
// two cores. A line for each check that passed; all of the output of one that failed.
import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';

const cache = 'node_modules/.cache/check';
await mkdir(cache, { recursive: true });

const types = (project) => [
  'node_modules/typescript/bin/tsc',
  ...[
    '--project',
    project,
    '--incremental',
    '--tsBuildInfoFile',
    `${cache}/types.tsbuildinfo`,
    '--pretty',
    'false',
  ],
];

const lanes = [
  { lint: ['test/support/lint.mjs'] },
  {
    // The tests' project holds src too, under the same options.
    types: types('test/tsconfig.json'),
    format: ['node_modules/@biomejs/biome/bin/biome', 'check', '--colors=off', '--reporter=summary'],
    arrows: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', 'test/dependency-rules.mjs', 'src', 'test', 'packaging'],
    ],
    'dead code': ['node_modules/knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'],
    'dead code in production': ['node_modules/knip/bin/knip.js', '--no-progress', '--production'],
  },
];

const passed = await Promise.all(
  lanes.map(async (lane) => {
    let allPassed = true;
    for (const [name, command] of Object.entries(lane)) allPassed = (await check(name, command)) && allPassed;
    return allPassed;
  }),
);
process.exitCode = passed.every(Boolean) ? 0 : 1;

async function check(name, command) {
  const started = performance.now();
  const { code, output } = await run(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    if (name === 'lint') console.log(indented(output));
    return true;
  }
  console.log(`FAILED  ${name} (${seconds} s)\n${indented(output)}`);
  return false;
}

async function run(command) {
  // What compilers allocate lives long: with room for it they spend a fifth less time collecting garbage.
  const child = spawn(process.execPath, ['--max-semi-space-size=128', ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

function indented(output) {
  return output.trim().replaceAll(/^/gm, '          ');
}
