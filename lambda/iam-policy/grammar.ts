/**
 * What an issuer's tokens can say, as types: the possible subjects and claims, and what each of them identifies.
 * The data of each issuer is in `oidc/profiles/`. Here an issuer has no name.
 */

import type { Test } from './condition';

/** The name of a claim, or of a part of the subject that is compared for itself. */
export type Claim = string;

/** The characters that one position of a claim can have. */
export interface Alphabet {
  readonly has: (character: string) => boolean;
  /** Usual ones, of which examples are made: the first that no condition mentions. */
  readonly usual: readonly string[];
  /** Whether there are more characters than the usual ones: then one that no condition mentions always exists. */
  readonly isOpen: boolean;
}

/** One position of a claim: a fixed character, or one of an alphabet, once or any number of times. */
export interface Position {
  readonly characters: string | Alphabet;
  readonly repeat: boolean;
}

/**
 * A part of a text: fixed, or a field. `claims`: the claims that it is also a part of. The first one of a field is the field
 * alone.
 */
export type Segment =
  | { readonly literal: string; readonly claims: readonly Claim[] }
  | { readonly field: Field; readonly claims: readonly Claim[] };

/** A variable part of a text. */
export interface Field {
  readonly positions: readonly Position[];
  /**
   * A value that nobody means by naming others: to find out whether a policy restricts this field at all. Null: the
   * field does not say which workload it is.
   */
  readonly unnamed: string | null;
  /** It never contains the fixed text that follows it in a subject, although its alphabet would permit that. */
  readonly excludesNext?: true;
  /**
   * What whole values look like, such as a repository with its host and owner. None is below another one: in
   * `HOST/OWNER/REPOSITORY/*` the wildcard stands for what follows the repository in the subject.
   */
  readonly ordinary?: RegExp;
  /** How ordinary values begin, for examples: `refs/heads/`. */
  readonly usualBeginning?: string;
}

/** One form of token that an issuer signs. */
export interface TokenForm {
  /** In the words of the vendor, for messages. */
  readonly name: string;
  readonly subject: readonly Segment[];
  /** Claims that are no part of the subject and that tokens of this form lack. */
  readonly without: readonly Claim[];
  /** Claims beside the subject that have another form here than elsewhere. */
  readonly fields?: ReadonlyMap<Claim, Field>;
  /** Of two formats in use, the one that this form belongs to. Null: there is one format. */
  readonly format: 'older' | 'newer' | null;
  /** Who starts such a workload: `pull request`: perhaps somebody who may not change the code. */
  readonly origin: 'workload' | 'pull request' | 'vendor';
}

/** A claim beside the subject: any text of the field. */
export interface FreeClaim {
  readonly field: Field;
  /** Some tokens lack it. */
  readonly optional: boolean;
}

/** A claim that identifies who a token belongs to. */
export interface ScopeClaim {
  readonly claim: Claim;
  /** What its value identifies. */
  readonly scope: 'tenant' | 'unit';
  /** Whether a value identifies the tenant, too: false for names of units that are unique within a tenant only. */
  readonly isGlobal: boolean;
  /** `name`: it can be released, and registered again by somebody else. */
  readonly nature: 'id' | 'name';
  /** What values look like where they are written out in a condition. */
  readonly written: RegExp;
}

/** What a condition key of the issuer stands for. */
export interface KeyOfIssuer {
  readonly claim: Claim;
  /** It is in AWS's reference, but AWS has not announced it. */
  readonly isUnannounced?: true;
  /** Where people find the value, or what it looks like, as a phrase in parentheses. */
  readonly hint?: string;
}

/** What the parts of an issuer are called, as common nouns. */
export interface Nouns {
  /** The product, as its vendor writes it. */
  readonly vendor: string;
  /** `organization`. */
  readonly tenant: string;
  /** `project`. */
  readonly unit: string;
  /** `Projects`. */
  readonly units: string;
  /** `branch`. Null: its tokens do not say. */
  readonly workload: string | null;
  /** Workloads that a role does not name, as the subject of a clause. Null: its tokens do not say. */
  readonly otherWorkloads: string | null;
  /** How to name workloads, as sentences, if that needs more than the name of the workload. */
  readonly workloadAdvice?: string;
  /** Who can log in if not even the tenant is restricted: `Any customer of …`. */
  readonly anyTenant: string;
  /** `Any project`. */
  readonly anyUnit: string;
}

/** Two formats of subjects in use: what to say about a role that accepts only the older one. */
export interface NewerFormat {
  readonly check: 'TRUST007' | 'TRUST009';
  /** Noun phrases: tokens of the formats. */
  readonly older: string;
  readonly newer: string;
  /** What subjects of the newer one look like, as a noun phrase. */
  readonly subject: string;
  /** Which logins fail, as a sentence. */
  readonly effect: string;
  /** What to write, as a sentence. */
  readonly advice: string;
}

/** Workloads that a pull request starts: perhaps of somebody who may not change the code. */
export interface PullRequests {
  /** A noun phrase in the plural. */
  readonly workloads: string;
  /** Under which settings strangers can start them, as a sentence. */
  readonly settings: string;
}

/** What is known of the tokens of one issuer. */
export interface IssuerGrammar {
  /** `shared`: one issuer signs for every tenant. */
  readonly kind: 'shared' | 'tenant' | 'self-hosted';
  readonly nouns: Nouns;
  /** The only tenant, as its tokens write it; null: there are several, or its name is not in them. */
  readonly tenant: string | null;
  /** Where each tenant has an issuer of its own, although this one signs for all; else null. */
  readonly issuerOfTenant: string | null;
  readonly forms: readonly TokenForm[];
  /** Claims beside the subject by name. */
  readonly claims: ReadonlyMap<Claim, FreeClaim>;
  /** Condition keys without the prefix, in lower case, beside those that every issuer has. */
  readonly keys: ReadonlyMap<string, KeyOfIssuer>;
  /** Keys that people write for parts of the subject, and that AWS STS does not support. In lower case. */
  readonly absentKeys?: ReadonlyMap<string, Claim>;
  /** Keys of claims within a unit, such as a branch or an environment, that AWS STS does not support. In lower case. */
  readonly workloadKeys?: ReadonlySet<string>;
  /** Keys of claims that tokens have, of which it is not known whether AWS supports them. In lower case. */
  readonly uncertainKeys: ReadonlySet<string>;
  readonly scopes: readonly ScopeClaim[];
  /** Claims and parts of the subject that say which workload it is: a branch, an environment. */
  readonly workloads: readonly Claim[];
  /** Of some of them, why a condition that names only the others is not enough, as a sentence. */
  readonly ifNotNamed?: ReadonlyMap<Claim, string>;
  /** Tests that every token passes: what its claims never are. */
  readonly certain: readonly Test<Claim>[];
  /** Behind this text a subject may have letters of any language; null: nowhere. */
  readonly anyTextAfter: string | null;
  /** Null: there is one format. */
  readonly newerFormat: NewerFormat | null;
  /** About workloads of the form `pull request`; null: there are none. */
  readonly pullRequests: PullRequests | null;
  /** No token has a subject that is in no form. */
  readonly isComplete: boolean;
  /** What the audience says. `tenant`: the issuer sets it, so that it names the tenant. */
  readonly audience: 'free' | 'tenant';
  /** Tokens may carry session tags and roles for AWS. */
  readonly hasAwsClaims: boolean;
  /** When the data was collected, ISO 8601. */
  readonly date: string;
}
