/**
 * The sessions and users that the small AWS knows: whoever hands out credentials (the IoT credentials
 * provider, Roles Anywhere, a test) issues them here, and every service of the world looks them up here.
 */
import { randomBytes, randomInt } from 'node:crypto';
import type { PolicyDocument } from './iam-policy.ts';

/** What a temporary session is made from. */
export interface SessionRequest {
  /** Name of the IAM role; appears in the session's ARN and in AccessDenied texts. */
  readonly roleName: string;
  /** For the IoT credentials provider: the 64 hex digits of the certificate id. */
  readonly sessionName: string;
  /** Session tags; policies see them as `aws:PrincipalTag/KEY`. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Further condition keys of the session, such as `credentials-iot:ThingName`. A key that is left out is unset. */
  readonly context?: Readonly<Record<string, string>>;
  /** The role's identity policies. */
  readonly policies: readonly PolicyDocument[];
  /** Default 3600. Any number is taken, so that a test can have a session that lasts a second. */
  readonly durationSeconds?: number;
}

/** What is handed to the client. */
export interface IssuedCredentials {
  /** `ASIA…` */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Whole seconds, as AWS gives it. */
  readonly expiration: Date;
}

/** A session or a user as the services see it. */
export interface Principal {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent for an IAM user's long-term key. */
  readonly sessionToken?: string;
  /** Absent for an IAM user's long-term key. */
  readonly expiration?: Date;
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` or `arn:aws:iam::ACCOUNT:user/NAME`. */
  readonly arn: string;
  readonly policies: readonly PolicyDocument[];
  /** Condition keys to value, tags included as `aws:PrincipalTag/KEY`. */
  readonly context: Readonly<Record<string, string>>;
}

export interface AwsSessionsOptions {
  readonly accountId?: string;
  /** The world's time. */
  readonly now?: () => Date;
}

export class AwsSessions {
  readonly accountId: string;
  readonly #now: () => Date;
  readonly #principals = new Map<string, Principal>();

  constructor(options: AwsSessionsOptions = {}) {
    this.accountId = options.accountId ?? '123456789012';
    this.#now = options.now ?? (() => new Date());
  }

  /** Temporary credentials of a role session. */
  issue(request: SessionRequest): IssuedCredentials {
    const ends = this.#now().getTime() + (request.durationSeconds ?? 3600) * 1000;
    const credentials = {
      accessKeyId: `ASIA${keyIdSuffix()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(480).toString('base64')}`,
      expiration: new Date(Math.floor(ends / 1000) * 1000),
    };
    const tags = Object.entries(request.tags ?? {}).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
    this.#principals.set(credentials.accessKeyId, {
      ...credentials,
      arn: `arn:aws:sts::${this.accountId}:assumed-role/${request.roleName}/${request.sessionName}`,
      policies: request.policies,
      context: { ...request.context, ...(Object.fromEntries(tags) as Record<string, string>) },
    });
    return credentials;
  }

  /** A long-term key of an IAM user: what an administrator, or another tool on the account, works with. */
  addUser(userName: string, policies: readonly PolicyDocument[]): Principal {
    const principal: Principal = {
      accessKeyId: `AKIA${keyIdSuffix()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      arn: `arn:aws:iam::${this.accountId}:user/${userName}`,
      policies,
      context: { 'aws:username': userName },
    };
    this.#principals.set(principal.accessKeyId, principal);
    return principal;
  }

  /** Expired ones are found too: that they are over is for the service to say. */
  lookup(accessKeyId: string): Principal | undefined {
    return this.#principals.get(accessKeyId);
  }

  /** Every access key id handed out so far, oldest first. */
  accessKeyIds(): readonly string[] {
    return [...this.#principals.keys()];
  }

  /** Forgets a session: its key id is unknown from now on (InvalidClientTokenId). */
  forget(accessKeyId: string): void {
    this.#principals.delete(accessKeyId);
  }
}

function keyIdSuffix(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from({ length: 16 }, () => alphabet[randomInt(alphabet.length)]).join('');
}
