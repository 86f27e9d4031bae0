/** The clients of AWS that the runs of one story share, as invocations do in Lambda. */
import type { AwsClients } from '../../../lambda/invocation';
import type { AwsLimits } from '../../../lambda/adapters/aws-limits';
import { openIam } from '../../../lambda/adapters/iam';
import { openSns } from '../../../lambda/adapters/sns';
import { openDynamo, storeIn } from '../../../lambda/adapters/dynamodb';

interface Container {
  readonly clients: AwsClients;
  readonly destroy: () => void;
}

/** One container for each set of limits: those of a fault are gone when it is over. */
export class Containers {
  private readonly opened = new Map<string, Container>();

  clients(limits: AwsLimits): AwsClients {
    const key = JSON.stringify(limits);
    const container = this.opened.get(key) ?? open(limits);
    this.opened.set(key, container);
    return container.clients;
  }

  close(): void {
    for (const container of this.opened.values()) container.destroy();
    this.opened.clear();
  }
}

function open(limits: AwsLimits): Container {
  const [iam, sns, dynamo] = [openIam({ limits }), openSns(limits), openDynamo(limits)];
  return {
    clients: { iam, sns: () => Promise.resolve(sns), store: (table) => storeIn(dynamo, table) },
    destroy: () => [iam, sns, dynamo].forEach((client) => client.destroy()),
  };
}
