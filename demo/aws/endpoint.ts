/** From a Query call to its answer, without the network: routing, signature scope, faults on order, and the log. */
import { randomUUID } from 'node:crypto';
import { SERVICES } from './actions';
import type { Service } from './actions';
import { AwsFault } from './fault';
import { parseForm } from './form';
import type { Parameters } from './form';
import { confirm } from './sns';
import { EMPTY_STATE } from './store';
import type { Outcome, Published, State } from './store';
import { element } from './xml';
import type { Xml } from './xml';

/** A call that arrived, refused or not. `parameters` are flat, as the Query protocol sends them. */
export interface Call {
  /** `iam`, `sns`; `unknown` for a version nobody here speaks. */
  readonly service: string;
  readonly action: string;
  readonly parameters: Parameters;
}

/** A fault on order. `times` is 1 unless told. */
export interface OrderedFault {
  readonly code: string;
  readonly status: number;
  readonly message?: string;
  readonly times?: number;
}

/** What came over HTTP. */
export interface Request {
  readonly body: string;
  readonly authorization: string;
  /** ISO 8601. */
  readonly now: string;
}

/** What goes back. */
export interface Answer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
}

/** An account that answers Query calls one after the other. */
export class Endpoint {
  readonly calls: Call[] = [];
  private state: State = EMPTY_STATE;
  private readonly faults = new Map<string, AwsFault[]>();

  /** Everything the topics accepted, oldest first. */
  get published(): readonly Published[] {
    return this.state.published;
  }

  /** Lets the next calls of an action fail before they do anything. Orders for one action queue up. */
  failNext(action: string, { code, status, message = 'A fault on order.', times = 1 }: OrderedFault): void {
    const queue = Array.from({ length: times }, () => new AwsFault(code, status, message));
    this.faults.set(action, [...(this.faults.get(action) ?? []), ...queue]);
  }

  /** A recipient confirms a subscription, which no API call can do without the token of the mail. */
  confirm(topicArn: string, endpoint: string): void {
    this.state = confirm(this.state, topicArn, endpoint);
  }

  /** Runs one call. Throws only on a bug. */
  answer({ body, authorization, now }: Request): Answer {
    const requestId = randomUUID();
    const { Action: action = '', Version: version = '', ...parameters } = parseForm(body);
    const service = SERVICES.get(version);
    this.calls.push({ service: service?.name ?? 'unknown', action, parameters });
    try {
      const run = requireAction(service, action);
      const region = requireRegion(authorization);
      this.throwOrdered(action);
      const outcome = run(this.state, parameters, { region, now, newId: randomUUID });
      this.state = outcome.state;
      return { status: 200, requestId, body: success(service, action, outcome, requestId) };
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return { status: error.status, requestId, body: failure(service, error, requestId) };
    }
  }

  private throwOrdered(action: string): void {
    const fault = this.faults.get(action)?.shift();
    if (fault !== undefined) throw fault;
  }
}

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

/** Signatures are not checked, but a call without one is refused, as AWS does. */
function requireRegion(authorization: string): string {
  const region = /^AWS4-HMAC-SHA256 .*Credential=[^/,]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization)?.[1];
  if (region === undefined) {
    throw new AwsFault('MissingAuthenticationToken', 403, 'Request is missing Authentication Token');
  }
  return region;
}

function success(
  service: Service | undefined,
  action: string,
  { result }: Outcome,
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
