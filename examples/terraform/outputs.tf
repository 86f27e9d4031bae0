output "role_arn" {
  description = "For AWS_ROLE_ARN in the job."
  value       = aws_iam_role.ecr_push.arn
}

output "provider_arn" {
  description = "For the trust policies of further roles."
  value       = aws_iam_openid_connect_provider.circleci.arn
}
