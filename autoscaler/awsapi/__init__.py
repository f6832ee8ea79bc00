"""The simulated clusters behind AWS-compatible endpoints: RDS and CloudWatch, as boto3 and the aws command see them."""
