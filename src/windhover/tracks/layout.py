"""Column numbers of the tracker's arrays: one row per Bernoulli track, plot, or sensor.

Rows are stored whole (array of structures): a track is read and written once per frame, and one
contiguous row is one or two cache lines' worth of prefetch. Units: m, m/s, s since the state's epoch.
The horizontal state is a three-mode IMM in (east, north, ṡ, ṅ); the vertical one is a single
constant-velocity filter: their cross-covariance is dropped, which costs information at steep
elevation but never makes either filter overconfident (design/tracker/README.md).
"""

from __future__ import annotations

from typing import Final

MODES: Final = 3

# --- track, float64 ------------------------------------------------------------------------------
MU: Final = 0  # 0…2 mode probabilities
EX: Final = 3  # existence probability at EXT
TIME: Final = 4  # s, of the state
MODE: Final = 5  # per mode: x y vx vy, then the ten numbers of the upper triangle of P
STRIDE: Final = 14
Z: Final = 47  # z vz Pzz Pzv Pvv
GX: Final = 52  # moment-matched x y vx vy
GP: Final = 56  # moment-matched Pxx Pyy Pxvx Pyvy Pvxvx Pvyvy: enough for a coarse gate
GXY: Final = 67  # moment-matched Pxy
EXT: Final = 62  # s, of the existence
SHARE: Final = 63  # part of the birth intensity in what started it (the rest: there from the start)
CLAIM_W: Final = 64  # association weight on the claim held
COOP_W: Final = 65  # association weight of all claims
HOPE: Final = (
    66  # existence that its first plot alone gave it; what is worth keeping is relative to it
)
TRACK_F: Final = 68

# --- track, int64 ---------------------------------------------------------------------------------
ID: Final = 0  # 0 until first shown
SEED: Final = 1  # serial number of the plot that started it
BORN: Final = 2  # ns
HIT: Final = 3  # ns
CLAIM: Final = 4
HITS: Final = 5  # plots that fed it (weight > 1/2)
MARKS: Final = 6  # bits MARK_…
MARK_COUNTED: Final = 1  # counted as a birth
MARK_RISEN: Final = 2  # has been certain enough to be shown, at some frame
TRACK_I: Final = 7

# --- plot, float64 --------------------------------------------------------------------------------
P_T: Final = 0  # s
P_X: Final = 1
P_Y: Final = 2
P_Z: Final = 3  # only where P_RZ > 0
P_RXX: Final = 4
P_RXY: Final = 5
P_RYY: Final = 6
P_RZ: Final = 7  # m², ≤ 0 = no height
P_SENSOR: Final = 8
P_FORM: Final = 9  # a FORM_…
P_AZ: Final = 10  # rad, at the sensor
P_RANGE: Final = 11  # m, horizontal (slant for FORM_SLANT) from the sensor
P_TX: Final = 12  # per metre of height: how far the place moves east, north (NaN height only)
P_TY: Final = 13
P_CLUTTER: Final = 14  # relative clutter density: × learned rate = per m² (per rad for a bearing)
P_RR: Final = 15  # m², along range (slant, bearing)
P_RA: Final = 16  # rad², azimuth
P_EL: Final = 17  # rad, elevation of a bearing
P_RE: Final = 18  # rad², ≤ 0 = none
P_DOPPLER: Final = 19  # m/s, or NaN
P_END: Final = 20  # s, when its frame ends
PLOT_F: Final = 21

# --- plot, int64 ----------------------------------------------------------------------------------
Q_SERIAL: Final = 0
Q_CLAIM: Final = 1
Q_ROW: Final = 2  # row in the batch that was handed in; −1 = an earlier batch
Q_TIME: Final = 3  # ns
PLOT_I: Final = 4

FORM_PLACE: Final = 0  # P_X, P_Y are right whatever the track's height is
FORM_SLANT: Final = 1  # ground range depends on the track's height
FORM_BEARING: Final = 2  # no range: placed at the track's own range
FORM_FLAT: Final = 3  # latitude and longitude without height

# --- sensor, float64 ------------------------------------------------------------------------------
S_X: Final = 0
S_Y: Final = 1
S_Z: Final = 2
S_PD: Final = 3
S_RMIN: Final = 4
S_RMAX: Final = 5
S_PERIOD: Final = 6
S_CLUTTER: Final = 7  # learned, false plots per scan
S_CLASS: Final = 8  # a CLASS_…
S_HORIZON: Final = 9  # tan of the elevation below which nothing is seen
S_FRAME: Final = 10  # s, length of a frame
S_LAST: Final = 11  # s, end of the last frame processed; −FAR = none
S_SPREAD: Final = 12  # votes for plots of one scan having one time (snapshot)
S_COS: Final = 13  # running mean of e^{i(az − 2πt/period)}
S_SIN: Final = 14
S_FIRST: Final = 15  # s, of its first frame
S_SEEN: Final = 16  # plots so far (for the weight of the prior)
S_AREA: Final = 17  # m², of the coverage
S_BIAS: Final = 18  # 14 from here: its constant errors (`bias`)
S_MAP: Final = 32  # from here: where its false plots come from (`clutter`)
S_NOISE: Final = 32 + 12 + 10 + 144 + 8  # 3 from here: how noisy it truly is (`noise`)
S_MISSES: Final = S_NOISE + 3  # from here: how often it sees what is there (`misses`)
SENSOR_F: Final = S_MISSES + 6 * 12

CLASS_RADAR: Final = 0
CLASS_COOPERATIVE: Final = 1
CLASS_BEARING: Final = 2

# --- sector-wide, float64 --------------------------------------------------------------------------
F_UNDETECTED: Final = 0  # targets per m² not yet detected, that were there at the start
F_BORN: Final = 1  # … that came since
F_BIRTH: Final = 2  # per m² and s
F_TIME: Final = 3  # s, of the three above
F_BIRTHS: Final = 4  # discounted count of births
F_SPAN: Final = 5  # discounted time they were counted in, s
F_PRESENT: Final = 6  # expected number of targets in the rows
F_SHOW: Final = 7  # existence from which a row is shown
F_LOST: Final = 8  # targets in hypotheses given up in this frame, there from the start
F_LOST_BORN: Final = 9  # … that came since
F_DELAYS: Final = 10  # discounted sum of the time that counted births took to be certain, s
FIELD_F: Final = 11

FAR: Final = 1e18
