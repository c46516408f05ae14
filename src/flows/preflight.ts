import { caRules } from '../core/ca-rules.ts';
import type { DnsName, Domain } from '../core/names.ts';
import { caaFindings } from '../core/preflight-caa.ts';
import { type Finding, findingError } from '../core/preflight-finding.ts';
import { orderFindings } from '../core/preflight-order.ts';
import { delegationFindings, serverFindings } from '../core/preflight-zone.ts';
import { LanacmeError, SeveralErrors } from '../errors.ts';
import type { AcmeDirectory, Clock, Log, NameServers } from '../ports.ts';
import { allOf } from './all-of.ts';
import { readCaa } from './read-caa.ts';
import { readApex, readDelegation } from './read-delegation.ts';
import type { ZoneView } from './zone-view.ts';

export interface PreflightRequest {
  readonly domains: readonly Domain[];
  readonly zone: DnsName;
  readonly directory: AcmeDirectory;
  readonly accountUrl: string;
  /** As it will be sent. */
  readonly profile: string | undefined;
}

export interface PreflightPorts {
  readonly view: () => Promise<ZoneView>;
  readonly nameServers: () => Promise<NameServers>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Name servers that are slow must not hold up an order for long. */
const limitMs = 5_000;

/**
 * What can be seen before an order costs a failed validation: the names, the zone's servers, its delegation and its
 * CAA records. AWS, the CA and the site's resolver (for anything in the zone) are not asked. Whatever may go wrong is a
 * warning.
 *
 * @throws LanacmeError or SeveralErrors for what is sure to go wrong.
 */
export async function preflight(
  request: PreflightRequest,
  ports: PreflightPorts,
  signal: AbortSignal,
): Promise<void> {
  const rules = caRules(request.directory.url);
  const findings = [
    ...orderFindings(request.domains, request.profile, rules),
    ...(await lookAtDns(request, rules?.validatesDnssec ?? false, ports, signal)),
  ];
  for (const finding of findings) tell(finding, ports.log);
  const errors = findings.filter(({ weight }) => weight === 'stops').map(findingError);
  if (errors.length > 1) throw new SeveralErrors(errors);
  if (errors[0] !== undefined) throw errors[0];
}

function tell({ weight, code, message, hint }: Finding, log: Log): void {
  if (weight === 'warns') log.warn(`${message}; ${hint}`, { code });
  if (weight === 'note') log.info(`${message}; ${hint}`, { code });
}

/** All at once, and each for itself: what cannot be checked in time is left out. */
async function lookAtDns(
  { domains, zone, directory, accountUrl }: PreflightRequest,
  validatesDnssec: boolean,
  ports: PreflightPorts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const limit = ports.clock.deadline(limitMs);
  const within = AbortSignal.any([signal, limit]);
  const check = async (
    what: string,
    look: (view: ZoneView) => Promise<readonly Finding[] | undefined>,
  ): Promise<readonly Finding[]> => {
    try {
      const view = await ports.view();
      const findings = (await view.answers()) ? await look(view) : undefined;
      if (findings === undefined) ports.log.debug(`${what} cannot be checked from here`);
      return findings ?? [];
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) {
        ports.log.debug(`${what} could not be checked within ${limitMs / 1000} s`);
        return [];
      }
      if (!(error instanceof LanacmeError)) throw error;
      ports.log.warn(`${what} could not be checked: ${error.message}`, { code: error.code });
      return [];
    }
  };
  const found = await allOf([
    check('the name servers', async (view) => {
      const servers = await view.servers();
      return serverFindings(
        zone,
        servers.map(({ server, state, reason }) => ({ ...server, state, reason })),
      );
    }),
    check('the delegation', async (view) => {
      const [parent, own] = await Promise.all([
        readDelegation(zone, await ports.nameServers(), within),
        readApex(view, within),
      ]);
      return parent && own && delegationFindings(zone, parent, own, validatesDnssec);
    }),
    check('CAA', async (view) => {
      const { caaIdentities } = directory;
      if (caaIdentities.length === 0) return undefined;
      return caaFindings(await readCaa(domains, view, within), caaIdentities, accountUrl);
    }),
  ]);
  return found.flat();
}
