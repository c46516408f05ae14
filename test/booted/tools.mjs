// What the tests of a booted Debian and of containers need beside Node, from the machine's own Debian. As root, since
// all of it is about what only root can do.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const packages = {
  debootstrap: '/usr/sbin/debootstrap',
  'systemd-container': '/usr/bin/systemd-nspawn',
  lintian: '/usr/bin/lintian',
  'man-db': '/usr/bin/man',
  shellcheck: '/usr/bin/shellcheck',
  zsh: '/usr/bin/zsh',
  'docker.io': '/usr/sbin/dockerd',
  'docker-compose': '/usr/bin/docker-compose',
  iptables: '/usr/sbin/iptables',
};
const missing = Object.entries(packages).flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
const aptGet = (...args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['-qq', ...patience, ...args], { env, stdio: ['ignore', 'inherit', 'inherit'] });
};
// A machine that was just started may be installing something by itself; a mirror may be busy for a moment.
const patience = ['-o', 'DPkg::Lock::Timeout=600', '-o', 'Acquire::Retries=5'];
const install = ['install', '--yes', '--no-install-recommends'];

if (process.getuid?.() !== 0) {
  console.error('these tests boot a Debian and run containers: run them as root, sudo npm run test:root');
  process.exitCode = 1;
} else if (missing.length > 0) {
  console.log(`installing ${missing.join(', ')}`);
  aptGet('update');
  aptGet(...install, ...missing);
  // In a package of its own from Debian 13 on.
  const hasClient = ['/usr/bin/docker', '/usr/local/bin/docker'].some((file) => existsSync(file));
  if (!hasClient) aptGet(...install, 'docker-cli');
}
