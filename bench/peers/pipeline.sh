#!/bin/sh
# The recipe of AWS's documentation, for one org after the other: curl, openssl, aws. Arguments are issuers.
set -eu
separator='['
for issuer in "$@"; do
  document=$(curl -sS --fail --cacert "$NODE_EXTRA_CA_CERTS" "$issuer/.well-known/openid-configuration")
  host=$(printf %s "$document" | sed -n 's/.*"jwks_uri":"https:\/\/\([^/"]*\).*/\1/p')
  name=${host%%:*}
  thumbprint=$(openssl s_client -servername "$name" -showcerts -connect "$host" </dev/null 2>/dev/null |
    awk '/BEGIN CERT/ { last = "" } /BEGIN CERT/, /END CERT/ { last = last $0 "\n" } END { printf "%s", last }' |
    openssl x509 -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)
  listed=$(aws iam get-open-id-connect-provider --query ThumbprintList --output json \
    --open-id-connect-provider-arn "arn:aws:iam::123456789012:oidc-provider/${issuer#https://}")
  printf '%s{"issuer":"%s","thumbprint":"%s","listed":%s}' "$separator" "$issuer" "$thumbprint" "$listed"
  separator=','
done
echo ']'
