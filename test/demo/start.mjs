// `npm run demo`: on a fresh clone it is the one command, so it first installs what the demo needs.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

const minimum = [20, 19];
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < minimum[0] || (major === minimum[0] && minor < minimum[1])) {
  console.error(`lanacme needs Node.js ${minimum.join('.')} or newer; this is ${process.versions.node}`);
  process.exitCode = 1;
} else {
  main();
}

function main() {
  if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund']);
  run('npm', ['run', '--silent', 'build']);
  run(process.execPath, ['--import', 'tsx', 'test/demo/demo.ts']);
}

/** npm writes its own copy of the lock file last, so one that is newer than ours means a complete installation. */
function isInstalled() {
  const ours = 'package-lock.json';
  const installed = 'node_modules/.package-lock.json';
  if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(ours).mtimeMs) return false;
  const { version } = JSON.parse(readFileSync(ours, 'utf8'));
  return version === JSON.parse(readFileSync(installed, 'utf8')).version;
}

function run(command, args) {
  if (process.exitCode) return;
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) throw error;
  process.exitCode = status ?? 1;
}
