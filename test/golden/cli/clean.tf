# https://oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111
# in-sync. What else the resource has stays as it is.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_aaaaaaaa_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/aaaaaaaa-1111-4111-8111-111111111111"

  thumbprint_list = [
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}

# https://oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111
# arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111
# in-sync. What else the resource has stays as it is.
resource "aws_iam_openid_connect_provider" "oidc_circleci_com_org_bbbbbbbb_1111_4111_8111_111111111111" {
  url = "https://oidc.circleci.com/org/bbbbbbbb-1111-4111-8111-111111111111"

  thumbprint_list = [
    "06b25927c42a721631c1efd9431e648fa62e1e39", # Amazon Root CA 1, cross-signed by Starfield Services Root CA - G2
    "2d95b685579e358cd8d7b3a50186a5b08d8de0e4", # Amazon Root CA 3, cross-signed by Starfield Services Root CA - G2
  ]
}
