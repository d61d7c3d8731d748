//! The refits of a schedule, made one after another, and what their models say of the rows that followed.

use super::figures::{Judge, WindowRows};
use super::stability::{RankStability, ranks, shift};
use super::{
    BacktestOutcome, BacktestRefit, BacktestScores, BacktestState, BacktestTerm, BacktestWindow, OriginRefit,
    RollingOrigin, TermKind,
};
use crate::{Error, Result, parallel};

/// The scores of a model.
pub(super) struct Scored {
    /// Ascending.
    rows: Vec<usize>,
    scores: Vec<f64>,
}

impl Scored {
    /// The scores of some of its rows.
    pub(super) fn of(&self, rows: &[usize]) -> Vec<f64> {
        rows.iter().filter_map(|row| self.rows.binary_search(row).ok().map(|place| self.scores[place])).collect()
    }
}

/// What became of every refit.
pub(super) struct Past {
    pub(super) refits: Vec<BacktestRefit>,
    /// The terms of each model; none where there is no model.
    pub(super) terms: Vec<Vec<BacktestTerm>>,
    schedule: Vec<OriginRefit>,
    models: Vec<Option<Scored>>,
    kind: TermKind,
}

impl Past {
    /// Makes the refits.
    pub(super) fn learn(
        judge: &Judge<'_>,
        settings: &RollingOrigin,
        schedule: Vec<OriginRefit>,
        mut fit: impl FnMut(&[usize], &[usize]) -> Result<BacktestScores>,
    ) -> Result<Self> {
        let (mut refits, mut terms, mut models) = (Vec::new(), Vec::new(), Vec::new());
        let (mut kind, mut is_first) = (TermKind::Coefficient, true);
        for (place, refit) in schedule.iter().enumerate() {
            // The first model is judged on all that follows, any other also beside the next one.
            let later = if is_first { &schedule[place..] } else { &schedule[place..schedule.len().min(place + 2)] };
            let test = judged_rows(later);
            let training = judge.count(&refit.train);
            let origin = refit.origin;
            let made = made(judge, settings, training, refit, &test, &mut fit)
                .map_err(|error| error.of(format!("refit of day {origin}")))?;
            let (state, reason, scores, of_model) = match made {
                Ok(learned) => {
                    (kind, is_first) = (learned.kind, false);
                    (BacktestState::Judged, None, Some(Scored { rows: test, scores: learned.scores }), learned.terms)
                }
                Err((state, reason)) => (state, Some(reason), None, Vec::new()),
            };
            refits.push(BacktestRefit { origin, state, reason, training, not_known_yet: refit.not_known_yet });
            terms.push(of_model);
            models.push(scores);
        }
        Ok(Self { refits, terms, schedule, models, kind })
    }

    /// Judges every window.
    pub(super) fn windows(&self, judge: &Judge<'_>, settings: &RollingOrigin) -> Result<Vec<BacktestWindow>> {
        let first = self.models.iter().position(Option::is_some);
        let place = |(refit, of): (usize, &OriginRefit)| (0..of.windows.len()).map(move |window| (refit, window));
        let places: Vec<(usize, usize)> = self.schedule.iter().enumerate().flat_map(place).collect();
        let mut windows =
            parallel::map(places.clone(), |(refit, window)| self.window(judge, settings, first, refit, window));
        let judged: Vec<usize> = (0..windows.len()).filter(|&at| !windows[at].figures.is_empty()).collect();
        let comparisons = judged.len().saturating_sub(1).max(1);
        let rows = |at: usize| &self.schedule[places[at].0].windows[places[at].1].test[..];
        for pair in judged.windows(2) {
            // One model scores both: two models differ in their scores even where the customers do not.
            let Some(model) = &self.models[places[pair[0]].0] else { continue };
            let (before, now) = (model.of(rows(pair[0])), model.of(rows(pair[1])));
            if now.len() == rows(pair[1]).len() {
                let found = shift(judge, (rows(pair[0]), &before), (rows(pair[1]), &now), comparisons)?;
                windows[pair[1]].score_shift = Some(found);
            }
        }
        Ok(windows)
    }

    fn window(
        &self,
        judge: &Judge<'_>,
        settings: &RollingOrigin,
        first: Option<usize>,
        refit: usize,
        window: usize,
    ) -> BacktestWindow {
        let of = &self.schedule[refit].windows[window];
        let judged = judge.count(&of.test);
        let (state, reason) = self.state(settings, refit, judged);
        let figures = |model: Option<usize>| {
            let model = model.filter(|_| state == BacktestState::Judged).and_then(|model| self.models[model].as_ref());
            model.map_or_else(Vec::new, |model| judge.figures(&of.test, &model.of(&of.test)))
        };
        BacktestWindow {
            refit,
            at: of.at,
            age: of.age,
            after: of.after,
            up_to: of.up_to,
            complete: of.complete,
            overlaps: of.overlaps,
            state,
            reason,
            judged,
            figures: figures(Some(refit)),
            first_model: figures(first.filter(|&first| first < refit)),
            model_before: figures(refit.checked_sub(1)),
            score_shift: None,
        }
    }

    fn state(&self, settings: &RollingOrigin, refit: usize, judged: WindowRows) -> (BacktestState, Option<String>) {
        if judged.rows == 0 {
            return (BacktestState::NoRows, Some("there are no rows in these days".into()));
        }
        let refit = &self.refits[refit];
        if refit.state != BacktestState::Judged {
            return (refit.state, refit.reason.clone());
        }
        let few = too_few(settings, judged, "to judge by");
        (if few.is_some() { BacktestState::TooFewToJudge } else { BacktestState::Judged }, few)
    }

