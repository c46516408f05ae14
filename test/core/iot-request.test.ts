import { describe, expect, it } from 'vitest';
import { iotOrigin, iotRequest } from '../../src/core/iot-request.ts';
import { LanacmeError } from '../../src/errors.ts';

const endpoint = 'c123.credentials.iot.eu-central-1.amazonaws.com';

function refusalOf(doing: () => unknown): LanacmeError {
  try {
    doing();
  } catch (error) {
    if (error instanceof LanacmeError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('the request to the IoT credentials provider', () => {
  it('names the alias in its path and the thing in a header', () => {
    expect(iotRequest({ endpoint, roleAlias: 'lan-certificates', thingName: 'dashboard' })).toEqual({
      url: `https://${endpoint}/role-aliases/lan-certificates/credentials`,
      headers: { accept: '*/*', 'x-amzn-iot-thingname': 'dashboard' },
    });
  });

  it('has no thing header without a thing', () => {
    expect(iotRequest({ endpoint, roleAlias: 'a' }).headers).toEqual({ accept: '*/*' });
  });

  it('escapes the characters of an alias that mean something in a path', () => {
    expect(iotRequest({ endpoint, roleAlias: 'a=b,c@d-e_f' }).url).toContain(
      '/role-aliases/a%3Db%2Cc%40d-e_f/credentials',
    );
  });

  it.each([
    [endpoint, `https://${endpoint}`],
    [endpoint.toUpperCase(), `https://${endpoint}`],
    [`${endpoint}:8443`, `https://${endpoint}:8443`],
    [`https://${endpoint}/`, `https://${endpoint}`],
    [`https://${endpoint}:443`, `https://${endpoint}`],
    ['localhost:8443', 'https://localhost:8443'],
    ['127.0.0.1:8443', 'https://127.0.0.1:8443'],
    ['[::1]:8443', 'https://[::1]:8443'],
    ['iot.lan.example', 'https://iot.lan.example'],
    [
      'data.credentials.iot-fips.us-east-1.amazonaws.com',
      'https://data.credentials.iot-fips.us-east-1.amazonaws.com',
    ],
    [
      'c1.credentials.iot.cn-north-1.amazonaws.com.cn',
      'https://c1.credentials.iot.cn-north-1.amazonaws.com.cn',
    ],
    [
      'vpce-1.credentials.iot.eu-central-1.vpce.amazonaws.com',
      'https://vpce-1.credentials.iot.eu-central-1.vpce.amazonaws.com',
    ],
  ])('takes %s as an endpoint', (text, origin) => {
    expect(iotOrigin(text)).toBe(origin);
  });

  it.each([
    ['c1-ats.iot.eu-central-1.amazonaws.com', 'a data endpoint'],
    ['https://c1-ats.iot.eu-central-1.amazonaws.com:8443', 'a data endpoint'],
    ['c1-ats.iot.cn-north-1.amazonaws.com.cn', 'a data endpoint'],
    ['c1.iot.eu-central-1.amazonaws.com', 'a data endpoint'],
    ['C1.IOT.eu-central-1.amazonaws.com', 'a data endpoint'],
    ['c1.jobs.iot.eu-central-1.amazonaws.com', 'a jobs endpoint'],
    ['iot.eu-central-1.amazonaws.com', 'the control plane'],
  ])('refuses %s, which is %s, and names the command for the right one', (text, what) => {
    const error = refusalOf(() => iotOrigin(text));
    expect(error.code).toBe('config.invalid-value');
    expect(error.outcome).toBe('usage');
    expect(error.message).toMatch(
      new RegExp(`^[a-z0-9.-]+ is ${what} of AWS IoT, which gives no credentials$`),
    );
    expect(error.hint).toBe(
      'set --iot-endpoint to what this prints: aws iot describe-endpoint --endpoint-type iot:CredentialProvider',
    );
  });

  it.each([
    '',
    'http://host',
    'https://host/path',
    'https://host?a',
    'https://host#a',
    'https://user@host',
    'a b',
    'ftp://host',
    'host:port',
    'https://',
  ])('refuses "%s" as an endpoint', (text) => {
    const error = refusalOf(() => iotOrigin(text));
    expect([error.code, error.outcome]).toEqual(['config.invalid-value', 'usage']);
    expect(error.message).toBe(`'${text}' is not an IoT credential endpoint`);
  });

  it.each(['', 'a/b', 'a b', 'ä', 'a'.repeat(129), '../x'])('refuses the role alias "%s"', (roleAlias) => {
    const error = refusalOf(() => iotRequest({ endpoint, roleAlias }));
    expect(error.code).toBe('config.invalid-value');
    expect(error.message).toBe(`'${roleAlias}' cannot be the name of an IoT role alias`);
  });

  it.each(['', 'host.lan.example', 'a b', 'a\r\nb', 'a'.repeat(129)])(
    'refuses the thing name "%s"',
    (thingName) => {
      const error = refusalOf(() => iotRequest({ endpoint, roleAlias: 'a', thingName }));
      expect(error.code).toBe('config.invalid-value');
      expect(error.message).toBe(`'${thingName}' cannot be the name of an IoT thing`);
    },
  );
});
