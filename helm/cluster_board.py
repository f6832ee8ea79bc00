"""The dashboard of one cluster: rows of panels with queries over the service's own metrics."""

from dashboards import FULL, Dashboard, Panel, Row

BY_LEAD = 'max by (level, lead_seconds) (autoscaler_cluster_forecast_{}{{cluster="$cluster"}})'

CLUSTER = Dashboard(
    name="autoscaler-cluster",
    title="Autoscaler: one cluster",
    per_cluster=True,
    rows=(
        Row(
            title="Now",
            panels=(
                Panel(
                    title="Demand, capacity and range",
                    about="ACU of the busiest instance.",
                    unit="ACU",
                    width=FULL,
                    queries=(
                        ("demand", 'max(autoscaler_cluster_demand_acu{cluster="$cluster"})'),
                        ("ready", 'max(autoscaler_cluster_ready_acu{cluster="$cluster"})'),
                        ("floor", 'max(autoscaler_cluster_floor_acu{cluster="$cluster"})'),
                        ("ceiling", 'max(autoscaler_cluster_ceiling_acu{cluster="$cluster"})'),
                        ("least floor allowed now", 'max(autoscaler_cluster_effective_floor_acu{cluster="$cluster"})'),
                        (
                            "highest ceiling allowed now",
                            'max(autoscaler_cluster_effective_ceiling_acu{cluster="$cluster"})',
                        ),
                    ),
                ),
                Panel(
                    title="Asleep, frozen, overridden",
                    about="1: it is.",
                    queries=(
                        ("paused", 'max(autoscaler_cluster_paused{cluster="$cluster"})'),
                        ("frozen", 'max(autoscaler_cluster_frozen{cluster="$cluster"})'),
                        ("overridden", 'max(autoscaler_cluster_overridden{cluster="$cluster"})'),
                    ),
                ),
                Panel(
                    title="Conditions",
                    about="What is not as it should be.",
                    queries=(
                        ("{{condition}}", 'max by (condition) (autoscaler_cluster_condition{cluster="$cluster"})'),
                    ),
                ),
            ),
        ),
        Row(
            title="Why",
            panels=(
                Panel(
                    title="Decisions",
                    about="By who had the last word.",
                    unit="ops",
                    queries=(
                        ("{{driver}}", 'sum by (driver) (rate(autoscaler_decisions_total{cluster="$cluster"}[15m]))'),
                    ),
                ),
                Panel(
                    title="What held changes back",
                    about="The rule or the outcome that stopped a change.",
                    unit="ops",
                    queries=(
                        ("{{reason}}", 'sum by (reason) (rate(autoscaler_skipped_total{cluster="$cluster"}[15m]))'),
                    ),
                ),
            ),
        ),
        Row(
            title="Forecast against actual",
            panels=(
                Panel(
                    title="Forecast",
                    about="Quantiles of the largest demand from now to the lead.",
                    unit="ACU",
                    width=FULL,
                    queries=(
                        ("demand", 'max(autoscaler_cluster_demand_acu{cluster="$cluster"})'),
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("acu"),
                        ),
                    ),
                ),
                Panel(
                    title="Coverage",
                    about="A good 0.95 is covered in 0.95 of the windows.",
                    unit="percentunit",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("coverage_ratio"),
                        ),
                    ),
                ),
                Panel(
                    title="Pinball loss",
                    about="Lower is better.",
                    unit="ACU",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            BY_LEAD.format("pinball_loss_acu"),
                        ),
                    ),
                ),
            ),
        ),
        Row(
            title="Cost",
            panels=(
                Panel(
                    title="Saved in the last 30 days",
                    about="Against being left alone, less what our own metric calls cost.",
                    unit="currencyUSD",
                    queries=(("saved", 'max(autoscaler_cluster_saved_usd{cluster="$cluster"})'),),
                ),
                Panel(
                    title="ACU-hours a day",
                    about="Of the busiest instance, at the rate of the last hour.",
                    unit="short",
                    queries=(
                        ("ready", 'sum(avg_over_time(autoscaler_cluster_ready_acu{cluster="$cluster"}[1h])) * 24'),
                        ("demand", 'sum(avg_over_time(autoscaler_cluster_demand_acu{cluster="$cluster"}[1h])) * 24'),
                    ),
                ),
            ),
        ),
        Row(
            title="Health",
            panels=(
                Panel(
                    title="Age of the newest sample",
                    about="Beyond its own length.",
                    unit="s",
                    queries=(("blind", 'min(autoscaler_cluster_blind_seconds{cluster="$cluster"})'),),
                ),
                Panel(
                    title="Since the last good tick",
                    about="And since the provider last took a range.",
                    unit="s",
                    queries=(
                        (
                            "good tick",
                            'time() - max(autoscaler_cluster_last_success_timestamp_seconds{cluster="$cluster"})',
                        ),
                        ("change", 'time() - max(autoscaler_cluster_last_scale_timestamp_seconds{cluster="$cluster"})'),
                    ),
                ),
            ),
        ),
    ),
)
