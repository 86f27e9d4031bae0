# CircleCI jobs of one project push images to ECR, without any stored secret.
#
# Get the thumbprint from `npm run audit -- --no-aws --org <org id> --output terraform`.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

locals {
  issuer = "${var.issuer}/org/${var.org_id}"

  # As IAM writes it in condition keys.
  key = trimprefix(local.issuer, "https://")
}

resource "aws_iam_openid_connect_provider" "circleci" {
  url             = local.issuer
  client_id_list  = [var.org_id]
  thumbprint_list = var.thumbprints
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.circleci.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${local.key}:aud"
      values   = [var.org_id]
    }

    # Without this condition every project of the org could assume the role.
    condition {
      test     = "StringLike"
      variable = "${local.key}:sub"
      values   = ["org/${var.org_id}/project/${var.project_id}/user/*"]
    }
  }
}

resource "aws_iam_role" "ecr_push" {
  name               = "circleci-ecr-push"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "ecr_push" {
  statement {
    # Knows no narrower resource.
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = [var.repository_arn]
  }
}

resource "aws_iam_policy" "ecr_push" {
  name   = "circleci-ecr-push"
  policy = data.aws_iam_policy_document.ecr_push.json
}

resource "aws_iam_role_policy_attachment" "ecr_push" {
  role       = aws_iam_role.ecr_push.name
  policy_arn = aws_iam_policy.ecr_push.arn
}
