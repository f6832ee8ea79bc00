# What happens if the autoscaler dies: schedules that it puts off while it lives, and whom they act as.

data "aws_iam_policy_document" "dead_man_role_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "dead_man_role" {
  statement {
    sid       = "ChangeTheRangeOfThoseThatAreTagged"
    actions   = ["rds:ModifyDBCluster"]
    resources = ["arn:aws:rds:*:*:cluster:*"]

    condition {
      test     = "StringEquals"
      variable = "rds:cluster-tag/${var.tag.key}"
      values   = [var.tag.value]
    }
  }
}

data "aws_iam_policy_document" "dead_man" {
  statement {
    sid = "PutOffWhatHappensIfTheServiceDies"
    actions = [
      "scheduler:CreateSchedule",
      "scheduler:DeleteSchedule",
      "scheduler:UpdateSchedule",
    ]
    resources = ["arn:aws:scheduler:*:*:schedule/default/autoscaler-*"]
  }

  statement {
    sid       = "LetTheScheduleActAsItsOwnRole"
    actions   = ["iam:PassRole"]
    resources = ["arn:aws:iam::*:role/${var.name}-dead-man"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["scheduler.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "dead_man" {
  count              = var.dead_man_switch ? 1 : 0
  name               = "${var.name}-dead-man"
  description        = "Gives clusters their range back if the autoscaler dies"
  assume_role_policy = data.aws_iam_policy_document.dead_man_role_trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "dead_man_role" {
  count  = var.dead_man_switch ? 1 : 0
  name   = "restore"
  role   = aws_iam_role.dead_man[0].id
  policy = data.aws_iam_policy_document.dead_man_role.json
}

resource "aws_iam_role_policy" "dead_man" {
  count  = var.dead_man_switch ? 1 : 0
  name   = "dead-man"
  role   = aws_iam_role.autoscaler.id
  policy = data.aws_iam_policy_document.dead_man.json
}