    /// How the models rank the rows of their windows beside the model before them.
    pub(super) fn ranks(&self, judge: &Judge<'_>) -> Result<Vec<RankStability>> {
        let rows: Vec<Vec<usize>> =
            self.schedule.iter().map(|refit| judged_rows(std::slice::from_ref(refit))).collect();
        ranks(judge, &rows, &self.models)
    }

    pub(super) fn term_kind(&self) -> Option<TermKind> {
        self.terms.iter().any(|terms| !terms.is_empty()).then_some(self.kind)
    }
}

/// What one model says, or why there is none.
fn made(
    judge: &Judge<'_>,
    settings: &RollingOrigin,
    training: WindowRows,
    refit: &OriginRefit,
    test: &[usize],
    fit: &mut impl FnMut(&[usize], &[usize]) -> Result<BacktestScores>,
) -> Result<std::result::Result<BacktestScores, (BacktestState, String)>> {
    if let Some(few) = too_few(settings, training, "to learn from") {
        return Ok(Err((BacktestState::TooFewToLearn, few)));
    }
    if test.is_empty() {
        return Ok(Err((BacktestState::NoRows, "there are no rows for it to score".into())));
    }
    match fit(&refit.train, test) {
        Ok(learned) => {
            check_scores(judge, test, &learned.scores)?;
            Ok(Ok(learned))
        }
        Err(error) if is_of_the_data(&error) => Ok(Err((BacktestState::NotLearned, error.to_string()))),
        Err(error) => Err(error),
    }
}

/// What should be known of a schedule before its figures are read.
pub(super) fn findings(settings: &RollingOrigin, refits: &[OriginRefit], days: &[f64]) -> Vec<String> {
    let windows = || refits.iter().flat_map(|refit| &refit.windows);
    let empty = windows().filter(|window| window.test.is_empty()).count();
    let overlapping = windows().filter(|window| window.overlaps).count();
    let incomplete = windows().filter(|window| !window.complete).count();
    let not_known_yet = refits.iter().map(|refit| refit.not_known_yet).max().unwrap_or(0);
    let from = refits.first().map_or(f64::INFINITY, |refit| refit.origin + settings.gap);
    let missed = days.iter().filter(|&&day| day > from).count() - judged_rows(refits).len();
    let last = days.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let too_young = judged_rows(refits).iter().filter(|&&row| days[row] + settings.outcome_known_after > last).count();
    let told = [
        (
            too_young,
            format!(
                "{too_young} of the judged rows are younger than `outcome_known_after` on the last day of the data: events of \
                 theirs may be missing still, and the last windows look worse calibrated than they are. Leave such rows out."
            ),
        ),
        (empty, format!("{empty} of the windows hold no row.")),
        (
            overlapping,
            format!(
                "{overlapping} of the windows begin before an earlier one ends: they judge some rows twice, which intervals \
                 over windows allow for only as far as `horizon` is longer than `score_every`."
            ),
        ),
        (
            incomplete,
            format!("{incomplete} of the windows end after the last day, so they are judged by a part of their rows."),
        ),
        (
            not_known_yet,
            format!(
                "up to {not_known_yet} rows per refit were left out of learning, because their outcome was not known on its day."
            ),
        ),
        (
            missed,
            format!(
                "{missed} rows after the first origin and the gap lie in no window: `horizon` is shorter than the step."
            ),
        ),
    ];
    told.into_iter().filter(|(count, _)| *count > 0).map(|(_, finding)| finding).collect()
}

/// The rows of all windows, ascending, each once.
fn judged_rows(refits: &[OriginRefit]) -> Vec<usize> {
    let mut rows: Vec<usize> =
        refits.iter().flat_map(|refit| &refit.windows).flat_map(|window| &window.test).copied().collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// In words, what is too little.
fn too_few(settings: &RollingOrigin, found: WindowRows, what_for: &str) -> Option<String> {
    let (rows, least) = (found.rows, settings.least_rows.max(1));
    if rows < least {
        return Some(format!("{rows} rows {what_for} where at least {least} are asked for"));
    }
    let (events, least) = (found.events?, settings.least_events.max(1));
    let (rarer, which) =
        if events <= rows - events { (events, "events") } else { (rows - events, "rows without the event") };
    (rarer < least).then(|| format!("{rarer} {which} {what_for} where at least {least} are asked for"))
}

/// Whether a fit failed for what there was to learn from, as it may in the middle of a backtest.
fn is_of_the_data(error: &Error) -> bool {
    matches!(
        error.cause(),
        Error::NotEnoughData { .. }
            | Error::OneClass { .. }
            | Error::NoVariation { .. }
            | Error::Collinear { .. }
            | Error::Separation { .. }
            | Error::NotConverged { .. }
    )
}

fn check_scores(judge: &Judge<'_>, test: &[usize], scores: &[f64]) -> Result<()> {
    if scores.len() != test.len() {
        return Err(Error::WrongLength { what: "the scores".into(), expected: test.len(), found: scores.len() });
    }
    let (sound, must_be): (fn(f64) -> bool, _) = match judge.outcome {
        BacktestOutcome::Probability(_) => (
            |score| (0.0..=1.0).contains(&score),
            "it must be a number in [0, 1]; judge scores of another scale as a ranking",
        ),
        BacktestOutcome::Ranking(_) => (f64::is_finite, "it must be a finite number"),
        BacktestOutcome::Number { .. } => (|score| score.abs() <= 1e100, "it must be a number in [-1e100, 1e100]"),
    };
    match scores.iter().position(|&score| !sound(score)) {
        Some(place) => Err(Error::invalid_value("the score", test[place], scores[place], must_be)),
        None => Ok(()),
    }
}
