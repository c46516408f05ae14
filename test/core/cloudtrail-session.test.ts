import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sessionEvents } from '../../src/core/cloudtrail-session.ts';
import { rfc3339 } from '../../src/core/rfc3339.ts';
import { repeatedSessions } from '../../src/core/session-repeats.ts';
import { parseSessionSeeds } from '../../src/core/session-seeds.ts';
import { judgeSession } from '../../src/core/session-verdict.ts';

/**
 * Of pi-hole.lan.example, at 1111111111 s after 1970 of RFC 6238 appendix B, named with the code of that moment for the
 * seed of the appendix.
 */
const text = readFileSync(new URL('../vectors/cloudtrail-create-session.json', import.meta.url), 'utf8');
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const otherSeed = 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U';

/** The event with one text replaced by another, wherever it stands. */
const changed = (from: string, to: string): string => text.replaceAll(from, to);
const without = (...members: readonly string[]): string =>
  JSON.stringify(JSON.parse(text), (key, value: unknown) => (members.includes(key) ? undefined : value));

describe('a CreateSession event', () => {
  const facts = {
    id: 'f2f7c0de-93a3-4ad1-8d0b-4f5b8a0c6d7e',
    at: new Date(1_111_111_111_000),
    sessionName: '050471',
    commonName: 'pi-hole.lan.example',
    serial: '123456789abcdef0123456789abcdef01234567',
    sourceIp: '192.0.2.7',
    roleArn: 'arn:aws:iam::123456789012:role/lan/lanacme-dns',
    accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
    refusedWith: null,
  };
  const other = { eventSource: 's3express.amazonaws.com', eventName: 'CreateSession', eventTime: 'x' };

  const oneLine = JSON.stringify(JSON.parse(text));

  it.each([
    ['alone', text],
    [
      'in a log file',
      JSON.stringify({ Records: [other, JSON.parse(text), { eventName: 'GetChange' }, null] }),
    ],
    ['as LookupEvents answers', JSON.stringify({ Events: [{ EventId: 'x', CloudTrailEvent: text }] })],
    ['as EventBridge delivers it', JSON.stringify({ version: '0', detail: JSON.parse(text) as unknown })],
    ['in a list', `[${text}]`],
    ['as one of what LookupEvents answers', JSON.stringify({ EventId: 'x', CloudTrailEvent: text })],
    ['as the AWS CLI lists texts as JSON', JSON.stringify([text, JSON.stringify(other)])],
    ['as the AWS CLI lists them as text', `${oneLine}\t${JSON.stringify(other)}\n`],
    ['on a line of its own', `${JSON.stringify(other)}\r\n\r\n${oneLine}\r\n`],
    ['behind the mark that Windows writes', `\uFEFF${text}`],
    ['once where it was delivered twice', `${oneLine}\n${oneLine}`],
  ])('is read %s', (_, given) => {
    expect(sessionEvents(given, 'event.json')).toEqual([facts]);
  });

  it.each([
    ['the source identity, without the certificate', without('cert'), { ...facts, serial: null }],
    [
      'a source identity that is too long for its prefix',
      changed('CN=pi-hole', 'a=b.pi-hole').replace(/"cert": ".*",/, ''),
      { ...facts, commonName: 'a=b.pi-hole.lan.example', serial: null },
    ],
    [
      'a source identity with the serial',
      changed('CN=pi-hole.lan.example', 'ID=0123456789ABCDEF').replace(/"cert": ".*",/, ''),
      { ...facts, commonName: null, serial: '123456789abcdef' },
    ],
    ['the name of the role session, without the request', without('roleSessionName'), facts],
    [
      'neither',
      without('roleSessionName', 'responseElements'),
      { ...facts, sessionName: null, accessKeyId: null },
    ],
    [
      'a refusal',
      without('responseElements').replace('"eventVersion"', '"errorCode":"AccessDenied","eventVersion"'),
      { ...facts, accessKeyId: null, refusedWith: 'AccessDenied' },
    ],
  ])('is read by %s', (_, given, expected) => {
    expect(sessionEvents(given, 'event.json')).toEqual([expected]);
  });

  it.each([
    ['an empty list', '[]'],
    ['lists without end', `${'['.repeat(1e5)}${']'.repeat(1e5)}`],
    ['a log file', JSON.stringify({ Records: [other] })],
    ['an answer of LookupEvents', '{"Events":[]}'],
    ['lines', `${JSON.stringify(other)}\n${JSON.stringify(other)}`],
  ])('may be missing in %s', (_, given) => {
    expect(sessionEvents(given, 'event.json')).toEqual([]);
  });

  it.each([
    ['not JSON', 'CreateSession', 'is not JSON'],
    ['packed', '\u001f\u008b', 'is not JSON'],
    ['empty', '', 'is not JSON'],
    ['a line that is not JSON', `${oneLine}\nCreateSession`, 'is not JSON'],
    ['null', 'null', 'holds no CreateSession event'],
    ['a text', '"CreateSession"', 'holds no CreateSession event'],
    [
      "another service's",
      changed('rolesanywhere.amazonaws.com', 's3express.amazonaws.com'),
      'holds no CreateSession',
    ],
    ['another call', changed('"CreateSession"', '"GetProfile"'), 'holds no CreateSession event'],
    ['without its time', without('eventTime'), 'does not tell its time'],
    ['with a day that no month has', changed('2005-03-18T01', '2005-03-38T01'), 'does not tell its time'],
  ])('is refused if it is %s', (_, given, message) => {
    expect(() => sessionEvents(given, 'event.json')).toThrow(
      expect.objectContaining({
        code: 'session.bad-event',
        outcome: 'usage',
        message: expect.stringContaining(message) as string,
      }) as Error,
    );
  });
});

