"""The dashboard of the whole fleet: rows of panels with queries over the service's own metrics."""

from dashboards import THIRD, Dashboard, Panel, Row

FLEET = Dashboard(
    name="autoscaler-fleet",
    title="Autoscaler: fleet",
    rows=(
        Row(
            title="Now",
            panels=(
                Panel(
                    title="Capacity and demand",
                    about="Of the busiest instances, summed over the clusters.",
                    unit="ACU",
                    queries=(
                        ("demand", "sum(autoscaler_fleet_demand_acu)"),
                        ("ready", "sum(autoscaler_fleet_ready_acu)"),
                        ("floors", "sum(autoscaler_fleet_floor_acu)"),
                    ),
                ),
                Panel(
                    title="Saved in the last 30 days",
                    about="Against being left alone, less what our own metric calls cost.",
                    unit="currencyUSD",
                    queries=(("saved", "sum(autoscaler_fleet_saved_usd)"),),
                ),
                Panel(
                    title="Clusters by phase",
                    about="unknown: they did not answer.",
                    queries=(("{{phase}}", "sum by (phase) (autoscaler_fleet_clusters)"),),
                ),
                Panel(
                    title="Clusters by mode",
                    about="Only enforced ones are changed.",
                    queries=(("{{mode}}", "sum by (mode) (autoscaler_fleet_clusters_by_mode)"),),
                ),
                Panel(
                    title="Held by people",
                    about="Clusters under an override, or frozen by a freeze or the kill switch.",
                    queries=(
                        ("overridden", "sum(autoscaler_fleet_overridden)"),
                        ("frozen", "sum(autoscaler_fleet_frozen)"),
                    ),
                ),
                Panel(
                    title="What is not as it should be",
                    about="Clusters by condition.",
                    queries=(("{{condition}}", "sum by (condition) (autoscaler_fleet_conditions)"),),
                ),
            ),
        ),
        Row(
            title="Why",
            panels=(
                Panel(
                    title="Decisions that change something",
                    about="By direction.",
                    unit="ops",
                    queries=(
                        (
                            "{{direction}}",
                            'sum by (direction) (rate(autoscaler_decisions_total{direction!="none"}[15m]))',
                        ),
                    ),
                ),
                Panel(
                    title="What held changes back",
                    about="The rule or the outcome that stopped a change.",
                    unit="ops",
                    queries=(("{{reason}}", "sum by (reason) (rate(autoscaler_skipped_total[15m]))"),),
                ),
            ),
        ),
        Row(
            title="Forecast against actual",
            panels=(
                Panel(
                    title="Coverage",
                    about="A good 0.95 is covered in 0.95 of the windows.",
                    unit="percentunit",
                    queries=(
                        (
                            "{{level}} at {{lead_seconds}} s",
                            "avg by (level, lead_seconds) (autoscaler_fleet_forecast_coverage_ratio)",
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
                            "avg by (level, lead_seconds) (autoscaler_fleet_forecast_pinball_loss_acu)",
                        ),
                    ),
                ),
            ),
        ),
        Row(
            title="Health",
            panels=(
                Panel(
                    title="Provider calls",
                    about="By call and outcome.",
                    unit="ops",
                    queries=(
                        ("{{call}}: {{outcome}}", "sum by (call, outcome) (rate(autoscaler_provider_calls_total[5m]))"),
                    ),
                ),
                Panel(
                    title="Ticks and troubles",
                    about="A tick without trouble read, decided and journalled.",
                    unit="ops",
                    queries=(
                        ("ticks", "sum(rate(autoscaler_ticks_total[5m]))"),
                        ("{{trouble}}", "sum by (trouble) (rate(autoscaler_tick_troubles_total[5m]))"),
                    ),
                ),
                Panel(
                    title="How long a tick takes",
                    about="99th percentile.",
                    unit="s",
                    queries=(
                        ("p99", "histogram_quantile(0.99, sum by (le) (rate(autoscaler_tick_seconds_bucket[5m])))"),
                    ),
                    width=THIRD,
                ),
                Panel(
                    title="Event loop lag",
                    about="99th percentile.",
                    unit="s",
                    queries=(
                        ("p99", "histogram_quantile(0.99, sum by (le) (rate(autoscaler_loop_lag_seconds_bucket[5m])))"),
                    ),
                    width=THIRD,
                ),
                Panel(
                    title="Who acts",
                    about="1: this replica acts.",
                    queries=(("{{pod}}", "autoscaler_leader"),),
                    width=THIRD,
                ),
            ),
        ),
    ),
)
