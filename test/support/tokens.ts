/** Tokens as the evaluation of policies takes them. */
import type { Token, TokenSource } from '../../lambda/iam-policy/tokens';

/** A CircleCI token. */
export interface CircleCiToken {
  readonly sub: string;
  readonly org: string;
  readonly project: string;
  readonly aud: string | null;
}

class NoForm extends Error {}

/** The token for an evaluation. */
export function tokenOf({ grammar }: TokenSource, { sub, org, project, aud }: CircleCiToken): Token {
  const [form] = grammar.forms;
  if (form === undefined) throw new NoForm();
  return {
    sub,
    aud,
    form,
    claims: new Map([
      ['sub', sub],
      ['org', org],
      ['project', project],
    ]),
  };
}
