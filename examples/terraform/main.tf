# The jobs of one CircleCI project push images to ECR. No secret is stored anywhere.
#
# docs/from-terraform.md explains each resource.

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The first version in which thumbprint_list is optional.
      version = ">= 5.81"
    }
  }
}

locals {
  issuer = "${var.issuer}/org/${var.org_id}"

  # As IAM writes the issuer in condition keys.
  key = trimprefix(local.issuer, "https://")
}

resource "aws_iam_openid_connect_provider" "circleci" {
  url            = local.issuer
  client_id_list = [var.org_id]

  # Null: IAM chooses the thumbprint when it creates the provider.
  thumbprint_list = var.thumbprints

  # After that the list changes in IAM only. Without this line Terraform would undo each change.
  lifecycle {
    ignore_changes = [thumbprint_list]
  }
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

    # Without this condition every project of the org could assume the role. The * also matches slashes, so the
    # value covers CIRCLE_OIDC_TOKEN and CIRCLE_OIDC_TOKEN_V2.
    condition {
      test     = "StringLike"
      variable = "${local.key}:sub"
      values   = ["org/${var.org_id}/project/${var.project_id}/user/*"]
    }

    # AWS STS has evaluated this key since February 2026, for orgs of circleci.com only. On CircleCI Server the
    # condition would refuse every login.
    dynamic "condition" {
      for_each = var.issuer == "https://oidc.circleci.com" ? [var.project_id] : []

      content {
        test     = "StringEquals"
        variable = "${local.key}:oidc.circleci.com/project-id"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "ecr_push" {
  name               = "circleci-ecr-push"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "ecr_push" {
  statement {
    # IAM accepts no narrower resource for this action.
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
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
