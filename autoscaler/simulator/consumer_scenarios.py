"""Workloads of people in their free time: games, shops, apps."""

from datetime import date, time

from autoscaler.simulator.noise import Noise
from autoscaler.simulator.shapes import Appointments, Curve, Every, Form, short_bursts
from autoscaler.simulator.workload import Scenario

ONLINE_GAMING = Scenario(
    name="online-gaming",
    title="Online gaming",
    description="A game played in central Europe: evenings, weekends, and a rush after a patch each fortnight.",
    peak_acu=16.0,
    ceiling_acu=32.0,
    parts=(
        Curve(
            zone="Europe/Berlin",
            percent_at=(
                (0, 48),
                (2, 20),
                (5, 7),
                (9, 13),
                (12, 24),
                (15, 36),
                (17, 52),
                (19.5, 92),
                (21, 100),
                (22.5, 84),
            ),
            percent_on=(72, 70, 71, 75, 88, 100, 98),
        ),
        Curve(  # at the weekend the afternoon is for playing too
            zone="Europe/Berlin",
            percent_at=((9, 0), (14, 100), (17, 100), (20, 0)),
            percent_on=(0, 0, 0, 0, 0, 100, 100),
            weight=0.28,
        ),
        Appointments(
            name="patch",
            zone="Europe/Berlin",
            at=(time(11),),
            on=Every(since=date(2026, 1, 14), days=14),
            height=1.0,
            form=Form(rise_minutes=15, hold_minutes=30, fall_minutes=420),
            spread=0.08,
        ),
    ),
    bursts=(short_bursts(per_day=5, height=0.12),),
    noise=Noise(minute_sigma=0.05, memory_minutes=30, day_sigma=0.07),
    idle_connections=60,
    connections_per_acu=40.0,
    reader_share=0.2,
    working_set_gib=12.0,
)

E_COMMERCE = Scenario(
    name="e-commerce",
    title="E-commerce",
    description="A British web shop: busy evenings and Sundays, a flash sale at seven every third Thursday.",
    peak_acu=4.0,
    ceiling_acu=40.0,
    parts=(
        Curve(
            zone="Europe/London",
            percent_at=(
                (0, 34),
                (3, 8),
                (6, 14),
                (7, 22),
                (9, 48),
                (12.5, 72),
                (15, 62),
                (17.5, 68),
                (20, 100),
                (22, 78),
            ),
            percent_on=(92, 86, 85, 87, 84, 90, 100),
        ),
        Appointments(  # from some 0.9 to some 18 ACU: twenty-fold
            name="flash-sale",
            zone="Europe/London",
            at=(time(7),),
            on=Every(since=date(2026, 1, 15), days=21),
            height=4.4,
            form=Form(rise_minutes=8, hold_minutes=25, fall_minutes=150),
        ),
    ),
    bursts=(short_bursts(per_day=8, height=0.25),),
    noise=Noise(minute_sigma=0.08, memory_minutes=20, day_sigma=0.08),
    idle_connections=40,
    connections_per_acu=30.0,
    reader_share=0.6,
    working_set_gib=8.0,
)

_LEISURE_DAY = ((0, 32), (2, 6), (7, 6), (12, 22), (17, 58), (20, 100), (22, 72))
LEISURE_WEEK = (93, 91, 91, 93, 98, 100, 100)

GLOBAL_APPLICATION = Scenario(
    name="global-application",
    title="Global application",
    description="An app used all over the world: never quiet, a bump when Asia, Europe or America is at home.",
    peak_acu=24.0,
    ceiling_acu=32.0,
    parts=(
        Curve(zone="UTC", percent_at=((0, 34),)),
        Curve(zone="Asia/Tokyo", percent_at=_LEISURE_DAY, percent_on=LEISURE_WEEK, weight=0.42),
        Curve(zone="Europe/Paris", percent_at=_LEISURE_DAY, percent_on=LEISURE_WEEK, weight=0.42),
        Curve(zone="America/Los_Angeles", percent_at=_LEISURE_DAY, percent_on=LEISURE_WEEK, weight=0.42),
    ),
    bursts=(short_bursts(per_day=4, height=0.06),),
    noise=Noise(minute_sigma=0.025, memory_minutes=40, day_sigma=0.025),
    idle_connections=300,
    connections_per_acu=30.0,
    reader_share=0.7,
    working_set_gib=48.0,
)
