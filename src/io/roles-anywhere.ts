import { sign, type X509Certificate } from 'node:crypto';
import { judgeRolesAnywhereAnswer } from '../core/roles-anywhere-answer.ts';
import type { RolesAnywhereArns } from '../core/roles-anywhere-arn.ts';
import { certificateLine } from '../core/roles-anywhere-certificate.ts';
import {
  authorization,
  type CertificateLine,
  type Signer,
  sessionRequest,
  signingLabel,
} from '../core/roles-anywhere-request.ts';
import type { SessionVerdict } from '../core/session-answer.ts';
import type { Clock, CredentialsSource, Log, Random } from '../ports.ts';
import { askForSession, connectForSession } from './ask-for-session.ts';
import type { HttpClient } from './http.ts';
import { certificatesOf, readChain } from './identity-chain.ts';
import { type IdentityFiles, readIdentity } from './identity-files.ts';
import { rolesAnywhereFailure } from './roles-anywhere-failure.ts';
import { readRoots } from './roots-file.ts';
import { totpSessionName } from './totp-seed.ts';

export interface RolesAnywhereOptions extends RolesAnywhereArns, IdentityFiles {
  /** An https origin. */
  readonly endpoint: string;
  readonly region: string;
  /** PEM of the intermediates; absent: what follows the certificate in its own file. */
  readonly chainFile?: string;
  readonly sessionName?: { readonly text: string } | { readonly totpSeedFile: string };
  /** PEM of roots that are trusted beside Node's: what `AWS_CA_BUNDLE` names. */
  readonly caBundle?: string;
  readonly httpsProxy?: string;
  readonly noProxy?: string;
  /** Tells what is wrong with a certificate that may work all the same. */
  readonly warn: (leaf: X509Certificate) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A session's credentials take about 2 kB. */
const answerCap = 64 * 1024;

/** What every role allows; AWS refuses more than the role's MaxSessionDuration, whose default this is. */
const durationSeconds = 3600;

/** What is read from disk for a session. */
interface Signing {
  readonly signer: Signer;
  readonly line: CertificateLine;
}

const words = {
  passwordOption: '--roles-anywhere-key-password-file',
  howToReplace:
    'have the private CA issue a new one, with the same subject, and put it in the place of this file',
};

/**
 * Credentials from IAM Roles Anywhere, by the host's certificate of a private CA. Files are read anew at each call, so
 * that a replaced certificate is used from the next session on. Nothing is cached here: callers keep what they get until its
 * expiration.
 */
export function makeRolesAnywhere(options: RolesAnywhereOptions): CredentialsSource {
  return async (signal) => {
    const signing = await readSigning(options);
    const http = await connect(options);
    try {
      const ask = async () => await createSession(options, signing, http, signal);
      return await askForSession({ ...options, ask, judgeFailure: rolesAnywhereFailure }, signal);
    } finally {
      await http.close();
    }
  };
}

async function connect(options: RolesAnywhereOptions): Promise<HttpClient> {
  const { caBundle } = options;
  if (caBundle === undefined) return connectForSession({}, options);
  return connectForSession({ extraRoots: await readRoots(caBundle, 'AWS_CA_BUNDLE', options) }, options);
}

async function readSigning(options: RolesAnywhereOptions): Promise<Signing> {
  const { certFile, keyFile, chainFile } = options;
  const { certificate, key, pem } = await readIdentity(options, words, options.clock.now());
  const label = signingLabel(key.asymmetricKeyType, keyFile);
  const others =
    chainFile === undefined ? certificatesOf(pem, certFile) : await readChain(chainFile, options);
  const line = certificateLine(certificate, others, chainFile ?? certFile);
  options.warn(certificate);
  return {
    signer: { label, serialHex: certificate.serialNumber, sign: (text) => sign('sha256', text, key) },
    line,
  };
}

/** Signed for its own moment: a repeated request has another date, and a TOTP code of its own. */
async function createSession(
  options: RolesAnywhereOptions,
  { signer, line }: Signing,
  http: HttpClient,
  signal: AbortSignal,
): Promise<SessionVerdict> {
  const { endpoint, region, clock, certFile } = options;
  const sessionName = await nameOfSession(options);
  const { trustAnchorArn, profileArn, roleArn } = options;
  const named = sessionName === undefined ? {} : { sessionName };
  const wish = { trustAnchorArn, profileArn, roleArn, durationSeconds, ...named };
  const { host } = new URL(endpoint);
  const request = sessionRequest(wish, line, host, clock.now());
  const answer = await http.request({
    method: 'POST',
    url: `${endpoint}/sessions`,
    headers: { ...request.headers, accept: '*/*', authorization: authorization(request, signer, region) },
    body: request.body,
    signal,
    maxBytes: answerCap,
  });
  const question = { ...wish, host, region, certFile, chainLength: line.chain.length };
  return judgeRolesAnywhereAnswer(answer, question, clock.now());
}

async function nameOfSession(options: RolesAnywhereOptions): Promise<string | undefined> {
  const { sessionName } = options;
  if (sessionName === undefined || 'text' in sessionName) return sessionName?.text;
  return await totpSessionName(sessionName.totpSeedFile, options, options.clock.now());
}
