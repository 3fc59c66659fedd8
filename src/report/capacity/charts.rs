//! The charts of a search.

use super::{Case, Language, Step, UslFit, words};
use crate::report::ReportError;
use crate::report::chart::Chart;
use crate::report::chart::plot::{Band, COLOURS, GREY, Marks, Plot, RED, Shape, Stretch, highest, limits};
use crate::sizing::{StepVerdict, Usl};
use crate::slo::{Objective, Samples};

/// Most resources in a chart; more could not be told apart by colour.
const MOST_SERVICES: usize = 6;

/// Every chart of one case, in the order of the page.
pub(super) fn all(case: &Case, objectives: &[Objective], language: Language) -> Result<Vec<Chart>, ReportError> {
    let mut charts = vec![throughput(case, language)?, latency(case, objectives, language)?];
    if let Some(UslFit::Fit(usl)) = &case.model {
        charts.push(model(usl, language)?);
    }
    charts.push(utilisation(case, language)?);
    charts.push(queueing(case, language)?);
    Ok(charts)
}

fn number(value: f64) -> String {
    if value.fract().abs() < 1e-9 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

fn measured(case: &Case) -> impl Iterator<Item = &Step> {
    case.steps
        .iter()
        // A step that the generator or the machine limited says nothing about the system.
        .filter(|step| step.tried.answer != StepVerdict::Limited)
}

fn width(case: &Case) -> f64 {
    case.steps.iter().map(|step| step.tried.rate).fold(1.0, f64::max) * 1.08
}

/// The band between the held and the broken rate, in which the capacity lies.
fn bracket(case: &Case, language: Language) -> Vec<Band> {
    let (Some(from), Some(to)) = (case.found.holds, case.found.broken) else {
        return Vec::new();
    };
    vec![Band {
        label: language.say("capacity", "capacité").to_owned(),
        from,
        to,
        stretch: Stretch::Unjudged,
    }]
}

/// One set of marks for each answer.
fn by_answer(case: &Case, language: Language, value: impl Fn(&Step) -> Option<f64>) -> Vec<Marks> {
    let of = |answer, index: usize, shape| {
        let steps = measured(case).filter(|step| step.tried.answer == answer);
        let points = steps.filter_map(|step| Some((step.tried.rate, value(step)?))).collect();
        let mut marks = Marks::new(words::answer(answer, language), index, shape, points);
        if answer == StepVerdict::Missed {
            marks.colour = RED;
        }
        marks
    };
    vec![
        of(StepVerdict::Met, 2, Shape::Dots),
        of(StepVerdict::Missed, 1, Shape::Crosses),
        of(StepVerdict::Undecided, 4, Shape::Dots),
    ]
}

fn throughput(case: &Case, language: Language) -> Result<Chart, ReportError> {
    let x = 0.0..width(case);
    let mut marks = by_answer(case, language, |step| Some(step.reading.throughput));
    let top = highest(&marks).max(1.0) * 1.15;
    marks.push(Marks {
        label: language.say("all that is offered", "tout ce qui est offert").to_owned(),
        colour: GREY,
        shape: Shape::Dashes,
        points: vec![(0.0, 0.0), (x.end.min(top), x.end.min(top))],
    });
    let plot = Plot {
        name: "capacity-throughput",
        x_label: language.say("offered journeys per second", "parcours offerts par seconde"),
        y_label: language.say("answered per second", "aboutis par seconde"),
        x,
        y: 0.0..top,
        logarithmic: false,
        x_text: number,
        row_text: number,
        language,
        bands: bracket(case, language),
        cells: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "throughput",
        title: language
            .say("Throughput against offered load", "Débit selon la charge offerte")
            .to_owned(),
        caption: language
            .say(
                "Each point is a step. Points below the dashed line: the system did not keep up. Shaded: the bracket.",
                "Chaque point est un palier. Sous la ligne tiretée, le système ne suit plus. Grisé : l’encadrement.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.draw()?,
    })
}

fn latency(case: &Case, objectives: &[Objective], language: Language) -> Result<Chart, ReportError> {
    let x = 0.0..width(case);
    let mut marks = by_answer(case, language, |step| step.reading.p95);
    // A p95 among failures is infinite and stands at the top of the chart.
    let failing = measured(case).filter(|step| step.reading.p95.is_none());
    let top = highest(&marks);
    marks.push(Marks {
        label: language.say("p95 among failures", "p95 parmi les échecs").to_owned(),
        colour: GREY,
        shape: Shape::Crosses,
        points: failing.map(|step| (step.tried.rate, top)).collect(),
    });
    if let Some(objective) = objectives
        .iter()
        .find(|objective| objective.samples() == Some(Samples::ResponseTimes))
    {
        marks.extend(limits(objective, &x, language));
    }
    let plot = Plot {
        name: "capacity-latency",
        x_label: language.say("offered journeys per second", "parcours offerts par seconde"),
        y_label: language.say("p95 in milliseconds", "p95 en millisecondes"),
        y: 0.0..highest(&marks) * 1.1,
        x,
        logarithmic: false,
        x_text: number,
        row_text: number,
        language,
        bands: bracket(case, language),
        cells: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "latency",
        title: language
            .say("p95 against offered load", "p95 selon la charge offerte")
            .to_owned(),
        caption: language
            .say(
                "Response times of all requests, from their intended start, with the objective's limits.",
                "Temps de réponse de toutes les requêtes depuis l’instant prévu, avec les limites de l’objectif.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.logarithmic().draw()?,
    })
}

fn model(usl: &Usl, language: Language) -> Result<Chart, ReportError> {
    let levels = usl.levels.iter();
    let measured = levels.map(|level| (level.concurrency, level.throughput)).collect();
    let line = |value: fn(&crate::sizing::Estimate) -> f64| {
        let points = usl.drawn.iter();
        points
            .map(|point| (point.concurrency, value(&point.throughput)))
            .collect::<Vec<_>>()
    };
    let marks = vec![
        Marks::new(language.say("measured", "mesuré"), 0, Shape::Dots, measured),
        Marks::new(
            language.say("fitted", "ajusté"),
            1,
            Shape::Line,
            line(|estimate| estimate.point),
        ),
        Marks::new(
            language.say("95 % band, low", "bande à 95 %, bas"),
            5,
            Shape::Dashes,
            line(|estimate| estimate.low),
        ),
        Marks::new(
            language.say("high", "haut"),
            3,
            Shape::Dashes,
            line(|estimate| estimate.high),
        ),
    ];
    let points = marks.iter().flat_map(|marks| &marks.points);
    let right = points.map(|(x, _)| *x).fold(1.0, f64::max);
    let plot = Plot {
        name: "capacity-model",
        x_label: language.say("requests in the system at once", "requêtes simultanées dans le système"),
        y_label: language.say("journeys per second", "parcours par seconde"),
        y: 0.0..highest(&marks) * 1.1,
        x: 0.0..right * 1.02,
        logarithmic: false,
        x_text: number,
        row_text: number,
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "model",
        title: language
            .say("Universal Scalability Law", "Loi universelle de passage à l’échelle")
            .to_owned(),
        caption: language
            .say(
                "X(N) = λN / (1 + σ(N−1) + κN(N−1)); drawn to one and a half times what was measured and no further. Dots: the closed system \
                 that answers in the time of each step.",
                "X(N) = λN / (1 + σ(N−1) + κN(N−1)) ; tracée jusqu’à une fois et demie ce qui fut mesuré, pas au-delà. Points : le système \
                 fermé qui répond dans le temps de chaque palier.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.draw()?,
    })
}

/// Utilisation of each resource, as a share of the cores it may use; the resource that saturates first comes first.
fn utilisation(case: &Case, language: Language) -> Result<Chart, ReportError> {
    let used = |demand: &crate::sizing::Demand| {
        let at = |step: &Step| {
            let usage = step.reading.usage.iter().find(|usage| usage.service == demand.name);
            let cores = usage.map_or(step.reading.host, |usage| usage.cores);
            (step.tried.rate, 100.0 * cores / demand.cores)
        };
        let mut points: Vec<(f64, f64)> = measured(case).map(at).collect();
        // Steps are in the order of the search, and a line joins neighbours.
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        points
    };
    let demands = case.demands.iter().take(MOST_SERVICES).enumerate();
    let marks: Vec<Marks> = demands
        .map(|(index, demand)| Marks::new(demand.name.clone(), index % COLOURS.len(), Shape::Line, used(demand)))
        .collect();
    let plot = Plot {
        name: "capacity-utilisation",
        x_label: language.say("offered journeys per second", "parcours offerts par seconde"),
        y_label: language.say("% of its cores", "% de ses cœurs"),
        x: 0.0..width(case),
        y: 0.0..highest(&marks).max(100.0) * 1.1,
        logarithmic: false,
        x_text: number,
        row_text: number,
        language,
        bands: bracket(case, language),
        cells: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "utilisation",
        title: language
            .say("Utilisation per service", "Occupation par service")
            .to_owned(),
        caption: language
            .say(
                "Of the cores that a service may use: its limit, or what its processes can run on.",
                "Rapportée aux cœurs qu’un service peut employer : sa limite, ou ce que ses processus savent occuper.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.draw()?,
    })
}

/// Service time against the first resource's utilisation, with the curve of a single queue, S / (1 − ρ).
fn queueing(case: &Case, language: Language) -> Result<Chart, ReportError> {
    let first = case.demands.first();
    let place = |step: &Step| {
        let demand = first?;
        let usage = step.reading.usage.iter().find(|usage| usage.service == demand.name);
        let cores = usage.map_or(step.reading.host, |usage| usage.cores);
        (step.reading.service > 0.0).then_some((100.0 * cores / demand.cores, step.reading.service))
    };
    let points: Vec<(f64, f64)> = measured(case).filter_map(place).collect();
    // Without load a request takes its service demand, estimated from the step with the lowest utilisation.
    let least = points.iter().min_by(|one, other| one.0.total_cmp(&other.0)).copied();
    let alone = least.map_or(0.0, |(used, time)| time * (1.0 - (used / 100.0).min(0.99)));
    // The formula has its pole at 100 %; the last twentieth would press all the rest flat.
    let curve = (0..=95).map(|used| (f64::from(used), alone / (1.0 - f64::from(used) / 100.0)));
    let marks = vec![
        Marks::new(language.say("measured", "mesuré"), 0, Shape::Dots, points.clone()),
        Marks::new(
            "S / (1 − ρ)",
            3,
            Shape::Dashes,
            if points.is_empty() { Vec::new() } else { curve.collect() },
        ),
    ];
    let right = points.iter().map(|(used, _)| *used).fold(100.0, f64::max);
    let plot = Plot {
        name: "capacity-queueing",
        x_label: language.say(
            "utilisation of the first resource to fill, %",
            "occupation de la première ressource saturée, %",
        ),
        y_label: language.say("mean ms", "moyenne en ms"),
        y: 0.0..highest(&marks) * 1.1,
        x: 0.0..right * 1.02,
        logarithmic: false,
        x_text: number,
        row_text: number,
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    };
    Ok(Chart {
        name: "queueing",
        title: language.say("Utilisation against response time", "Temps de réponse selon l’occupation").to_owned(),
        caption: language
            .say(
                "Mean service time of a request. Dashed: a single queue before that resource (M/M/1), from the least loaded step.",
                "Temps de service moyen d’une requête. Tireté : une file unique devant cette ressource (M/M/1), d’après le palier le moins chargé.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.logarithmic().draw()?,
    })
}

/// Held and broken rates against the swept value; `None` with fewer than two numbers among the values.
pub(super) fn sweep(cases: &[Case], language: Language) -> Result<Option<Chart>, ReportError> {
    let value = |case: &Case| case.sweep.as_ref().and_then(|(_, value)| value.parse::<f64>().ok());
    let line = |of: fn(&Case) -> Option<f64>| {
        let points = cases.iter().filter_map(|case| Some((value(case)?, of(case)?)));
        points.collect::<Vec<_>>()
    };
    let marks = vec![
        Marks::new(
            language.say("holds", "tient"),
            2,
            Shape::Line,
            line(|case| case.found.holds),
        ),
        Marks::new(
            language.say("broken", "cède"),
            1,
            Shape::Line,
            line(|case| case.found.broken),
        ),
    ];
    if marks.iter().map(|marks| marks.points.len()).max().unwrap_or(0) < 2 {
        return Ok(None);
    }
    let places = marks.iter().flat_map(|marks| &marks.points).map(|(x, _)| *x);
    let right = places.fold(0.0, f64::max);
    let plot = Plot {
        name: "capacity-sweep",
        x_label: language.say("value of the sweep", "valeur balayée"),
        y_label: language.say("journeys per second", "parcours par seconde"),
        x: 0.0..right * 1.08,
        y: 0.0..highest(&marks) * 1.15,
        logarithmic: false,
        x_text: |value| format!("{}", (value * 100.0).round() / 100.0),
        row_text: |value| format!("{}", (value * 100.0).round() / 100.0),
        language,
        bands: Vec::new(),
        cells: Vec::new(),
        marks,
    };
    Ok(Some(Chart {
        name: "sweep",
        title: language
            .say("Capacity against the swept value", "Capacité selon la valeur balayée")
            .to_owned(),
        caption: language
            .say(
                "Between both lines lies the capacity.",
                "La capacité est entre les deux lignes.",
            )
            .to_owned(),
        description: plot.described(),
        data: plot.table(),
        language,
        svg: plot.draw()?,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    /// The texts of a drawing, each of which the library puts on a line of its own.
    fn texts(chart: &Chart) -> Vec<String> {
        let svg = chart.svg.as_deref().unwrap_or_default();
        let lines = svg.lines().filter(|line| !line.starts_with('<'));
        lines.map(str::to_owned).collect()
    }

    /// Number of texts with a digit on either side of that mark.
    fn divided(texts: &[String], mark: char) -> usize {
        let inside = |text: &&String| {
            let letters: Vec<char> = text.chars().collect();
            letters.windows(3).any(|three| {
                three.get(1) == Some(&mark)
                    && three.first().is_some_and(char::is_ascii_digit)
                    && three.last().is_some_and(char::is_ascii_digit)
            })
        };
        texts.iter().filter(inside).count()
    }

    #[test]
    fn french_charts_divide_numbers_by_commas() {
        let document = fixture::document();
        let sweep = |value: &str, holds| {
            let mut case = Case {
                sweep: Some(("stack.limits.api.cpus".to_owned(), value.to_owned())),
                ..fixture::case()
            };
            (case.found.holds, case.found.broken) = (Some(holds), Some(holds * 1.1));
            case
        };
        let swept = [sweep("0.25", 2.5), sweep("0.5", 5.0)];
        let drawn = |language| {
            let mut charts = Vec::new();
            for case in &document.cases {
                charts.extend(all(case, &document.objectives, language).unwrap());
            }
            charts.extend(super::sweep(&swept, language).unwrap());
            charts.iter().map(texts).collect::<Vec<_>>()
        };
        let (english, french) = (drawn(Language::English), drawn(Language::French));
        assert!(english.len() >= 6);
        for (english, french) in english.iter().zip(&french) {
            assert!(!english.is_empty() && english.len() == french.len());
            assert_eq!(divided(french, '.'), 0, "{french:?}");
            assert_eq!(divided(english, '.'), divided(french, ','), "{english:?} {french:?}");
        }
        let in_all: usize = french.iter().map(|texts| divided(texts, ',')).sum();
        assert!(in_all >= 10, "{french:?}");
    }
}
