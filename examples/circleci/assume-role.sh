#!/usr/bin/env bash
# Logs a CircleCI job in to AWS: exchanges its OIDC token for credentials of a role. No secret is stored anywhere.
#
#   ./assume-role.sh         the next steps of the job are logged in, by $BASH_ENV
#   . ./assume-role.sh       this shell is logged in, too; its options stay as they are
#
# Needs bash and the AWS CLI, version 1 or 2, and in the environment:
#   AWS_ROLE_ARN             the role
#   AWS_REGION               or AWS_DEFAULT_REGION
#   AWS_SESSION_SECONDS      how long, 3600 unless set: 900 up to what the role permits
# CircleCI sets CIRCLE_OIDC_TOKEN_V2 and CIRCLE_OIDC_TOKEN. The first is preferred, since it also names the ref.

_assume_role_say() {
  printf 'assume-role: %s\n' "$*" >&2
}

_assume_role_check() {
  local token=$1 region=$2
  if [[ -z ${AWS_ROLE_ARN:-} ]]; then
    _assume_role_say 'AWS_ROLE_ARN is missing: the ARN of the role to assume.'
  elif [[ -z $region ]]; then
    _assume_role_say 'AWS_REGION is missing.'
  elif [[ -z $token ]]; then
    _assume_role_say 'There is no OIDC token: neither CIRCLE_OIDC_TOKEN_V2 nor CIRCLE_OIDC_TOKEN is set.' \
      'CircleCI sets them in its jobs, but not for forks unless the project passes secrets to them.'
  elif [[ ! $token =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]]; then
    _assume_role_say 'CIRCLE_OIDC_TOKEN_V2 or CIRCLE_OIDC_TOKEN is not a JSON Web Token. Was it overwritten?'
  elif ! command -v aws >/dev/null; then
    _assume_role_say 'The AWS CLI is missing: there is no command aws.'
  else
    return 0
  fi
  return 1
}

# The name of the session, which CloudTrail shows. AWS permits 64 characters. The number of the job, at the
# end, matters most.
_assume_role_session() {
  local LC_ALL=C
  local number="-${CIRCLE_BUILD_NUM:-0}"
  local name="circleci-${CIRCLE_PROJECT_REPONAME:-project}-${CIRCLE_JOB:-job}"
  number=${number//[^a-zA-Z0-9_+=,.@-]/-}
  number=${number:0:20}
  name=${name//[^a-zA-Z0-9_+=,.@-]/-}
  printf '%s' "${name:0:$((64 - ${#number}))}$number"
}

# The subject of a token: ids of org, project and user, which are not secrets. Empty if it cannot be read.
_assume_role_subject() {
  local claims=${1#*.}
  claims=${claims%%.*}
  claims=${claims//-/+}
  claims=${claims//_//}
  while ((${#claims} % 4)); do claims+='='; done
  printf '%s' "$claims" | base64 -d 2>/dev/null | sed -n 's/.*"sub" *: *"\([^"]*\)".*/\1/p' || true
}

# The token is passed by stdin, because every process can read the arguments of others.
_assume_role_ask() {
  printf '%s' "$1" | aws sts assume-role-with-web-identity \
    --region "$2" \
    --role-arn "$AWS_ROLE_ARN" \
    --role-session-name "$3" \
    --duration-seconds "${AWS_SESSION_SECONDS:-3600}" \
    --web-identity-token file:///dev/stdin \
    --query "join('|', ['credentials', Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken])" \
    --output text 2>&1
}

# For the next steps of the job. If the file does not exist yet, only its owner may read it.
_assume_role_keep() {
  local variable
  (
    umask 077
    for variable in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION; do
      printf 'export %s=%q\n' "$variable" "${!variable}"
    done >>"$BASH_ENV"
  )
}

_assume_role() {
  local token=${CIRCLE_OIDC_TOKEN_V2:-${CIRCLE_OIDC_TOKEN:-}}
  local region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
  local session answer
  _assume_role_check "$token" "$region" || return 1
  session=$(_assume_role_session)
  if ! answer=$(_assume_role_ask "$token" "$region" "$session"); then
    _assume_role_say "AWS gave no credentials for $AWS_ROLE_ARN." "${answer//"$token"/***}"
    _assume_role_say "The subject of this job's token is '$(_assume_role_subject "$token")'. Does the role trust it?"
    return 1
  fi
  # The answer may also contain warnings of the AWS CLI.
  if [[ ! $answer =~ credentials\|([^|[:space:]]+)\|([^|[:space:]]+)\|([^|[:space:]]+) ]]; then
    _assume_role_say 'The answer of the AWS CLI has no credentials.'
    return 1
  fi
  export AWS_ACCESS_KEY_ID="${BASH_REMATCH[1]}" AWS_SECRET_ACCESS_KEY="${BASH_REMATCH[2]}"
  export AWS_SESSION_TOKEN="${BASH_REMATCH[3]}"
  # SDKs read AWS_REGION, version 1 of the AWS CLI reads AWS_DEFAULT_REGION.
  export AWS_REGION="$region" AWS_DEFAULT_REGION="$region"
  if [[ -n ${BASH_ENV:-} ]]; then _assume_role_keep || return 1; fi
  _assume_role_say "Logged in as $AWS_ROLE_ARN, session $session."
}

# A caller's `set -x` would print the credentials.
_assume_role_quietly() {
  local traced='' status=0
  [[ $- != *x* ]] || traced=yes
  { set +x; } 2>/dev/null
  _assume_role || status=$?
  [[ -z $traced ]] || set -x
  return "$status"
}

_assume_role_forget() {
  unset -f _assume_role _assume_role_ask _assume_role_check _assume_role_keep _assume_role_quietly \
    _assume_role_say _assume_role_session _assume_role_subject _assume_role_forget
}

if [[ ${BASH_SOURCE[0]:-} == "$0" ]]; then
  set -euo pipefail
  if [[ -z ${BASH_ENV:-} ]]; then
    _assume_role_say 'BASH_ENV is not set, so the next steps would not get the credentials. Source this file instead.'
    exit 1
  fi
  _assume_role_quietly
elif _assume_role_quietly; then
  _assume_role_forget
else
  _assume_role_forget
  return 1
fi
