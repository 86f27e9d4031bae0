/** Stacks as `cdk synth` makes them. */
import { App, aws_lambda as lambda } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as v from 'valibot';
import { MonitorStack } from '../../infra/monitor/monitor-stack';
import type { ThumbprintMonitorProps } from '../../infra/monitor/props';

const STATEMENT = v.object({
  Action: v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((action) => (typeof action === 'string' ? [action] : action)),
  ),
  Effect: v.string(),
  Resource: v.pipe(
    v.unknown(),
    v.transform((resource): readonly unknown[] => (Array.isArray(resource) ? resource : [resource])),
  ),
  Condition: v.optional(v.unknown()),
});
const POLICY = v.object({
  Properties: v.object({
    PolicyDocument: v.object({ Statement: v.array(STATEMENT) }),
    Roles: v.array(v.object({ Ref: v.string() })),
  }),
});

/** What a policy of the template allows: one entry an action and resource. */
export interface Allowed {
  readonly role: string;
  readonly action: string;
  /** `*`, a logical id with its attribute, or an ARN with pseudo parameters written `${AWS::Partition}`. */
  readonly resource: string;
}

/** A stack with these props. Its function does nothing, so that no build is needed. */
export function stackOf(props: ThumbprintMonitorProps & StackProps = {}): MonitorStack {
  const code = lambda.Code.fromInline('exports.handler = () => undefined;');
  return new MonitorStack(new App(), 'ThumbprintDriftMonitor', { code, ...props });
}

/** The template of a stack with these props. */
export const templateOf = (props: ThumbprintMonitorProps & StackProps = {}): Template =>
  Template.fromStack(stackOf(props));

/** Every permission that the policies of a template grant, sorted. */
export function permissionsOf(template: Template): readonly Allowed[] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map((one) =>
    v.parse(POLICY, one),
  );
  return policies
    .flatMap(({ Properties: { PolicyDocument, Roles } }) =>
      PolicyDocument.Statement.flatMap(({ Action, Resource }) =>
        Action.flatMap((action) =>
          Resource.map((resource) => ({
            role: shortId(Roles[0]?.Ref ?? ''),
            action,
            resource: arnText(resource),
          })),
        ),
      ),
    )
    .sort((a, b) => (a.action + a.resource < b.action + b.resource ? -1 : 1));
}

/** A logical id without the eight digits that CDK appends. */
export const shortId = (id: string): string => id.replace(/[0-9A-F]{8}$/, '');

const JOIN = v.object({ 'Fn::Join': v.tuple([v.literal(''), v.array(v.unknown())]) });
const REF = v.object({ Ref: v.string() });
const ATTRIBUTE = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.string()]) });

/** An intrinsic function of CloudFormation as text. */
export function arnText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (v.is(JOIN, value)) return value['Fn::Join'][1].map(arnText).join('');
  if (v.is(REF, value)) return `\${${shortId(value.Ref)}}`;
  if (v.is(ATTRIBUTE, value)) return `\${${shortId(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}}`;
  return JSON.stringify(value);
}

const ENVIRONMENT = v.object({
  Properties: v.object({
    Environment: v.object({ Variables: v.object({ MONITOR_CONFIG: v.unknown() }) }),
  }),
});

/** MONITOR_CONFIG with `${LogicalId}` for what the deployment fills in. */
export function environmentOf(of: Template): string {
  const [monitor] = Object.values(of.findResources('AWS::Lambda::Function'));
  return arnText(v.parse(ENVIRONMENT, monitor).Properties.Environment.Variables.MONITOR_CONFIG);
}
