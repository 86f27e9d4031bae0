#!/usr/bin/env bash
# Logs a job of GitLab in to AWS: exchanges its OIDC token for credentials of a role. No secret is stored anywhere.
#
#   . ./assume-role.sh       the shell of the job is logged in; its options stay as they are
#
# GitLab runs before_script and script in one shell. Needs bash and the AWS CLI, version 1 or 2, and in the environment:
#   AWS_ID_TOKEN             the token: a job has it if id_tokens names it
#   AWS_ROLE_ARN             the role
#   AWS_REGION               or AWS_DEFAULT_REGION
#   AWS_SESSION_SECONDS      how long, 3600 unless set: 900 up to what the role permits

_assume_role_say() {
  printf 'assume-role: %s\n' "$*" >&2
}

_assume_role_check() {
  local region=$1
  if [[ -z ${AWS_ROLE_ARN:-} ]]; then
    _assume_role_say 'AWS_ROLE_ARN is missing: the ARN of the role to assume.'
  elif [[ -z $region ]]; then
    _assume_role_say 'AWS_REGION is missing.'
  elif [[ -z ${AWS_ID_TOKEN:-} ]]; then
    _assume_role_say 'There is no OIDC token: AWS_ID_TOKEN is not set. Name it in id_tokens of the job.'
  elif [[ ! $AWS_ID_TOKEN =~ ^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$ ]]; then
    _assume_role_say 'AWS_ID_TOKEN is not a JSON Web Token. Was it overwritten?'
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
  local number="-${CI_JOB_ID:-0}"
  local name="gitlab-${CI_PROJECT_PATH:-project}"
  number=${number//[^a-zA-Z0-9_+=,.@-]/-}
  number=${number:0:20}
  name=${name//[^a-zA-Z0-9_+=,.@-]/-}
  printf '%s' "${name:0:$((64 - ${#number}))}$number"
}

# The subject of the token: project and ref, which are not secrets. Empty if it cannot be read.
_assume_role_subject() {
  local claims=${AWS_ID_TOKEN#*.}
  claims=${claims%%.*}
  claims=${claims//-/+}
  claims=${claims//_//}
  while ((${#claims} % 4)); do claims+='='; done
  printf '%s' "$claims" | base64 -d 2>/dev/null | sed -n 's/.*"sub" *: *"\([^"]*\)".*/\1/p' || true
}

# The token is passed by stdin, because every process can read the arguments of others.
_assume_role_ask() {
  printf '%s' "$AWS_ID_TOKEN" | aws sts assume-role-with-web-identity \
    --region "$1" \
    --role-arn "$AWS_ROLE_ARN" \
    --role-session-name "$2" \
    --duration-seconds "${AWS_SESSION_SECONDS:-3600}" \
    --web-identity-token file:///dev/stdin \
    --query "join('|', ['credentials', Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken])" \
    --output text 2>&1
}

_assume_role() {
  local region=${AWS_REGION:-${AWS_DEFAULT_REGION:-}}
  local session answer
  _assume_role_check "$region" || return 1
  session=$(_assume_role_session)
  if ! answer=$(_assume_role_ask "$region" "$session"); then
    _assume_role_say "AWS gave no credentials for $AWS_ROLE_ARN." "${answer//"$AWS_ID_TOKEN"/***}"
    _assume_role_say "The subject of this job's token is '$(_assume_role_subject)'. Does the role trust it?"
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
  _assume_role_say "Logged in as $AWS_ROLE_ARN, session $session."
}

# The shell's `set -x`, which CI_DEBUG_TRACE turns on, would print the credentials.
_assume_role_quietly() {
  local traced='' status=0
  [[ $- != *x* ]] || traced=yes
  { set +x; } 2>/dev/null
  _assume_role || status=$?
  [[ -z $traced ]] || set -x
  return "$status"
}

_assume_role_forget() {
  unset -f _assume_role _assume_role_ask _assume_role_check _assume_role_quietly _assume_role_say \
    _assume_role_session _assume_role_subject _assume_role_forget
}

if [[ ${BASH_SOURCE[0]:-} == "$0" ]]; then
  _assume_role_say 'Source this file: . ./assume-role.sh. Otherwise the job would not get the credentials.'
  exit 1
elif _assume_role_quietly; then
  _assume_role_forget
else
  _assume_role_forget
  return 1
fi
