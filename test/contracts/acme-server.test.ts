import { setTimeout as pause } from 'node:timers/promises';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { systemClock } from '../../src/io/clock.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import { makeAcmeIssuer } from '../fakes/acme-issuer.ts';
import { FakeAcmeServer } from '../fakes/acme-server.ts';
import { FakeClock } from '../fakes/clock.ts';
import { silentLog } from '../io/silent-log.ts';
import { startPebble } from '../world/pebble.ts';
import { ZoneStore } from '../world/zone-store.ts';
import { acmeServerContract } from './acme-server.contract.ts';

// Nobody answers at port 9 (discard): a validation that is really tried fails.
const dnsServer = '127.0.0.1:9';

acmeServerContract('Pebble', async (validations) => {
  const env: Record<string, string> = {
    PEBBLE_ALTERNATE_ROOTS: '1',
    ...(validations === 'succeed' ? { PEBBLE_VA_ALWAYS_VALID: '1' } : {}),
  };
  const pebble = await startPebble({ dnsServer, env });
  const http = makeHttpClient({ onlyRoots: [pebble.caPem] });
  const { directoryUrl } = pebble;
  // Pebble fails, rather than refuses, at what it does not know to be replaced: nobody waits here for it to recover.
  const clock = { ...systemClock, sleep: Promise.resolve.bind(Promise) };
  const server = makeAcmeServer({ directoryUrl, http, log: silentLog, clock });
  return {
    server,
    suggest: async (certificate, { window, explanationUrl }) => {
      const ariResponse = JSON.stringify({ suggestedWindow: window, explanationURL: explanationUrl });
      await pebble.management('/set-renewal-info/', { certificate, ariResponse });
    },
    pause: async () => {
      await pause(10);
    },
    now: () => new Date(),
    stop: async () => {
      await server.close();
      await pebble.stop();
    },
  };
});

acmeServerContract('memory', async (validations) => {
  const clock = new FakeClock();
  const zones = new ZoneStore({ now: () => clock.now() });
  // Nothing is published in it: a validation that is really tried fails.
  zones.addZone({ name: 'lan.example' });
  const server = new FakeAcmeServer({ clock, zones, issuer: await makeAcmeIssuer() });
  if (validations === 'succeed') server.authorizations.validate = () => undefined;
  return {
    server,
    suggest: async (certPem, suggestion) => {
      const issued = server.issued.find(({ chains }) => chains[0] === certPem);
      server.renewals.suggest(issued?.ariId ?? '', suggestion);
      await Promise.resolve();
    },
    pause: async () => {
      clock.move(500);
      await Promise.resolve();
    },
    now: () => clock.now(),
    stop: async () => {
      await server.close();
    },
  };
});
