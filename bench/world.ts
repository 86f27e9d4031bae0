/** The servers that contenders speak to: OIDC issuers and AWS accounts, each behind a delayed connection. */
import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { mint } from '../demo/authority';
import type { Identity } from '../demo/authority';
import { startAws } from '../demo/aws';
import type { EmbeddedAws, OrderedFault } from '../demo/aws';
import { startIssuer } from '../demo/issuer';
import type { Issuer } from '../demo/issuer';
import { startTable } from '../demo/table';
import type { Network } from './network';

/** An issuer that serves an intermediate CA and a leaf for each key type. */
export interface IssuerOptions {
  /** @default localhost */
  readonly name?: string;
  readonly keyTypes: readonly ('rsa' | 'ecdsa')[];
  /** @default 127.0.0.1 */
  readonly addresses?: readonly string[];
}

/** A running issuer. */
export interface BenchIssuer {
  readonly issuerOf: (org: string) => string;
  /** Of the intermediate CAs, as AWS lists them. */
  readonly thumbprints: readonly string[];
  /** A hosts file for its clients. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
}

/** An account as its clients use it: one provider for each issuer, and one confirmed subscription. */
export interface Account {
  readonly url: string;
  readonly topicArn: string;
  readonly table: { readonly url: string; readonly name: string };
  readonly issuers: readonly string[];
  /** What the issuers serve. */
  readonly served: readonly string[];
  readonly hosts: BenchIssuer['hosts'];
}

/** What the servers saw since the last count. */
export interface Counted {
  /** Handshakes that went as far as the server's certificate. */
  readonly handshakes: number;
  /** Connections that carried at least one document. */
  readonly connections: number;
  readonly documents: number;
  /** Calls to IAM and SNS, refused ones too. */
  readonly actions: readonly string[];
}

/** Whether AWS refuses a call. */
type Admission = (action: string) => OrderedFault | undefined;

/** A token bucket: `burst` calls at once, and `perSecond` from then on. */
export interface Bucket {
  readonly perSecond: number;
  readonly burst: number;
}

/** All servers. They run until the process ends. */
export class World {
  private readonly issuers: Issuer[] = [];
  private handshakes = 0;
  private documents = 0;
  /** Of clients: a port identifies a connection, in HTTP/1.1 and h2 alike. */
  private readonly ports = new Set<number | undefined>();
  private actions: string[] = [];
  private limit: Admission | null = null;

  private constructor(
    readonly network: Network,
    readonly root: Identity,
  ) {}

  static async start(network: Network): Promise<World> {
    return new World(network, await mint({ commonName: 'Bench Root CA', ca: true }));
  }

  /** Rejects if an address is not available: Linux has all of 127/8, other systems only 127.0.0.1. */
  async openIssuer(options: IssuerOptions): Promise<BenchIssuer> {
    const { name = 'localhost', keyTypes, addresses = ['127.0.0.1'] } = options;
    let own = 0;
    const publicPort = await this.network.open(() => own, addresses);
    const chains = await Promise.all(
      keyTypes.map(async (keyType) => {
        const ca = { commonName: `Bench CA ${keyType}`, keyType, ca: true, signedBy: this.root };
        const intermediate = await mint(ca);
        const leaf = await mint({ commonName: name, keyType, hosts: [name], signedBy: intermediate });
        return { chain: [leaf, intermediate], thumbprint: intermediate.thumbprint };
      }),
    );
    const issuer = await startIssuer({ chains: chains.map(({ chain }) => chain), name, publicPort });
    own = issuer.port;
    this.issuers.push(issuer);
    issuer.onRequest((request) => {
      this.documents += 1;
      this.ports.add(request.socket.remotePort);
      return false;
    });
    return {
      issuerOf: issuer.issuerOf,
      thumbprints: chains.map(({ thumbprint }) => thumbprint),
      hosts: name === 'localhost' ? {} : { [name]: addresses },
    };
  }

  /** `listed` is what the providers list. @default what the issuer serves */
  async openAccount(issuer: BenchIssuer, orgs: number, listed = issuer.thumbprints): Promise<Account> {
    const aws = await startAws();
    const issuers = Array.from({ length: orgs }, (_, index) => issuer.issuerOf(orgAt(index)));
    const topicArn = await fill(aws, issuers, listed);
    const table = await startTable();
    aws.onCall((action) => {
      this.actions.push(action);
      return this.limit?.(action);
    });
    return {
      url: await this.delayed(aws.url),
      topicArn,
      table: { url: await this.delayed(table.url), name: table.name },
      issuers,
      served: issuer.thumbprints,
      hosts: issuer.hosts,
    };
  }

  count(): Counted {
    const handshakes = this.issuers.reduce((sum, issuer) => sum + issuer.handshakes(), 0);
    const counted = {
      handshakes: handshakes - this.handshakes,
      connections: this.ports.size,
      documents: this.documents,
      actions: this.actions,
    };
    this.handshakes = handshakes;
    this.documents = 0;
    this.ports.clear();
    this.actions = [];
    return counted;
  }

  /** Limits the calls of GetOpenIDConnectProvider; null ends the limit. */
  throttle(bucket: Bucket | null): void {
    this.limit = bucket === null ? null : limiter(bucket);
  }

  private async delayed(url: string): Promise<string> {
    const port = Number(new URL(url).port);
    return `http://127.0.0.1:${await this.network.open(() => port)}`;
  }
}

/** UUIDs, in ascending order. */
const orgAt = (index: number): string => `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;

/** Creates providers and a topic. Returns the topic's ARN. */
async function fill(
  aws: EmbeddedAws,
  issuers: readonly string[],
  thumbprints: readonly string[],
): Promise<string> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const settings = { endpoint: aws.url, region: 'eu-west-1', credentials };
  const iam = new IAMClient(settings);
  for (const issuer of issuers) {
    const provider = { Url: issuer, ClientIDList: [issuer.slice(-36)], ThumbprintList: [...thumbprints] };
    await iam.send(new CreateOpenIDConnectProviderCommand(provider));
  }
  const sns = new SNSClient(settings);
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'you@example.com' }));
  aws.confirm(TopicArn, 'you@example.com');
  return TopicArn;
}

/** The error of IAM: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
const THROTTLED: OrderedFault = { code: 'Throttling', status: 400, message: 'Rate exceeded' };

function limiter({ perSecond, burst }: Bucket): Admission {
  let tokens = burst;
  let last = performance.now();
  return (action) => {
    if (action !== 'GetOpenIDConnectProvider') return undefined;
    const now = performance.now();
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond);
    last = now;
    if (tokens < 1) return THROTTLED;
    tokens -= 1;
    return undefined;
  };
}
