import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../lambda/config/config';
import { configuredIssuers, isUpdatable, updatableIssuers, updateModeOf } from '../../lambda/config/scope';
import { PERMISSIONS } from '../../lambda/permissions';

const ORG = 'b9d4e9a0-5b1f-4c3e-9f0a-2d6c8e7f1a34';
const CLOUD = `https://oidc.circleci.com/org/${ORG}`;
const OTHER_ORG = 'https://oidc.circleci.com/org/0c1e4a52-7d8b-4f6a-8a3e-91b5d2c7f608';
const ROOT = 'https://oidc.circleci.com';
const SERVER = `https://ci.example.com/org/${ORG}`;
const GITHUB = 'https://token.actions.githubusercontent.com';
const GITLAB = 'https://gitlab.com';
const ISSUERS = [CLOUD, OTHER_ORG, ROOT, `${CLOUD}/`, SERVER, GITHUB, GITLAB];

describe('configuredIssuers', () => {
  it('are orgs first, each once, without those of updateIssuers', () => {
    const config = parseConfig({ orgs: [ORG], issuers: [GITHUB, CLOUD], updateIssuers: [GITLAB] });
    expect(configuredIssuers(config)).toEqual([CLOUD, GITHUB]);
  });
});

describe('isUpdatable', () => {
  const named = { orgs: [ORG], issuers: [SERVER] };
  it.each<[object, readonly string[]]>([
    [{}, [CLOUD, OTHER_ORG, `${CLOUD}/`]],
    [{ discover: 'circleci' }, [CLOUD, OTHER_ORG, `${CLOUD}/`]],
    [{ discover: 'all' }, []],
    [{ discover: 'none' }, []],
    [named, [CLOUD, OTHER_ORG, `${CLOUD}/`, SERVER]],
    [{ ...named, discover: 'circleci' }, [CLOUD, OTHER_ORG, `${CLOUD}/`, SERVER]],
    [{ ...named, discover: 'all' }, [CLOUD, SERVER]],
    [{ ...named, discover: 'none' }, [CLOUD, SERVER]],
    [{ updateIssuers: [GITHUB] }, [CLOUD, OTHER_ORG, `${CLOUD}/`, GITHUB]],
    [{ discover: 'circleci', updateIssuers: [ROOT] }, [CLOUD, OTHER_ORG, ROOT, `${CLOUD}/`]],
    [{ discover: 'all', updateIssuers: [GITHUB, CLOUD] }, [CLOUD, GITHUB]],
    [{ discover: 'none', updateIssuers: [GITHUB] }, [GITHUB]],
    [{ ...named, update: 'off', updateIssuers: [GITHUB] }, []],
  ])('with %j permits %j', (given, permitted) => {
    const config = parseConfig({ update: 'guarded', ...given });
    expect(ISSUERS.filter((issuer) => isUpdatable(issuer, config))).toEqual(permitted);
    expect(ISSUERS.filter((issuer) => updateModeOf(issuer, config) === 'guarded')).toEqual(permitted);
  });

  it('agrees with the policy of the function for every configuration and issuer', () => {
    const update = PERMISSIONS.filter(({ action }) => action === 'iam:UpdateOpenIDConnectProviderThumbprint');
    for (const discover of [undefined, 'all', 'circleci', 'none']) {
      for (const mode of ['off', 'enforced-only', 'guarded']) {
        for (const given of [{}, named, { updateIssuers: [GITHUB] }, { ...named, updateIssuers: [ROOT] }]) {
          const config = parseConfig({ ...given, discover, update: mode });
          const resources = update.flatMap((permission) => permission.resources(config));
          const allows = (issuer: string): boolean =>
            resources.some((resource) => {
              const own = issuer.replace('https://', 'iam:oidc-provider/');
              return resource.endsWith('/org/*') ? own.startsWith(resource.slice(0, -1)) : own === resource;
            });
          expect(ISSUERS.filter((issuer) => isUpdatable(issuer, config))).toEqual(ISSUERS.filter(allows));
        }
      }
    }
  });

  it('does not take a path that continues a named issuer for that issuer', () => {
    const config = parseConfig({ update: 'guarded', discover: 'all', issuers: ['https://ci.example.com'] });
    expect(isUpdatable(SERVER, config)).toBe(false);
  });
});

describe('updatableIssuers', () => {
  it('names none if updates are off', () => {
    expect(updatableIssuers(parseConfig({ orgs: [ORG] }))).toEqual({ named: [], prefix: null });
  });
});
