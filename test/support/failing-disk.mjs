// Preloaded with --import: numbers every call that changes the disk, and fails or kills this process at one of them.
//   DISK_FAULT=N:kill      SIGKILL instead of call N
//   DISK_FAULT=N:ENOSPC    call N fails so
//   DISK_FAULT='create journal/TMP:ENOSPC'     that call fails, each time; one that ends with '/', whatever follows
//   DISK_FAULT='create journal/TMP#2:ENOSPC'   only from its second time on
// Each call is a line on standard error: what it did and where, relative to DISK_ROOT.
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { relative } from 'node:path';

const [faultAt = '', fault] = (process.env['DISK_FAULT'] ?? '0:none').split(':');
const [faultyCall = '', firstTime = '1'] = faultAt.split('#');
const root = process.env['DISK_ROOT'] ?? '/';
let calls = 0;
let faultyCalls = 0;

function called(what, path) {
  const call = `${what} ${relative(root, path).replace(/\.tmp~[0-9a-f]+~[0-9]+/, 'TMP')}`;
  calls += 1;
  if (isFaulty(call)) {
    if (fault === 'kill') process.kill(process.pid, 'SIGKILL');
    throw Object.assign(new Error(`${fault}: injected, ${what} '${path}'`), {
      code: fault,
      syscall: what,
      path,
    });
  }
  fs.writeSync(2, `${call}\n`);
}

function isFaulty(call) {
  if (calls === Number(faultAt)) return true;
  if (faultyCall.endsWith('/') ? !call.startsWith(faultyCall) : call !== faultyCall) return false;
  faultyCalls += 1;
  return faultyCalls >= Number(firstTime);
}

// The last path is where the name appears.
for (const name of ['rename', 'symlink', 'link', 'rm', 'unlink']) {
  const original = fsp[name];
  fsp[name] = async (...args) => {
    called(name, args.filter((arg) => typeof arg === 'string').at(-1));
    return await original(...args);
  };
}

const { mkdirSync } = fs;
fs.mkdirSync = (path, options) => {
  called('mkdir', path);
  mkdirSync(path, options);
};

const paths = new WeakMap();
const { open } = fsp;
fsp.open = async (path, flags, mode) => {
  if ((flags & fs.constants.O_CREAT) !== 0) called('create', path);
  const handle = await open(path, flags, mode);
  paths.set(handle, path);
  return handle;
};

const probe = await open('/dev/null', 'r');
const handlePrototype = Object.getPrototypeOf(probe);
await probe.close();
for (const name of ['chown', 'chmod', 'writeFile', 'sync']) {
  const original = handlePrototype[name];
  handlePrototype[name] = async function (...args) {
    called(name, paths.get(this) ?? '?');
    return await original.apply(this, args);
  };
}

syncBuiltinESMExports();
