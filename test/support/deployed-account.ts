/** The APIs of AWS that `doctor` reads, in front of one deployed monitor. Each answer may be replaced by a refusal. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { element } from '../../demo/aws/xml';
import type { Xml } from '../../demo/aws/xml';
import { portOf } from '../../demo/port';

/** What the account holds. */
export interface DeployedAccount {
  /** The function `Monitor`; null: its environment is encrypted with a key that the caller may not use. */
  environment: Readonly<Record<string, string>> | null;
  /** The bytes of the deployment package. */
  code: Buffer;
  stacks: readonly { readonly name: string; readonly outputs: Readonly<Record<string, string>> }[];
  /** The body of every template. */
  template: string;
  subscriptions: readonly { readonly protocol: string; readonly endpoint: string }[];
  /** Actions that are denied, as policies name them. */
  denied: readonly string[];
  /** Actions that were asked for, oldest first. */
  asked: string[];
}

/** Give `url` to clients as AWS_ENDPOINT_URL. */
export interface DeployedEndpoint {
  readonly url: string;
  readonly account: DeployedAccount;
  readonly close: () => Promise<void>;
}

/** Lists are served in pages of one entry, so that a reader of the first page alone is noticed. */
export async function startDeployedAccount(account: DeployedAccount): Promise<DeployedEndpoint> {
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body, headers = {} }) => {
      response.writeHead(status, headers);
      response.end(body);
    });
  });

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const form = new URLSearchParams(await text(request));
    const path = decodeURIComponent(request.url ?? '');
    if (path === '/package.zip') return { status: 200, body: account.code };
    const action = path === '/' ? actionOf(form) : functionAction(path);
    account.asked.push(action);
    if (account.denied.includes(action))
      return path === '/' ? xmlDenial(action) : jsonError(403, 'AccessDeniedException');
    switch (action) {
      case 'lambda:GetFunctionConfiguration':
      case 'lambda:GetFunction':
        return functionAnswer(action, path);
      case 'cloudformation:DescribeStacks':
        return xml('DescribeStacks', page(account.stacks, form, 'Stacks', stackXml));
      case 'cloudformation:GetTemplate':
        return xml('GetTemplate', { TemplateBody: account.template });
      default:
        return xml(
          'ListSubscriptionsByTopic',
          page(account.subscriptions, form, 'Subscriptions', subscriptionXml),
        );
    }
  };

  const functionAnswer = (action: string, path: string): Answer => {
    if (!/\/functions\/(?:arn:aws:lambda:eu-west-1:123456789012:function:)?Monitor(?:\/|$)/.test(path)) {
      return jsonError(404, 'ResourceNotFoundException');
    }
    const configuration = {
      FunctionName: 'Monitor',
      Environment:
        account.environment === null
          ? { Error: { ErrorCode: 'AccessDeniedException', Message: 'no key' } }
          : { Variables: account.environment },
    };
    const body =
      action === 'lambda:GetFunction'
        ? { Configuration: configuration, Code: { Location: `${url()}/package.zip` } }
        : configuration;
    return { status: 200, body: JSON.stringify(body) };
  };

  const url = (): string => `http://127.0.0.1:${portOf(server)}`;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: url(),
    account,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const functionAction = (path: string): string =>
  path.endsWith('/configuration') ? 'lambda:GetFunctionConfiguration' : 'lambda:GetFunction';

const actionOf = (form: URLSearchParams): string => {
  const action = form.get('Action') ?? '';
  return action.startsWith('ListSubscriptions') ? `sns:${action}` : `cloudformation:${action}`;
};

const jsonError = (status: number, type: string): Answer => ({
  status,
  headers: { 'x-amzn-errortype': type },
  body: JSON.stringify({ Message: `${type}.` }),
});

const xmlDenial = (action: string): Answer => ({
  status: 403,
  body: element('ErrorResponse', {
    Error: { Type: 'Sender', Code: 'AccessDenied', Message: `not authorized to perform ${action}` },
  }),
});

const xml = (action: string, result: Xml): Answer => ({
  status: 200,
  body: element(`${action}Response`, { [`${action}Result`]: result }),
});

function page<T>(entries: readonly T[], form: URLSearchParams, list: string, write: (entry: T) => Xml): Xml {
  const index = Number(form.get('NextToken') ?? 0);
  const hasMore = index + 1 < entries.length;
  return {
    [list]: entries.slice(index, index + 1).map(write),
    NextToken: hasMore ? String(index + 1) : undefined,
  };
}

const stackXml = ({ name, outputs }: DeployedAccount['stacks'][number]): Xml => ({
  StackName: name,
  StackStatus: 'CREATE_COMPLETE',
  CreationTime: '2026-11-01T00:00:00Z',
  Outputs: Object.entries(outputs).map(([key, value]) => ({ OutputKey: key, OutputValue: value })),
});

const subscriptionXml = ({ protocol, endpoint }: DeployedAccount['subscriptions'][number]): Xml => ({
  SubscriptionArn: 'PendingConfirmation',
  Protocol: protocol,
  Endpoint: endpoint,
});
