variable "name" {
  description = "The name of the role."
  type        = string
  default     = "autoscaler"
}

variable "mode" {
  description = "observe: the role only reads, which modes observe and recommend need. enforce: it also changes the range of tagged clusters."
  type        = string
  default     = "observe"

  validation {
    condition     = contains(["observe", "enforce"], var.mode)
    error_message = "The mode is observe or enforce."
  }
}

variable "trusted_arn" {
  description = "Who takes the role: the ARN of the role or user that the autoscaler runs as."
  type        = string
}

variable "external_id" {
  description = "An id that only you and the autoscaler know; it is also external_id of the account in the service's settings."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 8
    error_message = "The external id has at least 8 characters."
  }
}

variable "tag" {
  description = "The tag that clusters carry whose range may be changed."
  type        = object({ key = string, value = string })
  default     = { key = "autoscaler", value = "managed" }
}

variable "dead_man_switch" {
  description = "Whether the autoscaler may leave schedules behind that give clusters their range back if it dies."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of what this module makes."
  type        = map(string)
  default     = {}
}
