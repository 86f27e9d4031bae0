# AWS_THROTTLED: AWS throttled iam:ListRoles even after retries (Throttling).

# https://ci.example.com/org/%22$%7Bx%7D|`
# arn:aws:iam::123456789012:oidc-provider/ci.example.com/org/%22$%7Bx%7D|`
# Skipped: PROV002, PROV003, TRUST005 and TRUST008 to TRUST010. What the tokens of this issuer contain is not known.
# drifted. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "ci_example_com_org_22_7bx_7d" {
  url = "https://ci.example.com/org/%22$%7Bx%7D|`"

  thumbprint_list = [
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280", # Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (served by Amazon hosts until August 2024)
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/77777777-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/77777777-1111-4111-8111-111111111111
# drifted. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_77777777_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/77777777-1111-4111-8111-111111111111"

  # 7 thumbprints, but IAM permits 5. Decide which of these to keep, too:
  # "1111111111111111111111111111111111111111",
  # "2222222222222222222222222222222222222222",
  # "3333333333333333333333333333333333333333",
  # "4444444444444444444444444444444444444444",
  # "5555555555555555555555555555555555555555",
  thumbprint_list = [
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111
# in-sync. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_aaaaaaaa_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111"

  thumbprint_list = [
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111
# drifted. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_bbbbbbbb_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111"

  thumbprint_list = [
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280", # Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (served by Amazon hosts until August 2024)
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/cccccccc-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/cccccccc-1111-4111-8111-111111111111
# Keep the list as it is: not-audited, TCP_TIMEOUT.

# https://oidc.circleci.com/org/eeeeeeee-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/eeeeeeee-1111-4111-8111-111111111111
# drifted. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_eeeeeeee_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/eeeeeeee-1111-4111-8111-111111111111"

  thumbprint_list = [
    "9e99a48a9960b14926bb7f3b02e22da2b0ab7280", # Starfield Services Root CA - G2, cross-signed by Starfield Class 2 (served by Amazon hosts until August 2024)
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/ffffffff-1111-4111-8111-111111111111
# provider-missing. Keep the other arguments of the resource.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_ffffffff_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/ffffffff-1111-4111-8111-111111111111"

  thumbprint_list = [
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}
