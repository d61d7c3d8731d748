//! Figures over windows: their mean, their trend, and how they change with the age of a model.

use super::figures::{BacktestFigure, WindowFigure};
use super::{BacktestSettings, BacktestWindow};
use crate::evaluate::before_after::student_width;
use serde::Serialize;

/// The mean of a figure over the windows, each of which counts once however many rows it has: a window is one try.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PooledFigure {
    /// Which figure.
    pub figure: BacktestFigure,
    /// Windows that have it.
    pub windows: usize,
    /// The mean.
    pub value: f64,
    /// The standard deviation from window to window; none of a single one.
    pub standard_deviation: Option<f64>,
    /// The lower end of Student's interval of the mean.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// By how much a figure changes in thirty days: least squares over windows, with Student's interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FigureTrend {
    /// Which figure.
    pub figure: BacktestFigure,
    /// Windows that have it.
    pub windows: usize,
    /// The change in thirty days.
    pub per_30_days: f64,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

/// The figures of models of one age.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgeFigures {
    /// Days since the refit.
    pub age: f64,
    /// The mean of each figure.
    pub figures: Vec<PooledFigure>,
}

/// How many windows there are, where overlapping ones count for what they add (inferred), and how sure one wants to be.
#[derive(Clone, Copy)]
pub(super) struct Windows {
    confidence: f64,
    /// The part of a window that is new after the one before.
    new: f64,
}

impl Windows {
    pub(super) fn new(settings: &BacktestSettings) -> Self {
        let schedule = &settings.schedule;
        Self { confidence: settings.confidence, new: (schedule.scored_every() / schedule.judged_days()).min(1.0) }
    }

    fn count(self, windows: usize) -> f64 {
        1.0 + (windows as f64 - 1.0) * self.new
    }

    /// The mean of each figure of some windows.
    pub(super) fn pooled(self, windows: &[&[WindowFigure]]) -> Vec<PooledFigure> {
        let values = |figure| windows.iter().filter_map(|figures| value(figures, figure)).collect::<Vec<f64>>();
        named(windows).into_iter().filter_map(|figure| self.mean(figure, &values(figure))).collect()
    }

    /// The mean difference of each figure, the first less the second of the same rows.
    pub(super) fn differences(self, windows: &[[&[WindowFigure]; 2]]) -> Vec<PooledFigure> {
        let firsts: Vec<&[WindowFigure]> = windows.iter().map(|[one, _]| *one).collect();
        let values = |figure| {
            let apart = |[one, two]: &[&[WindowFigure]; 2]| Some(value(one, figure)? - value(two, figure)?);
            windows.iter().filter_map(apart).collect::<Vec<f64>>()
        };
        named(&firsts).into_iter().filter_map(|figure| self.mean(figure, &values(figure))).collect()
    }

    fn mean(self, figure: BacktestFigure, values: &[f64]) -> Option<PooledFigure> {
        if values.is_empty() {
            return None;
        }
        let (mean, standard_deviation) = mean_and_deviation(values);
        let counted = self.count(values.len());
        let width = standard_deviation
            .filter(|_| counted > 1.0)
            .map(|deviation| student_width(self.confidence, counted - 1.0) * deviation / counted.sqrt());
        let (low, high) = (width.map(|width| mean - width), width.map(|width| mean + width));
        Some(PooledFigure { figure, windows: values.len(), value: mean, standard_deviation, low, high })
    }

    /// The change of each figure over time.
    pub(super) fn trends(self, windows: &[BacktestWindow]) -> Vec<FigureTrend> {
        self.slopes(windows, |window| window.at, |_| 0)
    }

    /// The change of each figure with the age of the model, within refits.
    pub(super) fn aging(self, windows: &[BacktestWindow]) -> Vec<FigureTrend> {
        self.slopes(windows, |window| window.age, |window| window.refit)
    }

    /// The figures of each age; none where all are judged at the same age.
    pub(super) fn by_age(self, windows: &[BacktestWindow]) -> Vec<AgeFigures> {
        let mut ages: Vec<f64> = windows.iter().map(|window| window.age).collect();
        ages.sort_by(f64::total_cmp);
        ages.dedup();
        if ages.len() < 2 {
            return Vec::new();
        }
        let of_age = |age: f64| {
            let of = windows.iter().filter(|window| window.age == age);
            AgeFigures { age, figures: self.pooled(&of.map(|window| &window.figures[..]).collect::<Vec<_>>()) }
        };
        ages.into_iter().map(of_age).filter(|age| !age.figures.is_empty()).collect()
    }

    fn slopes(
        self,
        windows: &[BacktestWindow],
        place: fn(&BacktestWindow) -> f64,
        group: fn(&BacktestWindow) -> usize,
    ) -> Vec<FigureTrend> {
        let of_figure = |figure: BacktestFigure| {
            let point =
                |window: &BacktestWindow| Some((group(window), place(window) / 30.0, value(&window.figures, figure)?));
            self.slope(figure, &windows.iter().filter_map(point).collect::<Vec<_>>())
        };
        let figures: Vec<&[WindowFigure]> = windows.iter().map(|window| &window.figures[..]).collect();
        named(&figures).into_iter().filter_map(of_figure).collect()
    }

    /// Least squares within groups; points of a group follow one another.
    fn slope(self, figure: BacktestFigure, points: &[(usize, f64, f64)]) -> Option<FigureTrend> {
        let mut centred = Vec::with_capacity(points.len());
        let mut groups = 0.0;
        for group in points.chunk_by(|one, two| one.0 == two.0) {
            let size = group.len() as f64;
            let x = group.iter().map(|point| point.1).sum::<f64>() / size;
            let y = group.iter().map(|point| point.2).sum::<f64>() / size;
            centred.extend(group.iter().map(|point| (point.1 - x, point.2 - y)));
            groups += 1.0;
        }
        let spread: f64 = centred.iter().map(|(x, _)| x * x).sum();
        if spread <= 0.0 {
            return None;
        }
        let slope = centred.iter().map(|(x, y)| x * y).sum::<f64>() / spread;
        let squares: f64 = centred.iter().map(|(x, y)| (y - slope * x) * (y - slope * x)).sum();
        let all = points.len() as f64;
        let (left, counted) = (all - groups - 1.0, self.count(points.len()));
        let free = counted - groups - 1.0;
        let width = (free > 0.0)
            .then(|| student_width(self.confidence, free) * (squares / left / spread * all / counted).sqrt());
        let (low, high) = (width.map(|width| slope - width), width.map(|width| slope + width));
        Some(FigureTrend { figure, windows: points.len(), per_30_days: slope, low, high })
    }
}

/// The mean and, of more than one, the standard deviation: exactly 0 where all are equal.
pub(super) fn mean_and_deviation(values: &[f64]) -> (f64, Option<f64>) {
    let (count, first) = (values.len() as f64, values.first().copied().unwrap_or(f64::NAN));
    let mean = first + values.iter().map(|value| value - first).sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt()))
}

/// The value of a figure.
pub(super) fn value(figures: &[WindowFigure], figure: BacktestFigure) -> Option<f64> {
    figures.iter().find(|one| one.figure == figure)?.value
}

/// The figures that are measured: those of the first window that was judged.
fn named(windows: &[&[WindowFigure]]) -> Vec<BacktestFigure> {
    let first = windows.iter().find(|figures| !figures.is_empty());
    first.map_or_else(Vec::new, |figures| figures.iter().map(|one| one.figure).collect())
}
