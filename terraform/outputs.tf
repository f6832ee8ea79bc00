output "role_arn" {
  description = "role_arn of the account in the service's settings."
  value       = aws_iam_role.autoscaler.arn
}

output "cluster_tags" {
  description = "Tags for the clusters whose range the autoscaler may change."
  value       = { (var.tag.key) = var.tag.value }
}

output "dead_man_role_arn" {
  description = "dead_man.role_arn of the account in the service's settings; null without the switch."
  value       = var.dead_man_switch ? aws_iam_role.dead_man[0].arn : null
}