describe('a list of seeds', () => {
  it('may have comments, empty lines, spaces in names, and Windows ends', () => {
    const seeds = parseSessionSeeds(`# hosts\r\n\r\n  My pump 7 \t ${seed}\r\n`, 'db');
    expect(seeds.of({ commonName: 'My pump 7', serial: null })).toHaveLength(1);
    expect(seeds.of({ commonName: 'My pump', serial: null })).toHaveLength(0);
  });

  it('may be JSON', () => {
    const seeds = parseSessionSeeds(JSON.stringify({ 'pi-hole': seed, nas: [seed, otherSeed] }), 'db');
    expect(seeds.of({ commonName: 'pi-hole', serial: null })).toHaveLength(1);
    expect(seeds.of({ commonName: 'nas', serial: null })).toHaveLength(2);
  });

  it('may have names as CloudTrail has them', () => {
    const seeds = parseSessionSeeds(`CN=pi-hole.lan.example ${seed}\nID=0a1b ${seed}`, 'db');
    expect(seeds.of({ commonName: 'pi-hole.lan.example', serial: null })).toHaveLength(1);
    expect(seeds.of({ commonName: null, serial: 'a1b' })).toHaveLength(1);
  });

  it('finds a serial however it is written', () => {
    const seeds = parseSessionSeeds(`0A:1B ${seed}\n0a1b ${otherSeed}\nab ${seed}`, 'db');
    expect(seeds.of({ commonName: 'unlisted', serial: 'a1b' })).toHaveLength(2);
  });

  it.each([
    ['cut off', `{"a": "${seed}"`, 'db is not NAME SEED'],
    ['of numbers', '{"a": 123456}', 'db, entry 1, is not NAME SEED'],
    ['of no seeds', '{"a": "secret-1"}', 'db, entry 1, holds no seed in base32'],
  ])('is refused if it is JSON %s', (_, list, message) => {
    expect(() => parseSessionSeeds(list, 'db')).toThrow(
      expect.objectContaining({
        errors: [expect.objectContaining({ code: 'session.bad-seeds', message })] as unknown,
      }) as Error,
    );
  });

  it('tells of every line that is wrong, without its seed', () => {
    const refused = expect.objectContaining({
      errors: [
        expect.objectContaining({
          code: 'session.bad-seeds',
          outcome: 'usage',
          message: 'db:1 is not NAME SEED',
        }),
        expect.objectContaining({ message: 'db:3 holds no seed in base32' }),
      ] as unknown,
    }) as Error;
    expect(() => parseSessionSeeds(`${seed}\na ${seed}\nb secret-1\n`, 'db')).toThrow(refused);
  });
});

