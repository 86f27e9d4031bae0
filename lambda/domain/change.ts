/**
 * The facts of a change, as a finding shows them and as the state stores them. A public contract like the
 * other types of a finding: changes are additive only.
 */
import type { CheckId } from './checks';

/** Identifiers of one kind. `more`: further ones, and values that have another form. */
export interface Names {
  readonly names: readonly string[];
  readonly more: number;
}

/** A signing key by its names. */
export interface KeyName {
  /** RFC 7638 thumbprint. */
  readonly thumbprint: string;
  /** Null: it has none, or none that may be shown. */
  readonly kid: string | null;
  readonly kty: string | null;
}

/** The first of some signing keys, and how many more there are. */
export interface KeyNames {
  readonly names: readonly KeyName[];
  readonly more: number;
}

/** A change that is alerted once. */
export type Change =
  | {
      readonly kind: 'thumbprints-added';
      /**
       * `served`: on a path that verifies. `not-compared`: not all certificates of the issuer were collected.
       */
      readonly comparison: 'served' | 'not-served' | 'not-compared';
      /** An earlier run alerted the addition and could not compare it. */
      readonly isLater: boolean;
      readonly thumbprints: Names;
    }
  | {
      readonly kind: 'thumbprints-removed';
      /** The monitor had added them, or had begun to: no run knows whether IAM accepted that update. */
      readonly isOwn: boolean;
      readonly thumbprints: Names;
    }
  | { readonly kind: 'audiences'; readonly action: 'added' | 'removed'; readonly audiences: Names }
  /** The monitor began to add these, and the list does not contain all of them. */
  | { readonly kind: 'update-lost'; readonly startedAt: string; readonly thumbprints: Names }
  | {
      readonly kind: 'keys';
      readonly added: KeyNames;
      readonly removed: KeyNames;
      /** How many keys the issuer publishes now. */
      readonly published: number;
    }
  | { readonly kind: 'providers'; readonly action: 'created' | 'deleted'; readonly providers: Names }
  /** Confirmed subscriptions of the alert topic. */
  | { readonly kind: 'fewer-recipients'; readonly before: number; readonly now: number }
  /** Stored as a sentence by an earlier version of the monitor: only identifiers in it are shown. */
  | {
      readonly kind: 'earlier';
      readonly check: Extract<CheckId, 'THUMB008' | 'PROV006' | 'PROV007' | 'JWKS002' | 'OPS001'>;
      readonly severity: 'info' | 'low' | 'medium' | 'high';
      readonly thumbprints: Names;
    };

/** An update of a list that a run of the monitor began. */
export interface ListUpdate {
  /** What the list contained before, as IAM spells it. */
  readonly before: readonly string[];
  /** The list now. */
  readonly list: readonly string[];
  readonly added: readonly string[];
  /** A later read returned it. IAM may take longer. */
  readonly isVisible: boolean;
  /**
   * `monitor`: IAM confirmed the write to this run. `unknown`: a run that began it ended before, so the
   * monitor or somebody else has added it.
   */
  readonly by: 'monitor' | 'unknown';
}

/** What a finding says of a change, for programs. */
export type FindingChange = Change | ({ readonly kind: 'list-updated' } & ListUpdate);
