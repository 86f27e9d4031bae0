/** From a Query call to its answer, without the network: routing, injected faults, and the log. */
import { randomUUID } from 'node:crypto';
import { SERVICES } from './actions';
import type { Service } from './actions';
import { AwsFault } from './fault';
import { parseForm } from './form';
import type { Parameters } from './form';
import { confirm } from './sns';
import { EMPTY_STATE } from './store';
import type { Network, Published, State } from './store';
import { element } from './xml';
import type { Xml } from './xml';

/** A call that arrived, refused or not. `parameters` are flat, as the Query protocol sends them. */
export interface Call {
  /** `iam`, `sns`, `sts`; `unknown` for a version nobody here speaks. */
  readonly service: string;
  readonly action: string;
  readonly parameters: Parameters;
}

/** An injected fault. `times` is 1 by default. */
export interface OrderedFault {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  readonly times?: number;
}

/** Undefined: the call goes on. */
export type Admission = (action: string) => OrderedFault | undefined;

/** A request over HTTP. */
export interface Request {
  readonly body: string;
  readonly authorization: string;
  /** ISO 8601. */
  readonly now: string;
  /** Of the caller. */
  readonly sourceIp: string;
}

/** The answer. */
export interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
}

/** An account that answers Query calls one after the other. */
export class Endpoint {
  readonly calls: Call[] = [];
  /** Decides on each call before it does anything. */
  admission: Admission | undefined;
  private state: State = EMPTY_STATE;
  private readonly faults = new Map<string, AwsFault[]>();

  constructor(private readonly network: Network) {}

  /** The OIDC providers as they are now, by their ARNs. */
  get providers(): State['providers'] {
    return this.state.providers;
  }

  /** Everything the topics accepted, oldest first. */
  get published(): readonly Published[] {
    return this.state.published;
  }

  /** The account as it is now: the answer brings it back. What was published stays published. */
  checkpoint(): () => void {
    const { state } = this;
    return () => {
      this.state = { ...state, published: this.state.published };
    };
  }

  /** Lets the next calls of an action fail before they do anything. Faults of one action queue up. */
  failNext(action: string, order: OrderedFault): void {
    const queue = Array.from({ length: order.times ?? 1 }, () => toFault(order));
    this.faults.set(action, [...(this.faults.get(action) ?? []), ...queue]);
  }

  /** A recipient confirms a subscription, which no API call can do without the token of the mail. */
  confirm(topicArn: string, endpoint: string): void {
    this.state = confirm(this.state, topicArn, endpoint);
  }

  /** Runs one call. Rejects only on a bug. */
  async answer(request: Request): Promise<Answer> {
    const requestId = randomUUID();
    const { Action: action = '', Version: version = '', ...parameters } = parseForm(request.body);
    const service = SERVICES.get(version);
    const call: Call = { service: service?.name ?? 'unknown', action, parameters };
    this.calls.push(call);
    try {
      const result = await this.run(service, call, request);
      return { status: 200, requestId, body: success(service, action, result, requestId) };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return { status: error.status, requestId, body: failure(service, error, requestId) };
    }
  }

  /** What changes the account does so before the first `await`, so that no change is lost to another. */
  private run(
    service: Service | undefined,
    { action, parameters }: Call,
    { authorization, now, sourceIp }: Request,
  ): Promise<Xml> | Xml | undefined {
    const run = requireAction(service, action);
    this.throwOrdered(action);
    const { network } = this;
    const region = regionIn(authorization);
    const outcome = run(this.state, parameters, { region, now, newId: randomUUID, sourceIp, network });
    if (outcome instanceof Promise) return outcome;
    this.state = outcome.state;
    return outcome.result;
  }

  private throwOrdered(action: string): void {
    const fault = this.faults.get(action)?.shift();
    if (fault !== undefined) throw fault;
    const refused = this.admission?.(action);
    if (refused !== undefined) throw toFault(refused);
  }
}

/** Signatures are not checked. A login has none: who asks for it has no key yet. */
const regionIn = (authorization: string): string =>
  /Credential=[^/,]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization)?.[1] ?? 'us-east-1';

const toFault = ({ code, status, message = 'A fault on order.' }: OrderedFault): AwsFault =>
  new AwsFault(code, status, message);

function requireAction(
  service: Service | undefined,
  action: string,
): NonNullable<ReturnType<Service['actions']['get']>> {
  const run = service?.actions.get(action);
  if (run === undefined) {
    throw new AwsFault('InvalidAction', 400, `The action ${action} is not valid for this web service.`);
  }
  return run;
}

function success(
  service: Service | undefined,
  action: string,
  result: Xml | undefined,
  requestId: string,
): string {
  const metadata: Xml = { ResponseMetadata: { RequestId: requestId } };
  const content: Xml = result === undefined ? metadata : { [`${action}Result`]: result, ...metadata };
  return element(`${action}Response`, content, service?.namespace);
}

/** The form of every Query error. A status from 500 on is AWS's own fault. */
export function failure(service: Service | undefined, fault: AwsFault, requestId: string): string {
  const Type = fault.status < 500 ? 'Sender' : 'Receiver';
  const content: Xml = { Error: { Type, Code: fault.code, Message: fault.message }, RequestId: requestId };
  return element('ErrorResponse', content, service?.namespace);
}
