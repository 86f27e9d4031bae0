variable "org_id" {
  description = "CircleCI org: Organization Settings > Overview."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.org_id))
    error_message = "An org id is a UUID in lower case."
  }
}

variable "project_id" {
  description = "CircleCI project: Project Settings > Overview."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.project_id))
    error_message = "A project id is a UUID in lower case. A wildcard would let in other projects."
  }
}

variable "repository_arn" {
  description = "The ECR repository to push to."
  type        = string
}

variable "thumbprints" {
  description = "The first thumbprints of the provider, at most five. Set them if the issuer has a private CA: docs/from-terraform.md says how."
  type        = list(string)
  default     = null
}

variable "issuer" {
  description = "The issuer without /org/ORG_ID. For CircleCI Server: https://HOST"
  type        = string
  default     = "https://oidc.circleci.com"
}
