output "role_arn" {
  description = "role_arn of the account in the service's settings."
  value       = aws_iam_role.autoscaler.arn
}

output "cluster_tags" {
  description = "Tags for the clusters whose range the autoscaler may change."
  value       = { (var.tag.key) = var.tag.value }
}
