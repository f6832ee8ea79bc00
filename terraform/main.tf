# The same statements as in docs/iam; a test compares them.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.trusted_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

data "aws_iam_policy_document" "observe" {
  statement {
    sid = "LookAtClustersAndTheirMetrics"
    actions = [
      "cloudwatch:GetMetricData",
      "rds:DescribeDBClusters",
    ]
    resources = ["*"]
  }

  statement {
    sid = "LookAtWhatKeepsThemAwake"
    actions = [
      "rds:DescribeDBClusterParameters",
      "rds:DescribeDBEngineVersions",
      "rds:DescribeDBInstances",
      "rds:DescribeDBProxies",
      "rds:DescribeDBProxyTargets",
      "rds:DescribeEvents",
      "rds:DescribeGlobalClusters",
      "rds:DescribeIntegrations",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "enforce" {
  source_policy_documents = [data.aws_iam_policy_document.observe.json]

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

resource "aws_iam_role" "autoscaler" {
  name               = var.name
  description        = "The autoscaler, mode ${var.mode}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "autoscaler" {
  name   = var.mode
  role   = aws_iam_role.autoscaler.id
  policy = var.mode == "enforce" ? data.aws_iam_policy_document.enforce.json : data.aws_iam_policy_document.observe.json
}