describe('a session', () => {
  const verdictOf = (event: string, list: string) => {
    const [found] = sessionEvents(event, 'event.json');
    if (found === undefined) throw new Error('no event');
    return judgeSession(found, parseSessionSeeds(list, 'db'));
  };
  const at = (seconds: number): string => changed('2005-03-18T01:58:31Z', rfc3339(new Date(seconds * 1000)));
  const step = 1_111_111_110;
  const mine = `pi-hole.lan.example ${seed}`;

  it.each([
    ['at once', text, mine, 0],
    ['at the end of the step', at(step + 29), mine, 0],
    ['by a host that is late', at(step + 59), mine, -1],
    ['by a host that is early', at(step - 30), mine, 1],
    ['listed by serial', text, `0123456789ABCDEF0123456789ABCDEF01234567 ${seed}`, 0],
    [
      'listed by serial with colons',
      text,
      `1:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:01:23:45:67 ${seed}`,
      0,
    ],
    ['while the seed is replaced', text, `pi-hole.lan.example ${otherSeed}\n${mine}`, 0],
  ])('is legit if it was made %s', (_, event, list, skew) => {
    expect(verdictOf(event, list)).toEqual({ legit: true, skew });
  });

  it.each([
    ['two steps too late', at(step + 60), mine, 'session.not-legitimate'],
    ['two steps too early', at(step - 31), mine, 'session.not-legitimate'],
    ['with another code', changed('050471', '050472'), mine, 'session.not-legitimate'],
    ['without a code', without('roleSessionName', 'responseElements'), mine, 'session.not-legitimate'],
    ["with another host's seed", text, `pi-hole.lan.example ${otherSeed}`, 'session.not-legitimate'],
    ['by a host of that serial, not name', text, `${'ab'.repeat(20)} ${seed}`, 'session.unverifiable'],
    ['by nobody known', text, `nas.lan.example ${seed}`, 'session.unverifiable'],
    ['by nobody who is named', without('cert', 'responseElements'), mine, 'session.unverifiable'],
    ['with an empty list', text, '', 'session.unverifiable'],
  ])('is not if it was made %s', (_, event, list, code) => {
    const verdict = verdictOf(event, list);
    expect(verdict).toMatchObject({ legit: false, error: { code } });
    expect(JSON.stringify(verdict)).not.toContain(seed);
  });

  it('that AWS did not make is no proof of a stolen key', () => {
    const refused = without('responseElements').replace('050471', '050472');
    const verdict = verdictOf(
      refused.replace('"eventVersion"', '"errorCode":"AccessDenied","eventVersion"'),
      mine,
    );
    expect(verdict).toMatchObject({
      legit: false,
      error: {
        message: expect.stringMatching(/^the attempt, refused with AccessDenied, of pi-hole/) as string,
        hint: expect.stringContaining('anybody may have sent the certificate') as string,
      },
    });
  });
});

describe('sessions with the same code', () => {
  const [first] = sessionEvents(text, 'event.json');
  if (first === undefined) throw new Error('no event');
  const later = (seconds: number): Date => new Date(first.at.getTime() + seconds * 1000);

  it.each([
    ['at once', {}, true],
    ['as long as the code counts', { at: later(89) }, true],
    ['with the next code of the same digits', { at: later(90) }, false],
    ['with another code', { sessionName: '050472' }, false],
    ['of another host', { commonName: 'nas.lan.example' }, false],
    ['that AWS did not make', { refusedWith: 'AccessDenied' }, false],
    ['without a code', { sessionName: null }, false],
  ])('%s: whether one repeats the other', (_, change, isRepeat) => {
    const second = { ...first, id: 'second', ...change };
    expect([...repeatedSessions([second, first]).values()]).toHaveLength(isRepeat ? 1 : 0);
  });

  it('are all told of by the first of them', () => {
    const [second, third] = [
      { ...first, at: later(20) },
      { ...first, at: later(40) },
    ];
    expect([...repeatedSessions([third, first, second])]).toEqual([
      [second, first],
      [third, first],
    ]);
  });
});
