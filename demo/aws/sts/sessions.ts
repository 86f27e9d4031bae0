/** Temporary credentials: who got which, and for how long. */
import { randomBytes } from 'node:crypto';
import { AwsFault } from '../fault';

/** Somebody who assumed a role. */
export interface Session {
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly arn: string;
  /** `ROLE-ID:SESSION` */
  readonly userId: string;
  readonly expiry: Date;
}

/** What a client signs with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What a call shows of its caller's credentials. */
export interface Shown {
  readonly accessKeyId: string;
  readonly sessionToken: string | undefined;
}

/** Key ids of temporary credentials: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const TEMPORARY = 'ASIA';

/** The sessions of one account. */
export class Sessions {
  private readonly open = new Map<string, Session & { readonly sessionToken: string }>();

  /** Gives credentials for a session. */
  begin(session: Session): Credentials {
    const accessKeyId = `${TEMPORARY}${randomBytes(8).toString('hex').toUpperCase()}`;
    const sessionToken = randomBytes(192).toString('base64');
    this.open.set(accessKeyId, { ...session, sessionToken });
    return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64'), sessionToken };
  }

  /**
   * The session of a caller; undefined: permanent credentials, which are not looked up. Throws InvalidClientTokenId,
   * ExpiredToken.
   */
  recognise({ accessKeyId, sessionToken }: Shown, now: Date): Session | undefined {
    if (sessionToken === undefined && !accessKeyId.startsWith(TEMPORARY)) return undefined;
    const session = this.open.get(accessKeyId);
    if (session === undefined || session.sessionToken !== sessionToken) {
      throw new AwsFault(
        'InvalidClientTokenId',
        403,
        'The security token included in the request is invalid.',
      );
    }
    if (now >= session.expiry) {
      throw new AwsFault('ExpiredToken', 403, 'The security token included in the request is expired');
    }
    return session;
  }
}
