"""What RDS says happened, by the words it uses: DescribeEvents tells no ids [D]."""

# [D] of an instance
PAUSING, PAUSED = "Initiated pause for the DB instance.", "Successfully paused the DB instance."
PAUSE_CANCELLED = "Pause was canceled for the DB instance."
RESUMING, RESUMED = "Initiated resume for the DB instance.", "Successfully resumed the DB instance."
