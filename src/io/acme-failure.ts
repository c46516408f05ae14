import { badAnswer } from '../core/acme-member.ts';
import { LanacmeError } from '../errors.ts';
import type { HttpFailure, HttpFailureKind } from './http-failure.ts';

/** A failure below HTTP while something was asked of the CA (`the order for a.lan.example`). */
export function acmeFailure(failure: HttpFailure, asked: string): LanacmeError {
  if (failure.kind === 'too-large') return badAnswer(`${asked}: ${failure.message}`, failure);
  const code = failure.kind === 'untrusted' ? 'acme.server-untrusted' : 'acme.unreachable';
  return new LanacmeError(code, `no answer from the CA to ${asked}: ${failure.message}`, {
    hint: hintFor(failure.kind),
    cause: failure,
  });
}

function hintFor(kind: HttpFailureKind): string {
  switch (kind) {
    case 'untrusted':
      return "if it is a CA of your own, give its root by --server-ca FILE; otherwise check --server, this host's clock and what stands between";
    case 'dns':
      return "check --server and this host's name resolution";
    case 'refused':
    case 'unreachable':
      return 'check --server, and whether this host may reach it (HTTPS_PROXY)';
    case 'tls':
      return 'check --server: something else than an HTTPS server answers there';
    case 'reset':
    case 'timeout':
    case 'too-large':
    case 'cut-off':
    case 'aborted':
      return 'run again later; if it stays so, check the way out of this network (HTTPS_PROXY) and the status page of the CA';
  }
}
