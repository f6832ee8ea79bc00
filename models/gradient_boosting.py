"""Boosted trees, one ensemble per quantile level, over lags, summaries, seasons and the clock."""

from dataclasses import dataclass, replace
from datetime import datetime
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoscaler.core.forecast import Forecast
from autoscaler.core.history import History
from models.buffer import Windows, remember, windows_from
from models.features import features
from models.last_value import FittedLastValue
from models.quantiles import check_request, to_forecast
from models.season import Season, learn_season
from models.state import Array, State, check_version

MODEL = "gradient-boosting"
VERSION = 1
LEVELS = (0.1, 0.5, 0.9, 0.99)
LEADS = 12
MAX_ROWS = 6000
ITER=50
LEAVES=15
MINLEAF=30
LR=.12
TARGET='last'

@dataclass(frozen=True, slots=True, kw_only=True)
class GradientBoosting:
    period_seconds: float = 86400.0
    keep_seconds: float = 29 * 86400.0

    def fit(self, history):
        windows = remember(history, keep_seconds=self.keep_seconds)
        return train(windows, self.period_seconds)


def train(windows, period_seconds):
    y=windows.demand_acu
    P=max(1.,period_seconds/windows.step_seconds); m=round(P)
    season=Season(day_windows=P,days=28,week=0.,base_acu=0.)
    leads=np.unique(np.round(np.geomspace(1,m,LEADS)).astype(np.intp))
    n=len(y)
    org=np.arange(m,n-1)
    per=3
    stride=max(1,-(-len(org)*per//MAX_ROWS))
    org=org[::-1][::stride][::-1]
    o=np.repeat(org,per); L=leads[np.arange(len(o))*5%len(leads)]
    t=o+L
    ok=(t<n); ok[ok]=np.isfinite(y[t[ok]])&np.isfinite(y[o[ok]])
    o,L=o[ok],L[ok]
    X=features(windows,season,origins=o,leads=L); target=y[o+L]-(X[:,0] if TARGET=='last' else np.nan_to_num(X[:,11]))
    from sklearn.ensemble import HistGradientBoostingRegressor as R
    B=[R(loss='quantile',quantile=q,max_iter=ITER,max_leaf_nodes=LEAVES,min_samples_leaf=MINLEAF if q<.95 else 2*MINLEAF,learning_rate=LR,early_stopping=False,random_state=0).fit(X,target) for q in LEVELS]
    return Fitted(windows=windows,season=season,boosters=B)

@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    windows: Windows
    season: Season
    boosters: Any
    def update(self,tail): return replace(self,windows=self.windows.after(tail))
    def forecast(self,*,made_at,steps,levels):
        leads=self.windows.unknown+np.arange(1,steps+1)
        X=features(self.windows,self.season,origins=np.full(steps,len(self.windows)-1),leads=leads)
        base=X[:,0] if TARGET=='last' else np.nan_to_num(X[:,11])
        q=np.sort(np.stack([b.predict(X) for b in self.boosters]),axis=0)
        z=np.array([NormalDist().inv_cdf(p) for p in LEVELS]); w=np.array([NormalDist().inv_cdf(p) for p in levels])
        i=np.clip(np.searchsorted(z,w)-1,0,len(z)-2); s=((w-z[i])/(z[i+1]-z[i]))[:,None]
        return to_forecast(base+q[i]+s*(q[i+1]-q[i]),windows=self.windows,made_at=made_at,levels=levels,model=MODEL)
