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
  description = "SHA-1 of the last certificate that the issuer serves, for each chain that it has. At most five."
  type        = list(string)
}

variable "issuer" {
  description = "Without a slash at its end. CircleCI Server has its own."
  type        = string
  default     = "https://oidc.circleci.com"
}
