//! A naive Bayes classifier.

use std::collections::HashMap;

/// The bundled training data: a topic, a tab and a text on each line; `#` begins a comment.
pub(super) const TRAINING: &str = include_str!("training.txt");

/// What a classifier looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Features {
    Words,
    /// Words, and each two neighbours.
    WordsAndPairs,
}

/// A trained classifier.
#[derive(Debug)]
pub(super) struct Classifier {
    features: Features,
    topics: Vec<Topic>,
    /// For each feature, how often each topic has it.
    counts: HashMap<String, Vec<u32>>,
}

#[derive(Debug)]
struct Topic {
    name: &'static str,
    texts: u32,
    features: u32,
}

impl Classifier {
    /// Learns from lines like those of [`TRAINING`].
    pub(super) fn train(lines: &'static str, features: Features) -> Self {
        let mut topics: Vec<Topic> = Vec::new();
        let mut counts: HashMap<String, Vec<u32>> = HashMap::new();
        let texts = lines.lines().filter(|line| !line.starts_with('#'));
        for (name, text) in texts.filter_map(|line| line.split_once('\t')) {
            let found = topics.iter().position(|topic| topic.name == name);
            let number = found.unwrap_or_else(|| {
                topics.push(Topic {
                    name,
                    texts: 0,
                    features: 0,
                });
                topics.len() - 1
            });
            topics[number].texts += 1;
            for feature in tokenize(text, features) {
                topics[number].features += 1;
                let of_topics = counts.entry(feature).or_default();
                if of_topics.len() <= number {
                    of_topics.resize(number + 1, 0);
                }
                of_topics[number] += 1;
            }
        }
        Self {
            features,
            topics,
            counts,
        }
    }

    /// How many features it knows.
    pub(super) fn vocabulary(&self) -> usize {
        self.counts.len()
    }

    /// What the classifier looks at in `text`.
    pub(super) fn tokenize(&self, text: &str) -> Vec<String> {
        tokenize(text, self.features)
    }

    /// The topics with their probabilities, the most probable one first.
    pub(super) fn score(&self, features: &[String]) -> Vec<(&'static str, f64)> {
        let texts: u32 = self.topics.iter().map(|topic| topic.texts).sum();
        let vocabulary = u32::try_from(self.counts.len()).unwrap_or(u32::MAX);
        let logarithms: Vec<f64> = self
            .topics
            .iter()
            .enumerate()
            .map(|(number, topic)| {
                let prior = (f64::from(topic.texts) / f64::from(texts)).ln();
                let all = f64::from(topic.features) + f64::from(vocabulary);
                let evidence = features
                    .iter()
                    .filter_map(|feature| self.counts.get(feature))
                    // One more than counted (Laplace): a feature that a topic lacks does not rule it out.
                    .map(|counts| {
                        ((f64::from(counts.get(number).copied().unwrap_or(0)) + 1.0) / all).ln()
                    });
                prior + evidence.sum::<f64>()
            })
            .collect();
        // Probabilities relative to the best one, which keeps them from all being rounded to 0.
        let best = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = logarithms.iter().map(|logarithm| (logarithm - best).exp());
        let total: f64 = weights.clone().sum();
        let mut scores: Vec<_> = self
            .topics
            .iter()
            .zip(weights)
            .map(|(topic, weight)| (topic.name, weight / total))
            .collect();
        scores.sort_by(|a, b| b.1.total_cmp(&a.1));
        scores
    }
}

fn tokenize(text: &str, features: Features) -> Vec<String> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let pairs: Vec<String> = match features {
        Features::Words => Vec::new(),
        Features::WordsAndPairs => words.windows(2).map(|pair| pair.join(" ")).collect(),
    };
    words.into_iter().chain(pairs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(classifier: &Classifier, text: &str) -> &'static str {
        classifier.score(&classifier.tokenize(text))[0].0
    }

    #[test]
    fn unseen_texts_are_told_apart() {
        for features in [Features::Words, Features::WordsAndPairs] {
            let classifier = Classifier::train(TRAINING, features);
            for (topic, text) in [
                ("sport", "The goalkeeper won the final!"),
                ("weather", "snow and rain, strong wind tonight"),
                ("cooking", "fry the garlic in butter"),
                ("finance", "the bank sold its shares"),
                ("travel", "a hotel near the airport"),
                ("computing", "the server crashed, a bug in the code"),
            ] {
                assert_eq!(best(&classifier, text), topic, "{text}");
            }
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        let classifier = Classifier::train(TRAINING, Features::WordsAndPairs);
        for text in [
            "",
            "rain",
            "unheardof gibberish",
            "the bank of the river in the rain",
        ] {
            let scores = classifier.score(&classifier.tokenize(text));
            assert_eq!(scores.len(), 6);
            let total: f64 = scores.iter().map(|(_, probability)| probability).sum();
            assert!((total - 1.0).abs() < 1e-9, "{text}: {total}");
        }
    }

    #[test]
    fn pairs_are_features_of_their_own() {
        assert_eq!(
            tokenize("A b, c", Features::WordsAndPairs),
            ["a", "b", "c", "a b", "b c"]
        );
        assert_eq!(tokenize("A b, c", Features::Words), ["a", "b", "c"]);
    }
}
