/** Texts of resolved findings. Only facts about them are stored, so the texts are generated from these. */
import type { Finding } from '../domain/types';
import { showNames } from '../state/identifiers';
import type { Track } from '../state/schema';
import { severityOf } from '../domain/severity';
import type { CheckId } from '../domain/checks';
import { checkOf } from '../domain/checks';

/** One finding for each check of a resolved track. */
export function resolvedFindings({ findings, more }: Pick<Track, 'findings' | 'more'>): readonly Finding[] {
  const checks = [...new Set(findings.map(({ check }) => check))];
  return checks.map((check, index) => {
    const own = findings.filter((each) => each.check === check);
    return {
      check,
      severity: severityOf(own),
      message: resolvedMessageOf(check, own, index === checks.length - 1 ? more : 0),
      remedy: '',
    };
  });
}

function resolvedMessageOf(check: CheckId, findings: Track['findings'], more: number): string {
  const names = [...new Set(findings.flatMap(({ subject }) => (subject === null ? [] : [subject])))];
  const about = names.length === 0 ? '' : ` It was about ${showNames({ names, more }, '')}.`;
  return `Resolved: ${checkOf(check).problem} (${check}).${about}`;
}
