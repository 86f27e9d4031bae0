#!/usr/bin/env bash
# Logs a job of GitHub Actions in to AWS: requests an OIDC token, and exchanges it for credentials of a role. No secret is
# stored anywhere.
#
#   ./assume-role.sh         the next steps of the job are logged in, by $GITHUB_ENV
#
# Needs bash, curl, jq and the AWS CLI, version 1 or 2, the permission `id-token: write`, and in the environment:
#   AWS_ROLE_ARN             the role
#   AWS_REGION               or AWS_DEFAULT_REGION
#   AWS_AUDIENCE             sts.amazonaws.com unless set
#   AWS_SESSION_SECONDS      how long, 3600 unless set: 900 up to what the role permits
set -euo pipefail

say() {
  printf 'assume-role: %s\n' "$*" >&2
}

fail() {
  say "$@"
  exit 1
}

check() {
  local tool
  [[ -n ${AWS_ROLE_ARN:-} ]] || fail 'AWS_ROLE_ARN is missing: the ARN of the role to assume.'
  [[ -n $region ]] || fail 'AWS_REGION is missing.'
  [[ -n ${GITHUB_ENV:-} ]] || fail 'GITHUB_ENV is not set, so the next steps would not get the credentials.'
  [[ -n ${ACTIONS_ID_TOKEN_REQUEST_URL:-} && -n ${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-} ]] ||
    fail 'GitHub offers this job no OIDC token. Give it the permission id-token: write.' \
      'Pull requests from forks do not get it.'
  for tool in aws curl jq; do
    command -v "$tool" >/dev/null || fail "There is no command $tool."
  done
}

# Tokens are passed by stdin, because every process can read the arguments of others.
request_token() {
  printf 'Authorization: Bearer %s' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
    curl --silent --show-error --fail --header @- \
      --get --data-urlencode "audience=${AWS_AUDIENCE:-sts.amazonaws.com}" "$ACTIONS_ID_TOKEN_REQUEST_URL" |
    jq --exit-status --raw-output .value
}

ask() {
  printf '%s' "$token" | aws sts assume-role-with-web-identity \
    --region "$region" \
    --role-arn "$AWS_ROLE_ARN" \
    --role-session-name "$session" \
    --duration-seconds "${AWS_SESSION_SECONDS:-3600}" \
    --web-identity-token file:///dev/stdin \
    --query "join('|', ['credentials', Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken])" \
    --output text 2>&1
}

# The subject of the token: names and ids, which are not secrets. Empty if it cannot be read.
subject() {
  printf '%s' "$token" | jq --raw-input --raw-output \
    'split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson | .sub' 2>/dev/null || true
}

# For the next steps of the job. GitHub prints their environment, and masks what is named here.
keep() {
  local value
  for value in "${BASH_REMATCH[@]:1}"; do printf '::add-mask::%s\n' "$value"; done
  {
    printf 'AWS_ACCESS_KEY_ID=%s\n' "${BASH_REMATCH[1]}"
    printf 'AWS_SECRET_ACCESS_KEY=%s\n' "${BASH_REMATCH[2]}"
    printf 'AWS_SESSION_TOKEN=%s\n' "${BASH_REMATCH[3]}"
    # SDKs read AWS_REGION, version 1 of the AWS CLI reads AWS_DEFAULT_REGION.
    printf 'AWS_REGION=%s\nAWS_DEFAULT_REGION=%s\n' "$region" "$region"
  } >>"$GITHUB_ENV"
}

region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
# CloudTrail shows it. Both are numbers.
session="github-${GITHUB_RUN_ID:-0}-${GITHUB_RUN_ATTEMPT:-1}"
check
token=$(request_token) || fail 'GitHub gave no OIDC token.'
if ! answer=$(ask); then
  say "AWS gave no credentials for $AWS_ROLE_ARN." "${answer//"$token"/***}"
  fail "The subject of this job's token is '$(subject)'. Does the role trust it?"
fi
# The answer may also contain warnings of the AWS CLI.
if [[ ! $answer =~ credentials\|([^|[:space:]]+)\|([^|[:space:]]+)\|([^|[:space:]]+) ]]; then
  fail 'The answer of the AWS CLI has no credentials.'
fi
keep
say "Logged in as $AWS_ROLE_ARN, session $session."
