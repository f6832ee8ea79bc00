"""Workloads of offices, markets, clinics and the machines that work for them at night."""

from datetime import time

from autoscaler.simulator.noise import Noise
from autoscaler.simulator.shapes import (
    Appointments,
    Curve,
    Form,
    Surprises,
    every_day,
    last_workday_of_month,
    short_bursts,
    workdays,
)
from autoscaler.simulator.workload import Scenario

_SAAS_DAY = (
    (0, 6),
    (5, 5),
    (7, 20),
    (8, 55),
    (9, 88),
    (10, 100),
    (11.5, 96),
    (12.5, 70),
    (13.5, 86),
    (15, 95),
    (16, 86),
    (17.5, 48),
    (19, 22),
    (22, 9),
)

_SAAS_WEEK = (100, 92, 90, 89, 78, 16, 13)

MULTI_TENANT_SAAS = Scenario(
    name="multi-tenant-saas",
    title="Multi-tenant SaaS",
    description="Business software for many tenants in three regions: office hours, lunch dips, full Mondays.",
    peak_acu=20.0,
    ceiling_acu=32.0,
    parts=(
        Curve(zone="America/New_York", percent_at=_SAAS_DAY, percent_on=_SAAS_WEEK, weight=0.55),
        Curve(zone="Europe/Berlin", percent_at=_SAAS_DAY, percent_on=_SAAS_WEEK, weight=0.45),
        Curve(zone="Asia/Singapore", percent_at=_SAAS_DAY, percent_on=_SAAS_WEEK, weight=0.35),
        Surprises(
            name="tenants' imports",
            per_day=24,
            height=0.04,
            form=Form(rise_minutes=2, hold_minutes=10, fall_minutes=5),
            spread=0.6,
        ),
    ),
    noise=Noise(minute_sigma=0.05, memory_minutes=15, day_sigma=0.04),
    idle_connections=200,
    connections_per_acu=25.0,
    reader_share=0.4,
    working_set_gib=24.0,
)

FINANCIAL_SERVICES = Scenario(
    name="financial-services",
    title="Financial services",
    description="A New York broker: spikes as the market opens and closes, settlement, a batch at month end.",
    peak_acu=12.0,
    ceiling_acu=24.0,
    parts=(
        Curve(zone="America/New_York", percent_at=((0, 3),)),
        Curve(
            zone="America/New_York",
            percent_at=(
                (5, 0),
                (8, 10),
                (9.5, 22),
                (11, 32),
                (13, 24),
                (15, 34),
                (16, 36),
                (17, 14),
                (20, 0),
            ),
            percent_on=(100, 96, 96, 96, 98, 0, 0),
        ),
        Appointments(
            name="market open",
            zone="America/New_York",
            at=(time(9, 30),),
            on=workdays,
            height=0.7,
            form=Form(rise_minutes=4, hold_minutes=12, fall_minutes=75),
            spread=0.15,
        ),
        Appointments(
            name="market close",
            zone="America/New_York",
            at=(time(15, 45),),
            on=workdays,
            height=0.5,
            form=Form(rise_minutes=12, hold_minutes=5, fall_minutes=25),
            spread=0.15,
        ),
        Appointments(
            name="settlement",
            zone="America/New_York",
            at=(time(18, 30),),
            on=workdays,
            height=0.25,
            form=Form(rise_minutes=2, hold_minutes=40, fall_minutes=3),
            late_minutes=3,
        ),
        Appointments(
            name="month end",
            zone="America/New_York",
            at=(time(19, 30),),
            on=last_workday_of_month,
            height=0.9,
            form=Form(rise_minutes=3, hold_minutes=300, fall_minutes=10),
        ),
    ),
    bursts=(short_bursts(per_day=6, height=0.2),),
    noise=Noise(minute_sigma=0.09, memory_minutes=12, day_sigma=0.07),
    idle_connections=100,
    connections_per_acu=20.0,
    reader_share=0.3,
    working_set_gib=16.0,
)

HEALTHCARE = Scenario(
    name="healthcare",
    title="Healthcare",
    description="Clinics in the American Midwest: consulting hours, emergencies, a claims batch every night.",
    peak_acu=8.0,
    ceiling_acu=16.0,
    parts=(
        Curve(zone="America/Chicago", percent_at=((0, 6), (5, 5), (12, 9), (20, 9))),
        Curve(
            zone="America/Chicago",
            percent_at=(
                (6, 0),
                (7.5, 42),
                (8.5, 84),
                (10, 92),
                (11.5, 84),
                (12.5, 55),
                (13.5, 80),
                (15, 84),
                (16.5, 55),
                (18, 8),
                (20, 0),
            ),
            percent_on=(100, 96, 93, 94, 86, 14, 0),
        ),
        Appointments(
            name="claims",
            zone="America/Chicago",
            at=(time(1),),
            on=every_day,
            height=0.55,
            form=Form(rise_minutes=3, hold_minutes=75, fall_minutes=5),
            late_minutes=4,
            spread=0.15,
        ),
    ),
    bursts=(short_bursts(per_day=5, height=0.2),),
    noise=Noise(minute_sigma=0.08, memory_minutes=15, day_sigma=0.05),
    idle_connections=50,
    connections_per_acu=25.0,
    reader_share=0.2,
    working_set_gib=10.0,
)

ANALYTICS = Scenario(
    name="analytics",
    title="Analytics",
    description="A data team: loads on the hour on workdays, a long job at night, next to nothing otherwise.",
    peak_acu=24.0,
    ceiling_acu=48.0,
    parts=(
        Curve(
            zone="UTC",
            percent_at=((7, 0), (9, 2), (17, 2), (19, 0)),
            percent_on=(100, 100, 100, 100, 100, 0, 0),
        ),
        Appointments(
            name="hourly load",
            zone="UTC",
            at=tuple(time(hour) for hour in range(6, 23)),
            on=workdays,
            height=0.28,
            form=Form(rise_minutes=1, hold_minutes=11, fall_minutes=2),
            late_minutes=1,
            spread=0.2,
        ),
        Appointments(
            name="nightly transformation",
            zone="UTC",
            at=(time(1),),
            on=every_day,
            height=0.92,
            form=Form(rise_minutes=2, hold_minutes=150, fall_minutes=8),
            late_minutes=2,
            spread=0.06,
        ),
    ),
    noise=Noise(minute_sigma=0.06, memory_minutes=12, day_sigma=0.05),
    connections_per_acu=2.0,
    working_set_gib=64.0,
)

DEVELOPMENT_TEST = Scenario(
    name="development-test",
    title="Development and test",
    description="A team's test database: sessions and test runs at odd moments of office hours, else idle.",
    peak_acu=2.0,
    ceiling_acu=8.0,
    parts=(
        Surprises(
            name="session",
            zone="America/New_York",
            opens=time(9),
            open_hours=8.5,
            on=workdays,
            per_day=7,
            height=0.25,
            form=Form(rise_minutes=2, hold_minutes=22, fall_minutes=4),
            spread=0.5,
        ),
        Surprises(
            name="test run",
            zone="America/New_York",
            opens=time(9, 30),
            open_hours=8.0,
            on=workdays,
            per_day=4,
            height=0.6,
            form=Form(rise_minutes=1, hold_minutes=6, fall_minutes=1),
            spread=0.3,
        ),
    ),
    noise=Noise(minute_sigma=0.15, memory_minutes=5, day_sigma=0.1),
    connections_per_acu=5.0,
    working_set_gib=1.0,
)
