/** What a file of this folder exports: the data of one kind of issuer. */
import type { IssuerGrammar } from '../../iam-policy/grammar';
import type { Host } from '../../domain/types';

/** An issuer as profiles recognize it. */
export interface IssuerParts {
  /** Without differences of spelling: lower-case, without slashes at the end. */
  readonly url: string;
  readonly host: Host;
  /** Begins with a slash; of a host alone it is empty. */
  readonly path: string;
  /** `ClientIDList`; null: not known. */
  readonly audiences: readonly string[] | null;
}

/** One kind of issuer. */
export interface Profile {
  /** For documents and tests. */
  readonly id: string;
  /** The grammar of its tokens; null: the issuer is of another kind. */
  readonly match: (issuer: IssuerParts) => IssuerGrammar | null;
  /** For hosts of customers, whose names say nothing: what their subjects begin with in conditions. */
  readonly subjects?: RegExp;
  /** The grammar of an issuer on a customer's host that is recognized by its subjects. */
  readonly onOwnHost?: (issuer: IssuerParts) => IssuerGrammar;
  /** The audience that tokens have unless somebody chooses another; null: there is none. */
  readonly defaultAudience: (grammar: IssuerGrammar) => string | null;
  /** Where the data comes from. */
  readonly sources: readonly string[];
}

/** Parts that most grammars have in common. */
export const COMMON = {
  tenant: null,
  issuerOfTenant: null,
  claims: new Map(),
  keys: new Map(),
  uncertainKeys: new Set<string>(),
  certain: [],
  anyTextAfter: null,
  newerFormat: null,
  pullRequests: null,
  isComplete: false,
  audience: 'free',
  hasAwsClaims: false,
  date: '2026-11-15',
} as const satisfies Partial<IssuerGrammar>;
